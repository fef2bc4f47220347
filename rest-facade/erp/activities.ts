import { list, one, remove, update, write } from '../engine/rows.js';
import { as, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import { activityStatus, activityType, attachments, instant, nothing, parties, priority, written } from './dialect.js';

const Beginning: Shape = {
  id: 'id',
  ...parties,
  type: as('kind', activityType),
  subject: 'subject',
  description: 'content',
};
const status = as('status', activityStatus);
const Times: Shape = { startTime: as('startsAt', instant), endTime: as('endsAt', instant) };
const More: Shape = { location: 'location', status, priority: as('priority', priority), ...Times, outcome: 'outcome' };

export const Activity: Shape = { ...Beginning, status, ...Times, ...written };
export const Detail: Shape = { ...Beginning, ...More, attachments, ...written };
const Body: Shape = {
  accountId: 'customer',
  contactId: 'contact',
  ...pick(Beginning, 'type', 'subject', 'description'),
  ...More,
};
const NewBody: Shape = {
  ...Body,
  accountId: required('customer'),
  type: required('kind', activityType),
  subject: required('subject'),
};
const Filter: Shape = {
  accountId: 'customer',
  type: as('kind', activityType),
  status,
  startDate: 'startsFrom',
  endDate: 'startsUntil',
};

const messages = {
  NOT_FOUND: { code: 4003, message: '活动不存在' },
  'INVALID type': { code: 4007, message: '活动类型错误' },
  TRANSITION_NOT_ALLOWED: { message: '活动状态不允许此变更' },
  DATES_REVERSED: { message: '结束时间早于开始时间' },
};

export const activityRows = [
  list('GET /activities', 'activities', Activity, Filter, { messages }),
  one('GET /activities/:id', 'activity', Detail, {}, { messages }),
  write('POST /activities', 'activityCreate', pick(Detail, 'id'), NewBody, { messages }),
  update('PUT /activities/:id', 'activityUpdate', Detail, Body, { messages, answer: nothing }),
  remove('DELETE /activities/:id', 'activityDelete', {}, { messages, answer: nothing }),
];
