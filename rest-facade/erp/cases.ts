import { list, one, remove, update, write } from '../engine/rows.js';
import { as, each, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import { attachments, caseStatus, caseType, instant, nothing, parties, priority, written } from './dialect.js';

const Beginning: Shape = { id: 'id', caseNo: 'code', ...parties, subject: 'subject' };
const Kind: Shape = {
  type: as('kind', caseType),
  priority: as('priority', priority),
  status: as('status', caseStatus),
};

export const Case: Shape = { ...Beginning, ...Kind, ...written };

export const Comment: Shape = {
  id: 'id',
  content: 'content',
  createdBy: 'author.login',
  createdAt: as('createdAt', instant),
};

export const Detail: Shape = {
  ...Beginning,
  description: 'description',
  ...Kind,
  resolution: 'resolution',
  responseTime: as('respondedAt', instant),
  resolutionTime: as('resolvedAt', instant),
  attachments,
  comments: each('comments(first: 500).nodes', Comment),
  ...written,
};

const Body: Shape = {
  accountId: 'customer',
  contactId: 'contact',
  ...pick(Detail, 'subject', 'description', 'type', 'priority', 'status', 'resolution'),
};
const Filter: Shape = {
  accountId: 'customer',
  caseNo: 'code',
  subject: 'subject',
  ...pick(Kind, 'status', 'priority', 'type'),
  createdDateStart: 'createdFrom',
  createdDateEnd: 'createdUntil',
};

const wrongStatus = { status: 400, code: 4008, message: '反馈状态错误' };
const messages = {
  NOT_FOUND: { code: 4004, message: '反馈不存在' },
  'INVALID status': wrongStatus,
  TRANSITION_NOT_ALLOWED: wrongStatus,
};

export const caseRows = [
  list('GET /cases', 'cases', Case, Filter, { messages }),
  one('GET /cases/:id', 'case', Detail, {}, { messages }),
  write(
    'POST /cases',
    'caseCreate',
    pick(Detail, 'id', 'caseNo'),
    { ...Body, accountId: required('customer'), subject: required('subject') },
    { messages },
  ),
  update('PUT /cases/:id', 'caseUpdate', Detail, Body, { messages, answer: nothing }),
  remove('DELETE /cases/:id', 'caseDelete', {}, { messages, answer: nothing }),
  write(
    'POST /cases/:id/comments',
    'caseCommentCreate',
    { commentId: 'id' },
    { content: required('content') },
    {
      messages: { ...messages, 'UNKNOWN_REFERENCE id': { status: 404, ...messages.NOT_FOUND } },
      path: { id: '$input.case' },
      record: 'caseComment',
    },
  ),
  write(
    'POST /cases/:id/close',
    'caseClose',
    {},
    { resolution: 'resolution', satisfaction: 'satisfaction' },
    { messages, answer: nothing },
  ),
];
