import { cell } from '../../../rest-facade/cell/index.js';
import { send, exchangeOf, type Answer } from '../../support/http.js';
import { tenant, type Actor, type Data } from '../../support/tenant.js';
import { documented, extras } from './document.js';

const written = ({ method, pattern }: { method: string; pattern: string }): string =>
  `${method} ${pattern.replace(/:(\w+)/g, '{$1}')}`;

/** The server answers it without a row: it needs neither token nor tenant. */
const withoutRow = 'GET /health';

test('the rows are the documented operations and the named ones beyond, each once', () => {
  const known = [...documented.filter((operation) => operation !== withoutRow), ...extras];
  expect(cell.rows.map(written).toSorted()).toEqual(known.toSorted());
});

const page = { page: 1, pageSize: 20 };
const Customer = [
  'customerId',
  'tenantId',
  'name',
  'contactPhone',
  'contactEmail',
  'status',
  'ownerId',
  'createdAt',
  'updatedAt',
];
const Contact = [
  'contactId',
  'tenantId',
  'customerId',
  'name',
  'phone',
  'email',
  'isPrimary',
  'createdAt',
  'updatedAt',
];
const Opportunity = [
  'opportunityId',
  'tenantId',
  'customerId',
  'title',
  'amountCents',
  'currency',
  'stage',
  'status',
  'ownerId',
  'createdAt',
  'updatedAt',
];
const FollowUp = [
  'followUpId',
  'tenantId',
  'customerId',
  'opportunityId',
  'contactId',
  'content',
  'followUpType',
  'createdAt',
  'updatedAt',
];
const Contract = [
  'contractId',
  'tenantId',
  'customerId',
  'opportunityId',
  'contractNo',
  'amountCents',
  'currency',
  'status',
  'signedAt',
  'createdAt',
  'updatedAt',
];
const Payment = ['paymentId', 'tenantId', 'contractId', 'amountCents', 'paymentAt', 'remark', 'createdAt'];
const Audit = ['logId', 'tenantId', 'userId', 'operationType', 'resourceType', 'resourceId', 'traceId', 'occurredAt'];

interface Step {
  operation: (typeof documented)[number];
  /** what stands behind the path */
  query?: string;
  body?: object;
  status?: number;
  /** members of the answer, or of each item where it is a list */
  fields: string[];
  list?: boolean;
  says?: object;
  file?: string;
}

/** The operations of both documents in an order in which each finds what it needs; `{customer}` and the like stand for ids that were answered. */
const steps: Step[] = [
  { operation: 'GET /health', fields: ['status', 'cell', 'version', 'checks'], says: { status: 'up', cell: 'crm' } },
  {
    operation: 'POST /customers',
    body: { name: '某某公司', contactPhone: '13800138000', contactEmail: 'contact@example.com' },
    status: 201,
    fields: Customer,
    says: { name: '某某公司', contactPhone: '138****8000' },
  },
  { operation: 'GET /customers', query: '?page=1&pageSize=20', fields: Customer, list: true },
  { operation: 'GET /customers', query: `?keyword=${encodeURIComponent('某某')}`, fields: Customer, list: true },
  { operation: 'GET /customers/{id}', fields: Customer },
  {
    operation: 'PATCH /customers/{id}',
    body: { name: '某某有限公司' },
    fields: Customer,
    says: { name: '某某有限公司' },
  },
  {
    operation: 'POST /contacts',
    body: { customerId: '{customer}', name: '李四', phone: '13900139000' },
    status: 201,
    fields: Contact,
    says: { phone: '139****9000' },
  },
  { operation: 'GET /contacts', query: '?customerId={customer}', fields: Contact, list: true },
  { operation: 'GET /contacts/{id}', fields: Contact },
  {
    operation: 'PATCH /contacts/{id}',
    body: { email: 'li@example.com' },
    fields: Contact,
    says: { email: 'li@example.com' },
  },
  {
    operation: 'POST /opportunities',
    body: { customerId: '{customer}', title: '采购', amountCents: 100000 },
    status: 201,
    fields: Opportunity,
    says: { amountCents: 100000, stage: 1, status: 1 },
  },
  { operation: 'GET /opportunities', query: '?customerId={customer}', fields: Opportunity, list: true },
  { operation: 'GET /opportunities/{id}', fields: Opportunity },
  { operation: 'PATCH /opportunities/{id}', body: { stage: 3 }, fields: Opportunity, says: { stage: 3 } },
  {
    operation: 'POST /follow-ups',
    body: { customerId: '{customer}', opportunityId: '{opportunity}', contactId: '{contact}', content: '电话沟通' },
    status: 201,
    fields: FollowUp,
    says: { followUpType: 'call' },
  },
  {
    operation: 'GET /follow-ups',
    query: '?customerId={customer}&opportunityId={opportunity}',
    fields: FollowUp,
    list: true,
  },
  { operation: 'GET /follow-ups/{id}', fields: FollowUp },
  {
    operation: 'PATCH /follow-ups/{id}',
    body: { content: '再次沟通' },
    fields: FollowUp,
    says: { content: '再次沟通' },
  },
  {
    operation: 'POST /contracts',
    body: {
      customerId: '{customer}',
      opportunityId: '{opportunity}',
      contractNo: 'HT-001',
      amountCents: 90000,
      signedAt: '2026-03-01',
    },
    status: 201,
    fields: Contract,
  },
  { operation: 'GET /contracts', query: '?customerId={customer}', fields: Contract, list: true },
  {
    operation: 'POST /payments',
    body: { contractId: '{contract}', amountCents: 30000, paymentAt: '2026-03-02T08:00:00Z' },
    status: 201,
    fields: Payment,
  },
  { operation: 'GET /payments', query: '?contractId={contract}', fields: Payment, list: true },
  {
    operation: 'GET /customers/{id}/360',
    fields: [
      'customer',
      'contacts',
      'opportunities',
      'relationships',
      'contracts',
      'payments',
      'followUps',
      'cases',
      'health',
      'summary',
    ],
  },
  {
    operation: 'GET /opportunities/forecast',
    fields: ['byStage', 'totalWeightedCents'],
    says: { totalWeightedCents: 40000 },
  },
  {
    operation: 'GET /pipeline/summary',
    fields: ['byStage', 'totalWeightedCents'],
    says: { totalWeightedCents: 40000 },
  },
  { operation: 'GET /pipeline/funnel', fields: ['stages', 'totalCount'], says: { totalCount: 1 } },
  {
    operation: 'GET /reports/funnel',
    fields: ['data'],
    says: { data: [{ stage: 3, status: 1, count: 1, totalAmountCents: 100000 }] },
  },
  { operation: 'GET /metrics', fields: ['cell', 'metrics'], says: { cell: 'crm' } },
  { operation: 'GET /customers/export', fields: Customer, list: true, says: { pageSize: 1000 } },
  {
    operation: 'GET /customers/export',
    query: '?format=csv',
    fields: [],
    file: '客户ID,名称,联系电话,邮箱,状态,创建时间',
  },
  { operation: 'GET /opportunities/export', fields: Opportunity, list: true, says: { pageSize: 1000 } },
  {
    operation: 'GET /opportunities/export',
    query: '?format=csv',
    fields: [],
    file: '商机ID,客户ID,标题,金额(分),币种,阶段,状态,创建时间',
  },
  {
    operation: 'POST /customers/import',
    body: { items: [{ name: '乙公司' }] },
    fields: ['accepted', 'created', 'errors', 'details', 'errorsDetail'],
    says: { created: 1, errors: 0 },
  },
  {
    operation: 'POST /opportunities/import',
    body: { items: [{ customerId: '{customer}', title: '续约' }] },
    fields: ['accepted', 'created', 'errors', 'details', 'errorsDetail'],
    says: { created: 1, errors: 0 },
  },
  { operation: 'GET /audit-logs', query: '?resourceType=contact', fields: Audit, list: true },
  { operation: 'DELETE /follow-ups/{id}', fields: ['followUpId', 'deleted'] },
  { operation: 'DELETE /opportunities/{id}', fields: ['opportunityId', 'deleted'] },
  { operation: 'DELETE /contacts/{id}', fields: ['contactId', 'deleted'] },
  { operation: 'DELETE /customers/{id}', fields: ['customerId', 'deleted'] },
];

test('the steps below are all of the documented operations', () => {
  expect([...new Set(steps.map(({ operation }) => operation))].toSorted()).toEqual([...documented].toSorted());
});

const kinds: Record<string, string> = {
  customers: 'customer',
  contacts: 'contact',
  opportunities: 'opportunity',
  'follow-ups': 'followUp',
  contracts: 'contract',
  payments: 'payment',
};

test.each([
  ['behind the gateway', '/api/v1/crm'],
  ['at the root', ''],
])(
  'the documented operations, sent in order on an empty tenant %s, are answered as documented',
  async (_where, base) => {
    const { admin, code } = await tenant();
    const ids: Record<string, string> = {};
    const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => ids[name] ?? whole);
    for (const step of steps) {
      const [method, path] = step.operation.split(' ') as [string, string];
      const [, section, own] = path.split('/') as [string, string, string | undefined];
      const kind = kinds[section] ?? '';
      const url = base + (own === '{id}' ? path.replace('{id}', ids[kind]!) : path) + filled(step.query ?? '');
      const headers = {
        authorization: `Bearer ${admin.token}`,
        'x-tenant-id': code,
        'x-user-id': 'admin',
        'x-api-dialect': 'cell',
        ...(base === '' && { 'x-api-dialect': '' }),
      };
      const answer = await send(method, url, headers, step.body && JSON.parse(filled(JSON.stringify(step.body))));
      check(step, answer);
      const id = answer.body[`${kind}Id`];
      if (method === 'POST' && id) ids[kind] = id;
    }
  },
);

function check({ operation, query = '', status = 200, fields, list, says, file }: Step, answer: Answer): void {
  const { body, headers } = answer;
  const name = operation + query;
  if (answer.status !== status) throw new Error(exchangeOf(answer));
  expect([name, headers.get('x-response-time')]).toEqual([name, expect.stringMatching(/^\d+$/)]);
  if (file) {
    expect([name, headers.get('content-type'), body.replace(/^\uFEFF/, '').split('\r\n')[0]]).toEqual([
      name,
      'text/csv; charset=utf-8-sig',
      file,
    ]);
    return;
  }
  expect([name, headers.get('content-type')]).toEqual([name, 'application/json; charset=utf-8']);
  if (list) {
    expect([name, Object.keys(body)]).toEqual([name, ['data', 'total', 'page', 'pageSize']]);
    expect([name, body]).toEqual([name, { data: expect.any(Array), total: body.data.length, ...page, ...says }]);
    expect([name, body.data.length > 0]).toEqual([name, true]);
    for (const item of body.data) expect([name, Object.keys(item)]).toEqual([name, fields]);
    return;
  }
  expect([name, Object.keys(body)]).toEqual([name, fields]);
  expect([name, body]).toEqual([name, expect.objectContaining(says ?? {})]);
}

test('the documented errors are answered as documented', async () => {
  const { admin } = await tenant();
  const rest = admin.rest('cell');
  const { customerId } = (await rest.post('/customers', { name: '某某公司' }, { 'x-request-id': 'req-uuid-001' })).body;
  const answers: Array<[string, Answer]> = [
    ['400 BAD_REQUEST', await rest.post('/customers', { name: '' })],
    ['404 NOT_FOUND', await rest.get('/customers/nope')],
    ['404 NOT_FOUND', await rest.get('/opportunities/nope')],
    ['404 NOT_FOUND', await rest.get('/contracts/nope')],
    ['404 NOT_FOUND', await rest.post('/payments', { contractId: 'nope', amountCents: 1, paymentAt: '2026-03-01' })],
    [
      '409 IDEMPOTENT_CONFLICT',
      await rest.post('/customers', { name: '别的公司' }, { 'x-request-id': 'req-uuid-001' }),
    ],
    ['409 DUPLICATE_NAME', await rest.post('/customers', { name: '某某公司' })],
    [
      '409 DUPLICATE_NAME',
      await rest.patch(`/customers/${(await rest.post('/customers', { name: '乙' })).body.customerId}`, {
        name: '某某公司',
      }),
    ],
  ];
  expect(answers.map(([, { status, body }]) => `${status} ${body.code}`)).toEqual(answers.map(([code]) => code));
  for (const [, { body, request }] of answers)
    expect(body).toEqual({
      code: expect.any(String),
      message: expect.any(String),
      details: expect.anything(),
      requestId: request.headers['x-request-id'],
    });
  expect((await rest.get(`/customers/${customerId}`)).body.name).toBe('某某公司');
});

describe('as many statements for 5 rows as for 50', () => {
  let admin: Actor;

  beforeAll(async () => {
    ({ admin } = await tenant());
    const rest = admin.rest('cell');
    const fifty = Array.from({ length: 50 }, (_, index) => index);
    await rest.post('/customers/import', { items: fifty.map((index) => ({ name: `客户${index}` })) });
    const customers: string[] = (await rest.get('/customers?pageSize=50')).body.data.map(
      ({ customerId }: Data) => customerId,
    );
    await rest.post('/opportunities/import', {
      items: customers.map((customerId) => ({ customerId, title: '商机', amountCents: 100 })),
    });
    const opportunities = (await rest.get('/opportunities?pageSize=50')).body.data as Data[];
    for (const { customerId, opportunityId } of opportunities) {
      const { contractId } = (
        await rest.post('/contracts', { customerId, opportunityId, contractNo: `C-${opportunityId}`, amountCents: 100 })
      ).body;
      await Promise.all([
        rest.post('/contacts', { customerId, name: '李四' }),
        rest.post('/follow-ups', { customerId, opportunityId, content: '电话' }),
        rest.post('/payments', { contractId, amountCents: 1, paymentAt: '2026-03-01' }),
      ]);
    }
  }, 120_000);

  test.each([
    '/customers',
    '/customers/export',
    '/opportunities',
    '/opportunities/export',
    '/contacts',
    '/follow-ups',
    '/contracts',
    '/payments',
    '/audit-logs',
  ])('%s', async (path) => {
    const answers = [
      await admin.rest('cell').get(`${path}?pageSize=5`),
      await admin.rest('cell').get(`${path}?pageSize=50`),
    ];
    expect(answers.map(({ body }) => body.data.length)).toEqual([5, 50]);
    expect(answers.map(({ statements }) => statements)).toEqual([1, 1]);
  });
});
