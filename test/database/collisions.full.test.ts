import pg from 'pg';
import { ownDatabase, type OwnDatabase, environmentOf } from '../support/database.js';
import { send, token, type Answer } from '../support/http.js';
import { customer, written } from '../support/records.js';
import { startAnother, type Started, plain } from '../support/server.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Deadlocks as PostgreSQL finds them: changes that lock the same records in opposite order.

const update =
  'mutation ($inputs: [CustomerEdit!]!) { customersUpdate(inputs: $inputs) { results { id userErrors { code } } userErrors { code } } }';
const edits = (ids: readonly string[], industry: string): Data => ({
  inputs: ids.map((id) => ({ id, input: { industry } })),
});
const deadlocks = async ({ sql }: TestTenant): Promise<number> =>
  Number((await sql('select deadlocks from pg_stat_database where datname = current_database()'))[0]!['deadlocks']);

const inGraph =
  (withKey: boolean) =>
  ({ admin }: TestTenant, ids: readonly string[], industry: string): Promise<Answer> =>
    admin.graph.raw(update, edits(ids, industry), withKey ? { 'idempotency-key': crypto.randomUUID() } : {});
const inPlatform = ({ admin }: TestTenant, ids: readonly string[], industry: string): Promise<Answer> =>
  admin
    .rest('platform')
    .post('/customers/bulk-update/', { customers: ids.map((id) => ({ id, business_scope: industry })) });
/** Several changes in one transaction, whose order is the client's. */
const oneByOne = ({ admin }: TestTenant, ids: readonly string[], industry: string): Promise<Answer> =>
  admin.graph.raw(
    `mutation ($industry: String) { ${ids.map((id, n) => `a${n}: customerUpdate(id: "${id}", input: {industry: $industry}) { userErrors { code } }`).join(' ')} }`,
    { industry },
    { 'idempotency-key': crypto.randomUUID() },
  );

/** Four callers change two customers at once, in opposite orders, several times. */
async function changeAtOnce(
  change: (t: TestTenant, ids: readonly string[], industry: string) => Promise<Answer>,
  field: string,
  done: (body: Data) => number,
  rounds: number,
): Promise<number> {
  const t = await tenant();
  const ids = [(await customer(t.admin, { name: '甲' })).id, (await customer(t.admin, { name: '乙' })).id];
  const [before, found] = [await written(t), await deadlocks(t)];
  for (let round = 0; round < rounds; round += 1) {
    const answers = await Promise.all(
      [ids, ids.toReversed(), ids, ids.toReversed()].map((order, place) => change(t, order, `${round}-${place}`)),
    );
    expect(answers.map(({ status, body }) => [status, done(body)])).toEqual(answers.map(() => [200, 2]));
    const { customers } = await t.admin.graph(`{ customers { nodes { value: ${field} version } } }`);
    expect(new Set(customers.nodes.map(({ value }: Data) => value)).size).toBe(1);
    expect(customers.nodes.map(({ version }: Data) => version)).toEqual([1, 1].map((made) => made + 4 * (round + 1)));
  }
  const after = await written(t);
  expect(
    [after.audit, after.events, after.seq].map(
      (count, index) => count - [before.audit, before.events, before.seq][index],
    ),
  ).toEqual(Array.from({ length: 3 }, () => rounds * 4 * 2));
  // statistics of PostgreSQL arrive with a delay
  for (let wait = 0; wait < 15 && (await deadlocks(t)) === found; wait += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return (await deadlocks(t)) - found;
}

test('changes that collide, since clients lock records in their own order, are all made in the end, each as a whole', async () => {
  await changeAtOnce(oneByOne, 'industry', ({ data }) => Object.keys(data).length, 2);
}, 120_000);

test('of 40 callers whose documents lock three records in opposite orders each is answered, as a whole or with 503, and another tenant is', async () => {
  const [t, other] = [await tenant(), await tenant()];
  const ids: string[] = [];
  for (const name of ['甲', '乙', '丙']) ids.push((await customer(t.admin, { name })).id);
  await other.admin.graph('{ customers { totalCount } }');
  let under = true;
  const changes = Promise.all(
    Array.from({ length: 40 }, (_, n) => oneByOne(t, n % 2 === 0 ? ids : ids.toReversed(), `${n}`)),
  ).finally(() => (under = false));
  let read = 0;
  do {
    const { customers } = await other.admin.graph('{ customers { totalCount } }');
    expect(customers).toEqual({ totalCount: 0 });
    read += 1;
  } while (under);
  const answers = await changes;
  const made = answers.filter(({ status }) => status === 200);
  for (const { body } of made)
    expect(body).toEqual({ data: { a0: { userErrors: [] }, a1: { userErrors: [] }, a2: { userErrors: [] } } });
  for (const { status, body, headers } of answers.filter((answer) => !made.includes(answer))) {
    expect([
      [503, 'CONTENDED'],
      [429, 'RATE_LIMITED'],
    ]).toContainEqual([status, body.errors[0].extensions.code]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect([read > 0, made.length > 0]).toEqual([true, true]);
  const { customers } = await t.admin.graph('{ customers { nodes { version industry } } }');
  const [{ industry }] = customers.nodes;
  expect(customers.nodes).toEqual(ids.map(() => ({ version: 1 + made.length, industry })));
}, 120_000);

test.each([
  ['in the graph with a key', inGraph(true), 'industry', ({ data }: Data) => data.customersUpdate.results.length],
  ['in the graph without a key', inGraph(false), 'industry', ({ data }: Data) => data.customersUpdate.results.length],
  ['in a dialect with a key', inPlatform, 'businessScope', ({ data }: Data) => data.updated_count],
] as const)(
  'changes of many records in opposite orders are all made, each as a whole: %s',
  async (_where, change, field, done) => {
    await changeAtOnce(change, field, done, 4);
  },
);

describe('where a change collides again and again', () => {
  let database: OwnDatabase;
  let server: Started;
  let authorization: string;
  const owner = async (text: string): Promise<Data[]> => {
    const client = new pg.Client({ connectionString: database.ownerUrl });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  const ask = (path: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
    send('POST', server.address! + path, { authorization, ...headers }, body);

  beforeAll(async () => {
    database = await ownDatabase();
    server = await startAnother({
      ...plain(),
      ...environmentOf(database),
    });
    authorization = `Bearer ${await token({ sub: 'admin', tenant_id: 'one' })}`;
    await ask('/graphql', { query: '{ viewer { roles } }' });
    // as PostgreSQL does it where others are always faster; a sequence counts what is rolled back too
    await owner(`create sequence tries;
      grant usage on sequence tries to crm_server;
      create function never() returns trigger language plpgsql as $$ begin if new.name like 'never%' and nextval('tries') > 0 then raise exception 'could not serialize access' using errcode = '40001'; end if; return new; end $$;
      create trigger never before insert on customer for each row execute function never()`);
  }, 60_000);

  afterAll(async () => {
    await server?.stop();
    await database?.stop();
  });

  test.each<[string, string, object, Record<string, string>, number, Data]>([
    [
      'in the graph',
      '/graphql',
      { query: 'mutation { customerCreate(input: { name: "never" }) { userErrors { code } } }' },
      { 'x-request-id': '' },
      200,
      {
        data: { customerCreate: null },
        errors: [
          expect.objectContaining({
            message: 'Other requests are changing the same records; nothing was changed, try again.',
            extensions: { code: 'CONTENDED', status: 503 },
          }),
        ],
      },
    ],
    [
      'in the graph, with a key',
      '/graphql',
      { query: 'mutation { customerCreate(input: { name: "never" }) { userErrors { code } } }' },
      { 'idempotency-key': 'once' },
      503,
      {
        errors: [
          {
            message: 'Other requests are changing the same records; nothing was changed, try again.',
            extensions: { code: 'CONTENDED', status: 503 },
          },
        ],
      },
    ],
    [
      'in erp',
      '/api/v1/crm/accounts',
      { name: 'never' },
      {},
      503,
      { code: 503, data: null, message: '其他请求正在修改相同的数据，本次未作任何更改，请稍后重试' },
    ],
    [
      'in cell',
      '/customers',
      { name: 'never' },
      { 'x-request-id': 'r' },
      503,
      {
        code: 'SERVICE_UNAVAILABLE',
        message: '其他请求正在修改相同的数据，本次未作任何更改，请稍后重试',
        details: '',
        requestId: 'r',
      },
    ],
    [
      'in lifecycle',
      '/api/v1/customers',
      { customer_name: 'never', customer_type: 1 },
      {},
      503,
      expect.objectContaining({ success: false, code: 503, error_code: 'SERVICE_UNAVAILABLE' }),
    ],
    [
      'in platform',
      '/api/v1/customers/',
      { name: 'never' },
      {},
      503,
      expect.objectContaining({ success: false, code: 503 }),
    ],
  ])(
    'it is tried five times, then says so, and nothing of it is done: %s',
    async (_where, path, body, headers, status, answer) => {
      await owner('alter sequence tries restart');
      const refused = await ask(path, body, headers);
      expect([refused.status, refused.body]).toEqual([status, answer]);
      expect(await owner('select last_value::int from tries')).toEqual([{ last_value: 5 }]);
      const left = await ask('/graphql', {
        query: '{ customers { totalCount } auditEntries { totalCount } changes { events { id } } }',
      });
      expect(left.body.data).toEqual({
        customers: { totalCount: 0 },
        auditEntries: { totalCount: 0 },
        changes: { events: [] },
      });
    },
  );
});
