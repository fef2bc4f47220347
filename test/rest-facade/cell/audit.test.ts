import { actor, tenant, type Data, type TestTenant } from '../../support/tenant.js';

let t: TestTenant;
let customerId: string;
let opportunityId: string;
const logs = async (query = ''): Promise<Data> => (await t.admin.rest('cell').get(`/audit-logs${query}`)).body;

beforeAll(async () => {
  t = await tenant();
  const cell = t.manager.rest('cell');
  customerId = (await cell.post('/customers', { name: '华信', contactPhone: '13800138000' }, { 'x-request-id': 'r-1' }))
    .body.customerId;
  await cell.patch(`/customers/${customerId}`, { name: '华信二' }, { 'x-request-id': 'r-2' });
  opportunityId = (
    await cell.post('/opportunities', { customerId, title: '商机', amountCents: 100 }, { 'x-request-id': 'r-3' })
  ).body.opportunityId;
  await t.admin.rest('cell').post('/follow-ups', { customerId, content: '电话' }, { 'x-request-id': 'r-4' });
  await t.admin.rest('cell').delete(`/opportunities/${opportunityId}`, undefined, { 'x-request-id': 'r-5' });
});

test('says who did what to which record, newest first, under the words of the channel', async () => {
  const { data, ...page } = await logs();
  expect(page).toEqual({ total: 6, page: 1, pageSize: 20 });
  expect(
    data.map(({ operationType, resourceType, userId, traceId }: Data) => [
      operationType,
      resourceType,
      userId,
      traceId,
    ]),
  ).toEqual([
    ['opportunity.delete', 'opportunity', 'admin', 'r-5'],
    ['followUp.create', 'followUp', 'admin', 'r-4'],
    ['opportunity.create', 'stageChange', 'manager', 'r-3'],
    ['opportunity.create', 'opportunity', 'manager', 'r-3'],
    ['customer.update', 'customer', 'manager', 'r-2'],
    ['customer.create', 'customer', 'manager', 'r-1'],
  ]);
  expect(data.at(-1)).toEqual({
    logId: expect.any(Number),
    tenantId: t.code,
    userId: 'manager',
    operationType: 'customer.create',
    resourceType: 'customer',
    resourceId: customerId,
    traceId: 'r-1',
    occurredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
  });
});

test.each<[query: () => string, traces: string[]]>([
  [() => '?resourceType=customer', ['r-2', 'r-1']],
  [() => '?resourceType=opportunity', ['r-5', 'r-3']],
  [() => '?resourceType=followUp', ['r-4']],
  [() => '?resourceType=nothing', []],
  [() => `?resourceId=${opportunityId}`, ['r-5', 'r-3']],
  [() => '?operationType=followUp.create', ['r-4']],
  [() => '?userId=admin', ['r-5', 'r-4']],
  [() => '?traceId=r-2', ['r-2']],
  [() => '?page=2&pageSize=4', ['r-2', 'r-1']],
  [() => '?page=9&pageSize=4', []],
])('%# is filtered and paged as asked', async (query, traces) => {
  expect((await logs(query())).data.map(({ traceId }: Data) => traceId)).toEqual(traces);
});

test.each(['?pageSize=501', '?pageSize=0', '?page=x'])('a page that cannot be is refused (%s)', async (query) => {
  const { status, body } = await t.admin.rest('cell').get(`/audit-logs${query}`);
  expect([status, body.code]).toEqual([400, 'BAD_REQUEST']);
});

test('is for those with the right to the audit log, in their tenant, in one statement', async () => {
  for (const by of [t.manager, t.sales, t.viewer]) {
    const { status, body } = await by.rest('cell').get('/audit-logs');
    expect([status, body.code, body.data]).toEqual([403, 'FORBIDDEN', undefined]);
  }
  const robot = await actor('robot', t.code, ['service'], { scope: 'crm:audit' });
  const answer = await robot.rest('cell').get('/audit-logs');
  expect([answer.status, answer.body.total, answer.statements]).toEqual([200, 6, 1]);
  expect((await t.outsider.rest('cell').get('/audit-logs')).body.total).toBe(0);
});
