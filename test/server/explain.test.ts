import { randomUUID } from 'node:crypto';
import { send, testSecret } from '../support/http.js';
import { contact, customer } from '../support/records.js';
import { startAnother } from '../support/server.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// Outside production a developer can ask how an answer was made. Whatever that tells, it is only what the caller may know.

let t: TestTenant;
let id = '';

beforeAll(async () => {
  t = await tenant();
  ({ id } = await customer(t.admin, { name: '华信科技', phone: '13800138000', bankAccount: '6222000011112222' }));
  await contact(t.admin, { name: '王芳', customer: id, primary: true });
});

const wish = { 'x-crm-explain': '1' };
const list =
  'query List($n: Int) { customers(first: $n) { totalCount nodes { name phone contacts { nodes { name } } } } }';

async function explained(
  by: Actor,
  query: string,
  variables: object = {},
  headers: Record<string, string> = wish,
): Promise<Data> {
  const { body } = await by.graph.raw(query, variables, headers);
  return body.extensions?.explain;
}

/** What is told, without what is measured or made by chance: digits are looked for in it. */
const lasting = (found: Data): string =>
  JSON.stringify(found, (_key, value: unknown) => (typeof value === 'number' ? 0 : value)).replaceAll(
    /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
    'an id',
  );

/** The kinds of steps of a plan. */
const nodes = (plan: Data): string[] => [plan['Node Type'], ...(plan.Plans ?? []).flatMap(nodes)];

describe('a read', () => {
  test('that is compiled shows its one statement, its plan as it was run, and how long it took', async () => {
    const plain = await t.admin.graph.raw(list, { n: 5 });
    const { body } = await t.admin.graph.raw(list, { n: 5 }, wish);
    expect(body.data).toEqual(plain.body.data);
    expect(body.extensions.explain).toMatchObject({ executor: 'compiled', statementCount: 1, ms: expect.any(Number) });
    const [statement] = body.extensions.explain.statements;
    expect(statement).toMatchObject({
      sql: expect.stringMatching(/^select row_to_json\("#row"\) from .*"customer" t1 where t1\.tenant_id = \$/),
      roundTrip: 1,
      ms: expect.any(Number),
      plan: { 'Execution Time': expect.any(Number) },
    });
    expect(statement.values).toEqual([expect.any(String), 20, 5]);
    expect(nodes(statement.plan.Plan).join()).toMatch(/Scan/);
    expect(statement.plan.Plan['Actual Rows']).toBe(1);
  });

  test('of a list is planned for all tenants, a report for its own: the bounds of its days are instants there', async () => {
    const ofList = await explained(t.admin, '{ customers(filter: { createdFrom: "2026-05-01" }) { totalCount } }');
    expect(JSON.stringify(ofList.statements[0].plan)).toMatch(/\(tenant_id = \$\d+\)/);
    const ofReport = await explained(
      t.admin,
      '{ analyticsTrend(metric: ACTIVITIES, period: MONTH, from: "2026-05-01") { count } }',
    );
    const plan = JSON.stringify(ofReport.statements[0].plan);
    expect(plan).not.toMatch(/\$\d/);
    expect(plan).toMatch(/starts_at >= '2026-04-30 16:00:00\+00'::timestamp with time zone\)/);
  });

  test('whose text is known is explained too, by POST and GET, asked by header or in the request', async () => {
    const query = `# ${randomUUID()}\n${list}`;
    const authorization = `Bearer ${t.admin.token}`;
    expect(await explained(t.admin, query, {}, {})).toBeUndefined();
    const url = `/graphql?query=${encodeURIComponent(query)}`;
    const meant = { authorization, 'apollo-require-preflight': '1' };
    const answers = [
      await t.admin.graph.raw(query, {}, wish),
      await send('POST', '/graphql', { authorization }, { query, extensions: { explain: true } }),
      await send('GET', url, { ...meant, ...wish }),
      await send('GET', `${url}&extensions=${encodeURIComponent('{"explain":true}')}`, meant),
    ];
    for (const { body } of answers)
      expect(body.extensions.explain).toMatchObject({ executor: 'compiled', statementCount: 1 });
    for (const extensions of [undefined, null, {}, { explain: false }, { explain: 'true' }])
      expect(
        (await send('POST', '/graphql', { authorization }, { query, extensions })).body.extensions,
      ).toBeUndefined();
    expect(await explained(t.admin, query, {}, { 'x-crm-explain': '0' })).toBeUndefined();
  });

  test('that falls back says why, and shows the statements of the executor', async () => {
    const found = await explained(t.admin, '{ changes { cursor } customers { nodes { name owner { name } } } }');
    expect(found).toMatchObject({ executor: 'plain', why: 'Query.changes is answered by code' });
    expect(found.statementCount).toBeGreaterThan(1);
    for (const { sql, plan } of found.statements)
      expect([sql, plan?.['Execution Time']]).toEqual([sql, expect.any(Number)]);
    expect(await explained(t.admin, list, {}, { ...wish, 'x-crm-executor': 'plain' })).toMatchObject({
      executor: 'plain',
      why: 'as asked',
    });
  });

  test('that is refused has its errors, and what was sent until then', async () => {
    const { body } = await t.admin.graph.raw('{ customers(first: 501) { totalCount } }', {}, wish);
    expect(body.errors[0].extensions.code).toBe('BAD_REQUEST');
    expect(body.extensions.explain).toMatchObject({
      executor: 'plain',
      why: 'refused: BAD_REQUEST',
      statementCount: 0,
    });
    expect((await t.admin.graph.raw('{ nothing }', {}, wish)).body.extensions.explain).toMatchObject({
      executor: 'none',
      statementCount: 0,
    });
  });
});

describe('a change', () => {
  const update =
    'mutation ($id: ID!, $name: String) { customerUpdate(id: $id, input: { name: $name, bankAccount: "6222999988887777" }) { customer { name version owner { name } } userErrors { code } } }';

  test('is made once and shows its statements; the read of its payload with the plan as it was run', async () => {
    const before = await t.sql('select version from customer where id = $1', [id]);
    const found = await explained(t.admin, update, { id, name: '华信' }, { ...wish, 'x-request-id': '' });
    expect(await t.sql('select version from customer where id = $1', [id])).toEqual([
      { version: before[0]!['version'] + 1 },
    ]);
    const sent = found.statements.map(({ sql }: Data) => sql).join('\n');
    for (const written of ['update "customer" set', 'insert into audit_entry', 'insert into outbox'])
      expect(sent).toContain(written);
    const read = found.statements.at(-1);
    expect(read.sql).toMatch(/^select \(select row_to_json/);
    expect(read.plan['Execution Time']).toEqual(expect.any(Number));
    expect(read.values).toContain(id);
    // what writes is planned, but not run again
    for (const { sql, plan } of found.statements)
      if (/^\s*(insert|update|with)/.test(sql))
        expect([sql, plan.Plan['Node Type'], plan['Execution Time']]).toEqual([sql, expect.any(String), undefined]);
    expect(await t.sql('select version from customer where id = $1', [id])).toEqual([
      { version: before[0]!['version'] + 1 },
    ]);
  });

  test('under a key shows what was done, and its repetition that nothing was', async () => {
    const headers = { ...wish, 'idempotency-key': randomUUID() };
    const first = await t.admin.graph.raw(update, { id, name: '华信二' }, headers);
    expect(first.body.extensions.explain).toMatchObject({ executor: 'compiled' });
    const again = await t.admin.graph.raw(update, { id, name: '华信二' }, headers);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body.data).toEqual(first.body.data);
    expect(again.body.extensions.explain).toMatchObject({ executor: 'replayed', statementCount: 2 });
  });

  test('shows none of the values that it writes: former ones may be masked for the caller', async () => {
    const found = await explained(t.admin, update, { id, name: '华信三' });
    expect(lasting(found)).not.toContain('6222');
    for (const { sql, values } of found.statements)
      if (/^\s*(insert|update|with)/.test(sql)) expect([sql, values]).toEqual([sql, undefined]);
  });
});

describe('nobody learns of others', () => {
  test('neither rows of another tenant, nor how many there are', async () => {
    for (let n = 0; n < 5; n += 1) await customer(t.outsider, { name: `别家${n}` });
    const found = await explained(
      t.viewer,
      'query ($s: String) { customers(filter: { search: $s }) { totalCount nodes { name phone } } }',
      { s: '家' },
    );
    const text = lasting(found);
    expect(text).not.toContain('别家');
    expect(text).not.toContain('Rows Removed');
    expect(text).not.toContain('138');
    expect(found.statements[0].plan.Plan['Actual Rows']).toBe(1);
  });

  test('a read of customers that another tenant has linked is shown without its values and its plan', async () => {
    await t.outsider.id();
    await t.admin.graph(
      'mutation ($id: ID!, $tenant: ID!) { customerTenantCreate(input: { customer: $id, tenant: $tenant, relationType: CLIENT }) { userErrors { code } } }',
      { id, tenant: t.outsider.tenant },
    );
    const found = await explained(t.outsider, '{ linkedCustomers { totalCount nodes { name } } }');
    expect(found.why).toBe('Query.linkedCustomers is answered by code');
    const [own, ...theirs] = found.statements;
    expect(own).toMatchObject({ values: [expect.any(String)], plan: { 'Execution Time': expect.any(Number) } });
    expect(theirs.length).toBeGreaterThan(0);
    for (const one of theirs)
      expect(one).toEqual({
        sql: expect.any(String),
        roundTrip: expect.any(Number),
        ms: expect.any(Number),
        noPlan: 'It is about another tenant, or about none.',
      });
  });

  test('in production nothing is explained, however it is asked for', async () => {
    const server = await startAnother({
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      AUTH_JWT_SECRET: testSecret(),
      CRM_TENANT_AUTOCREATE: '1',
    });
    try {
      for (let n = 0; n < 2; n += 1) {
        const { status, body, headers } = await send(
          'POST',
          `${server.address}/graphql`,
          { authorization: `Bearer ${t.admin.token}`, ...wish },
          { query: '{ customers { totalCount } }', extensions: { explain: true } },
        );
        expect([status, body, headers.get('x-crm-executor')]).toEqual([
          200,
          { data: { customers: { totalCount: 1 } } },
          null,
        ]);
      }
    } finally {
      await server.stop();
    }
  });
});
