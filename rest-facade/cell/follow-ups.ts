import { list, one, remove, update, write } from '../engine/rows.js';
import { as, constant, derived, identity, pick, required } from '../engine/shapes.js';
import type { Call, Shape } from '../engine/types.js';
import { customerMissing, followUpKind, followUpWord, instant, missing, tenantCode } from './dialect.js';

export const FollowUp: Shape = {
  followUpId: 'id',
  tenantId: tenantCode,
  customerId: 'customer.id',
  opportunityId: 'opportunity.id',
  contactId: 'contact.id',
  content: 'content',
  followUpType: { ...derived({ kind: 'kind', word: 'kindLabel' }, followUpWord), wire: { type: 'string' } },
  createdAt: as('createdAt', instant),
  updatedAt: as('updatedAt', instant),
};

const typeSent = ({ request }: Call): unknown => (request.body as { followUpType?: unknown } | undefined)?.followUpType;

/** The kind that follows from the word sent as `followUpType`. */
const kind = (assumed?: string): Shape => ({
  kind: as('$input.kind', followUpKind, { unset: (call: Call) => typeSent(call) ?? assumed }),
});
/** Follow-ups are recorded after they took place. */
const done: Shape = { status: as('$input.status', identity, { unset: 'COMPLETED' }) };

const Body: Shape = {
  content: required('content'),
  customerId: 'customer',
  opportunityId: 'opportunity',
  contactId: 'contact',
  followUpType: 'kindLabel',
};

const messages = {
  NOT_FOUND: { message: '跟进记录不存在' },
  'REQUIRED content': { message: '请填写跟进内容' },
  ...customerMissing,
  ...missing('opportunityId', '商机不存在'),
  ...missing('contactId', '联系人不存在'),
};

export const followUpRows = [
  list('GET /follow-ups', 'activities', FollowUp, { customerId: 'customer', opportunityId: 'opportunity' }),
  one('GET /follow-ups/:id', 'activity', FollowUp, {}, { messages }),
  write('POST /follow-ups', 'activityCreate', FollowUp, Body, {
    status: 201,
    messages,
    path: { ...kind('call'), ...done },
  }),
  update(
    'PATCH /follow-ups/:id',
    'activityUpdate',
    FollowUp,
    { content: 'content', ...pick(Body, 'followUpType') },
    { messages, path: kind() },
  ),
  remove(
    'DELETE /follow-ups/:id',
    'activityDelete',
    { followUpId: 'deletedId', deleted: constant(true) },
    { messages },
  ),
];
