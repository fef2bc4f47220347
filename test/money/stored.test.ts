import { documentOf } from '../support/documents.js';
import { isChosen } from '../support/generated.js';
import { Fresh } from '../support/mutations.js';
import { customer, written } from '../support/records.js';
import { tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';

let t: TestTenant;
let fresh: Fresh;
let other: Data;
let me: string;
beforeAll(async () => {
  t = await tenant();
  fresh = new Fresh(t);
  other = await customer(t.admin, { name: '另一家' });
  me = await t.admin.id();
});

/** How a row changes a record, how the dialect reads it, and what is sent for each field of the body. */
interface Case {
  dialect: Dialect;
  row: string;
  method: 'put' | 'patch';
  read: string;
  /** values that are sent one by one */
  fields: () => Record<string, unknown[]>;
  /** fields that the dialect takes and does not show */
  notShown?: readonly string[];
}

const day = ['2027-03-31', null];
const opportunities: Case[] = [
  {
    dialect: 'erp',
    row: 'PUT /opportunities/{id}',
    method: 'put',
    read: '/opportunities/',
    notShown: ['campaignId'],
    fields: () => ({
      accountId: [other.id],
      name: ['新名'],
      description: ['说明', null],
      stage: ['prospecting', 'qualification', 'proposal', 'negotiation', 'closed_won', 'closed_lost'],
      probability: [0, 35, 100],
      closeDate: day,
      estimatedAmount: [0, 59.7, 1234.5, null],
      actualAmount: [0, 59.7, 999.99, null],
    }),
  },
  {
    dialect: 'cell',
    row: 'PATCH /opportunities/{id}',
    method: 'patch',
    read: '/opportunities/',
    fields: () => ({
      title: ['新名'],
      amountCents: [0, 5970, 99999],
      currency: ['CNY', 'USD'],
      stage: [1, 2, 3, 4, 5, 6],
      status: [1, 2, 3],
      ownerId: [me],
    }),
  },
];
const contracts: Case[] = [
  {
    dialect: 'lifecycle',
    row: 'PUT /contracts/{id}',
    method: 'put',
    read: '/contracts/',
    fields: () => ({
      contract_name: ['新名'],
      contract_type: [1, 2, 3],
      contract_amount: [0, 59.7, 1234.5],
      currency: ['CNY', 'USD'],
      start_date: ['2026-02-01', '2099-01-01', null],
      end_date: ['2098-06-30', '2020-01-01', null],
      status: [1, 2, 3, 4],
      renewal_type: [1, 2],
      renewal_notice_days: [1, 365],
      payment_terms: ['月结', null],
      service_level: ['金', null],
      contract_file_url: ['https://x.example/a', null],
      signed_date: ['2026-01-15', null],
    }),
  },
  {
    dialect: 'cell',
    row: 'PATCH /contracts/{id}',
    method: 'patch',
    read: '/contracts/',
    fields: () => ({ status: [1, 2, 3, 4] }),
  },
];

/** The data of an answer, in whatever envelope. */
const dataOf = ({ body }: Data): Data => body.data ?? body;

const stateOf = async (id: string): Promise<Data> =>
  (
    await t.admin.graph(
      'query ($id: ID!) { opportunity(id: $id) { stage probability closedAt amount { amount } actualAmount { amount } } }',
      { id },
    )
  ).opportunity;

const inStage = (stage: string) => async (): Promise<Data> => {
  const made = await fresh.made('opportunityCreate');
  const set = `mutation ($id: ID!, $stage: OpportunityStage) { opportunityUpdate(id: $id, input: { stage: $stage, amount: { amount: "1000" }${stage === 'CLOSED_WON' || stage === 'CLOSED_LOST' ? ', closedOn: "2026-02-03"' : ''} }) { opportunity { id number } userErrors { code field } } }`;
  const { opportunityUpdate } = await t.admin.graph(set, { id: made.id, stage });
  expect(opportunityUpdate.userErrors).toEqual([]);
  return opportunityUpdate.opportunity;
};
const inStatus = (status: string) => (): Promise<Data> =>
  fresh.contract({ status, startsOn: '2026-01-01', endsOn: '2098-12-31', signedOn: '2026-01-01' });

const matrix = [
  ...opportunities.flatMap((one) =>
    ['PROPOSAL', 'CLOSED_WON', 'CLOSED_LOST'].map((state) => [one, state, inStage(state)] as const),
  ),
  ...contracts.flatMap((one) =>
    ['DRAFT', 'IN_FORCE', 'EXPIRED', 'TERMINATED'].map((state) => [one, state, inStatus(state)] as const),
  ),
].map(([one, state, make]) => ({ name: `${one.dialect} ${one.row} of one that is ${state}`, one, make }));

test.each([...opportunities, ...contracts])('$dialect $row: each field of the body is tried', async (one) => {
  const { operations } = await documentOf(one.dialect);
  const { fields } = operations.find(({ row }) => row === one.row)!;
  expect([...Object.keys(one.fields()), ...(one.notShown ?? [])].toSorted()).toEqual(
    [...new Set(fields.map(({ path }) => path))].toSorted(),
  );
});

/** Sends a change: either it is refused and nothing is written, or what was sent is read back. */
async function tried(one: Case, record: Data, sent: Data): Promise<'stored' | 'refused'> {
  const rest = t.admin.rest(one.dialect);
  const key = one.dialect === 'lifecycle' ? record.number : record.id;
  const path = one.read + key;
  const before = [await written(t), dataOf(await rest.get(path))];
  const answer = await rest[one.method](path, sent);
  const after = dataOf(await rest.get(path));
  if (answer.status !== 200) {
    expect([answer.status >= 400 && answer.status < 500, sent]).toEqual([true, sent]);
    expect([await written(t), after]).toEqual(before);
    return 'refused';
  }
  expect([one.row, after]).toEqual([one.row, { ...after, ...sent }]);
  return 'stored';
}

describe.each(matrix)('$name', ({ one, make }) => {
  test('answers success where it has stored what was sent, else refuses', async () => {
    let stored = 0;
    for (const [place, [field, values]] of Object.entries(one.fields()).entries())
      for (const value of values) {
        // the first field is a name or a record, or all that there is
        if (place > 0 && !isChosen(`${one.row} ${field} ${String(value)}`, 4)) continue;
        const record = await make();
        const isSale = one.row.includes('opportunities');
        const before = isSale && (await stateOf(record.id));
        if ((await tried(one, record, { [field]: value })) === 'stored') stored += 1;
        if (!isSale) continue;
        const after = await stateOf(record.id);
        const closed: Data = { CLOSED_WON: 100, CLOSED_LOST: 0 };
        expect([field, value, after.probability]).toEqual([field, value, closed[after.stage] ?? after.probability]);
        if (after.stage === before.stage) expect(after.closedAt).toBe(before.closedAt);
        if (after.stage !== 'CLOSED_WON') expect(after.actualAmount).toBeNull();
        // the cell has one amount, which is also what was won
        if (after.stage === 'CLOSED_WON' && field === 'amountCents') expect(after.actualAmount).toEqual(after.amount);
      }
    expect(stored).toBeGreaterThan(0);
  });
});

describe('several fields at once', () => {
  const [erp, cell] = opportunities as [Case, Case];
  const [lifecycle] = contracts as [Case];
  test.each<[string, Case, () => Promise<Data>, Data, 'stored' | 'refused']>([
    ['won with its amount', erp, inStage('PROPOSAL'), { stage: 'closed_won', actualAmount: 900 }, 'stored'],
    ['won for sure', erp, inStage('PROPOSAL'), { stage: 'closed_won', probability: 100 }, 'stored'],
    ['won and unlikely', erp, inStage('PROPOSAL'), { stage: 'closed_won', probability: 60 }, 'refused'],
    ['lost and likely', erp, inStage('PROPOSAL'), { stage: 'closed_lost', probability: 1 }, 'refused'],
    ['lost with an amount', erp, inStage('PROPOSAL'), { stage: 'closed_lost', actualAmount: 1 }, 'refused'],
    ['open with a likelihood', erp, inStage('CLOSED_WON'), { stage: 'proposal', probability: 35 }, 'stored'],
    ['both amounts', erp, inStage('CLOSED_WON'), { estimatedAmount: 1100, actualAmount: 900 }, 'stored'],
    ['won for an amount', cell, inStage('PROPOSAL'), { status: 2, amountCents: 500 }, 'stored'],
    ['won at its stage', cell, inStage('PROPOSAL'), { stage: 5, status: 2, amountCents: 500 }, 'stored'],
    ['reopened with an amount', cell, inStage('CLOSED_WON'), { status: 1, stage: 4, amountCents: 500 }, 'stored'],
    ['moved with an amount', cell, inStage('CLOSED_WON'), { stage: 4, amountCents: 500 }, 'stored'],
    ['a stage against the status', cell, inStage('PROPOSAL'), { stage: 6, status: 2 }, 'refused'],
    ['another currency and amount', cell, inStage('PROPOSAL'), { currency: 'USD', amountCents: 5 }, 'refused'],
    ['the same currency and amount', cell, inStage('PROPOSAL'), { currency: 'CNY', amountCents: 100000 }, 'stored'],
    ['signed', lifecycle, inStatus('DRAFT'), { status: 2, signed_date: '2026-02-02' }, 'stored'],
    [
      'dates that are turned round',
      lifecycle,
      inStatus('DRAFT'),
      { start_date: '2027-01-02', end_date: '2027-01-01' },
      'refused',
    ],
    ['a term and an end', lifecycle, inStatus('IN_FORCE'), { status: 4, contract_amount: 7.5 }, 'stored'],
  ])('%s', async (_name, one, make, sent, expected) => {
    const record = await make();
    expect(await tried(one, record, sent)).toBe(expected);
  });
});

describe('a new record', () => {
  const account = async (): Promise<string> => (await fresh.customer()).id;
  test.each<[Dialect, string, Data, number]>([
    ['erp', '/opportunities', { stage: 'closed_won', estimatedAmount: 10, actualAmount: 9 }, 200],
    ['erp', '/opportunities', { stage: 'closed_won', probability: 100 }, 200],
    ['erp', '/opportunities', { stage: 'closed_won', probability: 99 }, 400],
    ['erp', '/opportunities', { stage: 'closed_lost', probability: 0 }, 200],
    ['erp', '/opportunities', { stage: 'closed_lost', probability: 10 }, 400],
    ['erp', '/opportunities', { stage: 'proposal', actualAmount: 9 }, 400],
    ['erp', '/opportunities', { stage: 'proposal', probability: 77, estimatedAmount: 0.01 }, 200],
    ['cell', '/opportunities', { stage: 5, amountCents: 1 }, 201],
    ['cell', '/opportunities', { status: 2, amountCents: 1 }, 201],
    ['cell', '/opportunities', { status: 3 }, 201],
    ['cell', '/opportunities', { status: 1 }, 201],
    ['cell', '/opportunities', { stage: 4, status: 1, currency: 'USD', amountCents: 7 }, 201],
    ['cell', '/opportunities', { stage: 4, status: 2 }, 400],
    ['cell', '/contracts', { contractNo: 'A-1', amountCents: 7, status: 2, signedAt: '2026-01-01' }, 201],
    ['cell', '/contracts', { contractNo: 'A-2', amountCents: 7, status: 5 }, 400],
  ])('in %s, %s with %j', async (dialect, path, sent, status) => {
    const owner = dialect === 'erp' ? { accountId: await account(), name: '新' } : { customerId: await account() };
    const body = { ...owner, ...(path === '/opportunities' && dialect === 'cell' && { title: '新' }), ...sent };
    const before = await written(t);
    const answer = await t.admin.rest(dialect).post(path, body);
    expect(answer.status).toBe(status);
    if (status >= 400) expect(await written(t)).toEqual(before);
    else {
      const made = dataOf(answer);
      const key = made.id ?? made.contractId ?? made.opportunityId;
      const found = dataOf(await t.admin.rest(dialect).get(`${path}/${key}`));
      expect(found).toEqual({ ...found, ...body });
      if (path === '/opportunities') {
        const { stage, probability } = await stateOf(key);
        const closed: Data = { CLOSED_WON: 100, CLOSED_LOST: 0 };
        expect(probability).toBe(closed[stage] ?? probability);
      }
    }
  });

  test('of an import is as likely as its stage says', async () => {
    const customerId = await account();
    const items = [1, 2, 3, 4, 5, 6].map((stage) => ({ customerId, title: `行${stage}`, stage, amountCents: 100 }));
    const { body } = await t.admin.rest('cell').post('/opportunities/import', { items });
    expect(body.errors).toBe(0);
    expect(
      await t.sql(
        'select stage, probability, won_amount, closed_at is not null as closed from opportunity where customer_id = $1 order by number',
        [customerId],
      ),
    ).toEqual(
      [
        ['QUALIFICATION', 10],
        ['NEEDS_ANALYSIS', 20],
        ['PROPOSAL', 40],
        ['NEGOTIATION', 60],
        ['CLOSED_WON', 100],
        ['CLOSED_LOST', 0],
      ].map(([stage, probability]) => ({
        stage,
        probability,
        won_amount: stage === 'CLOSED_WON' ? '1.00' : null,
        closed: String(stage).startsWith('CLOSED'),
      })),
    );
  });

  test('of a lifecycle contract is as it was sent', async () => {
    const { number } = await fresh.customer();
    const sent = {
      contract_name: '新',
      contract_type: 2,
      contract_amount: 59.7,
      currency: 'USD',
      start_date: '2026-01-01',
      end_date: '2098-12-31',
      status: 2,
      renewal_type: 2,
      renewal_notice_days: 30,
      payment_terms: '月结',
      service_level: '金',
      contract_file_url: 'https://x.example/a',
      signed_date: '2026-01-01',
    };
    const lifecycle = t.admin.rest('lifecycle');
    const { operations } = await documentOf('lifecycle');
    const { fields } = operations.find(({ row }) => row === 'POST /customers/{id}/contracts')!;
    expect(Object.keys(sent).toSorted()).toEqual([...new Set(fields.map(({ path }) => path))].toSorted());
    const { body } = await lifecycle.post(`/customers/${number}/contracts`, sent);
    expect((await lifecycle.get(`/contracts/${body.data.contract_id}`)).body.data).toMatchObject(sent);
  });
});

describe('in the graph', () => {
  const likelihood: Record<string, number> = { CLOSED_WON: 100, CLOSED_LOST: 0 };
  const stages = ['PROSPECTING', 'PROPOSAL', 'CLOSED_WON', 'CLOSED_LOST'];
  const probabilities = [0, 1, 50, 99, 100];
  const isRight = (stage: string, probability: number): boolean => (likelihood[stage] ?? probability) === probability;
  const wanted = stages.flatMap((stage) => probabilities.map((probability) => ({ stage, probability })));

  test('what is won is 100 % likely and what is lost 0 %, however it is created or changed', async () => {
    const { id: customerId } = await fresh.customer();
    const { opportunitiesCreate } = await t.admin.graph(
      'mutation ($inputs: [OpportunityInput!]!) { opportunitiesCreate(inputs: $inputs) { results { opportunity { probability } userErrors { code field } } } }',
      { inputs: wanted.map((more) => ({ name: '新', customer: customerId, ...more })) },
    );
    const refused = (...path: string[]): Data => ({
      opportunity: null,
      userErrors: [{ code: 'INVALID', field: [...path, 'probability'] }],
    });
    expect(opportunitiesCreate.results).toEqual(
      wanted.map(({ stage, probability }, index) =>
        isRight(stage, probability)
          ? { opportunity: { probability }, userErrors: [] }
          : refused('inputs', String(index)),
      ),
    );
    for (const state of stages)
      for (const probability of probabilities) {
        const { id } = await inStage(state)();
        const before = await written(t);
        const { opportunityUpdate } = await t.admin.graph(
          'mutation ($id: ID!, $probability: Percent) { opportunityUpdate(id: $id, input: { probability: $probability, name: "新" }) { opportunity { probability } userErrors { code field } } }',
          { id, probability },
        );
        expect([state, opportunityUpdate]).toEqual([
          state,
          isRight(state, probability) ? { opportunity: { probability }, userErrors: [] } : refused('input'),
        ]);
        if (!isRight(state, probability)) expect(await written(t)).toEqual(before);
      }
  });
});
