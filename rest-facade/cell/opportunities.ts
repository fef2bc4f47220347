import { csv } from '../engine/files/csv.js';
import { list, one, remove, update, write } from '../engine/rows.js';
import { as, constant, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import {
  asFile,
  cents,
  currency,
  customerMissing,
  opportunityStatus,
  instant,
  stage,
  tenantCode,
  user,
} from './dialect.js';

export const Opportunity: Shape = {
  opportunityId: 'id',
  tenantId: tenantCode,
  customerId: 'customer.id',
  title: 'name',
  amountCents: as('amount.amount', cents),
  currency: as('amount.currency', currency),
  stage: as('stage', stage),
  status: as('stage', opportunityStatus),
  ownerId: 'owner.id',
  createdAt: as('createdAt', instant),
  updatedAt: as('updatedAt', instant),
};

/** Fields of a new opportunity. */
export const NewOpportunity: Shape = {
  customerId: required('customer'),
  title: required('name'),
  amountCents: as('amount.amount', cents, { unset: 0 }),
  currency: 'amount.currency',
  stage: as('stage', stage, { unset: 1 }),
};

/**
 * A status that closes the opportunity takes precedence over the stage that is sent with it. The dialect has one amount: of
 * a won opportunity it is what it was won with as well.
 */
const Changes: Shape = {
  title: 'name',
  amountCents: as('amount.amount', cents, { also: as('actualAmount.amount', cents, { where: { stage: 5 } }) }),
  currency: 'amount.currency',
  ...pick(Opportunity, 'stage', 'status'),
  ownerId: as('owner', user),
};

export const opportunityMessages = {
  NOT_FOUND: { message: '商机不存在' },
  'REQUIRED title': { message: '请填写商机名称' },
  ...customerMissing,
};

const Added: Shape = { ...NewOpportunity, ...pick(Changes, 'status', 'ownerId') };

const headers: Shape = { 'x-user-id': as('owner', user) };

const file = csv(
  'opportunities.csv',
  [
    { heading: '商机ID', field: 'opportunityId' },
    { heading: '客户ID', field: 'customerId' },
    { heading: '标题', field: 'title' },
    { heading: '金额(分)', field: 'amountCents' },
    { heading: '币种', field: 'currency' },
    { heading: '阶段', field: 'stage' },
    { heading: '状态', field: 'status' },
    { heading: '创建时间', field: 'createdAt', type: 'instant' },
  ],
  'text/csv; charset=utf-8-sig',
);

export const opportunityRows = [
  list('GET /opportunities', 'opportunities', Opportunity, { customerId: 'customer' }, { headers }),
  list(
    'GET /opportunities/export',
    'opportunities',
    Opportunity,
    { customerId: 'customer' },
    { headers, ...asFile(file) },
  ),
  list(
    'GET /export/opportunities',
    'opportunities',
    Opportunity,
    { customerId: 'customer' },
    { headers, ...asFile(file, 'csv') },
  ),
  one('GET /opportunities/:id', 'opportunity', Opportunity, {}, { messages: opportunityMessages }),
  write('POST /opportunities', 'opportunityCreate', Opportunity, Added, {
    status: 201,
    messages: opportunityMessages,
    headers: { 'x-user-id': as('owner', user) },
  }),
  update('PATCH /opportunities/:id', 'opportunityUpdate', Opportunity, Changes, { messages: opportunityMessages }),
  remove(
    'DELETE /opportunities/:id',
    'opportunityDelete',
    { opportunityId: 'deletedId', deleted: constant(true) },
    { messages: opportunityMessages },
  ),
];
