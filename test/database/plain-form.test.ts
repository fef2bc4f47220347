import { inPlainForm } from '../../src/database/plain-form.js';
import type { PlainForm, Statement } from '../../src/core/database.js';
import { anotherServer, plain } from '../support/server.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// A distributed database is written to by plain statements where one PostgreSQL takes one: the same must be stored.

const writes = `mutation ($bulk: [CustomerOnboardInput!]!) {
  a: customerOnboard(input: { name: "苏州光电有限公司", phone: "0512-6280 0000" }, contacts: [{ name: "张伟", mobile: "13800138000" }, { name: "李娜" }]) { customer { id } userErrors { code field } }
  b: customersOnboard(inputs: $bulk) { results { index userErrors { code field } } }
  c: customerCreate(input: { name: "苏州光电有限公司" }) { customer { id } userErrors { code field } }
  d: opportunityCreate(input: { name: "产线改造", customer: "01900000-0000-7000-8000-000000000000", amount: { amount: "1" } }) { userErrors { code field } }
}`;

const bulk = [
  { customer: { name: '华东精密制造有限公司' }, contacts: [{ name: '王芳', email: 'wang@example.cn' }] },
  { customer: { name: '苏州光电有限公司' }, contacts: [] },
  { customer: { name: '上海测试仪器厂', phone: '021-5555 1234' }, contacts: [{ name: '赵强' }, { name: '孙丽' }] },
];

/** What the writes have stored, without what differs each time. */
async function stored({ sql }: TestTenant): Promise<Data[]> {
  return Promise.all([
    sql('select name, code, account_no, currency, version, phone from customer order by name'),
    sql('select name, mobile, version from contact order by name'),
    sql(
      'select c.name, array_agg(g.gram order by g.gram) grams from customer c join customer_gram g on g.tenant_id = c.tenant_id and g.id = c.id where c.tenant_id = app_tenant() and g.tenant_id = app_tenant() group by c.name, c.id order by 1',
    ),
    sql(
      'select c.name, array_agg(g.gram order by g.gram) grams from contact c join contact_gram g on g.tenant_id = c.tenant_id and g.id = c.id where c.tenant_id = app_tenant() and g.tenant_id = app_tenant() group by c.name, c.id order by 1',
    ),
    sql('select name, expected_amount, expected_amount_units, code, stage from opportunity order by name'),
    sql('select name, agreed_amount, agreed_amount_units, code from contract order by name'),
    sql('select from_stage, to_stage from stage_change order by number'),
    sql(
      'select act, reason, record_type, actor_login, face, array(select jsonb_object_keys(changes)) fields from audit_entry order by number',
    ),
    sql('select seq, type from outbox order by seq'),
    sql('select name, last from series order by name'),
    sql('select seq from feed_head'),
  ]);
}

/** The same writes in a fresh tenant: by the server of the run, or by another one. */
async function written(server?: string): Promise<{ answers: Data[]; rows: Data[] }> {
  const t = await tenant();
  const own = process.env['CRM_TEST_ADDRESS'];
  if (server) process.env['CRM_TEST_ADDRESS'] = server;
  try {
    const { graph } = t.admin;
    const first = await graph(writes, { bulk });
    const { id } = first.a.customer;
    const answers = [
      await graph(
        'mutation ($id: ID!) { a: customerUpdate(id: $id, input: { name: "苏州光电股份有限公司", phone: "0512-6280 1111" }) { customer { version } userErrors { code } } b: opportunityCreate(input: { name: "产线改造", customer: $id, amount: { amount: "120000.50" } }) { opportunity { code } userErrors { code } } c: contractCreate(input: { name: "供货合同", customer: $id, amount: { amount: "90000" } }) { contract { code } userErrors { code } } }',
        { id },
      ),
      await graph(
        '{ customers(filter: { search: "光电股份" }) { totalCount nodes { name } } contacts(filter: { search: "800138" }) { nodes { name } } }',
      ),
      await graph('{ customers(filter: { search: "光电有限" }) { totalCount } }'),
    ];
    delete first.a.customer.id;
    return { answers: [first, ...answers], rows: await stored(t) };
  } finally {
    process.env['CRM_TEST_ADDRESS'] = own;
  }
}

test('plain statements store what one statement stores', async () => {
  const [one, other] = [await written(), await written(await anotherServer({ ...plain(), CRM_CITUS: '1' }))];
  expect(other).toEqual(one);
  expect(one.answers[1]).toMatchObject({ a: { customer: { version: 2 }, userErrors: [] } });
  expect(one.answers[2]).toEqual({
    customers: { totalCount: 1, nodes: [{ name: '苏州光电股份有限公司' }] },
    contacts: { nodes: [{ name: '张伟' }] },
  });
});

test('rows of one table that are added one after the other are one statement', async () => {
  const { admin } = await tenant();
  const own = process.env['CRM_TEST_ADDRESS'];
  process.env['CRM_TEST_ADDRESS'] = await anotherServer({ ...plain(), CRM_CITUS: '1' });
  try {
    const { body } = await admin.graph.raw(
      'mutation { customerOnboard(input: { name: "苏州光电有限公司" }, contacts: [{ name: "张伟", mobile: "13800138000" }, { name: "李娜", email: "li@example.cn" }]) { customer { contacts(first: 5) { nodes { mobile email } } } } }',
      undefined,
      { 'x-crm-explain': '1' },
    );
    expect(body.data.customerOnboard.customer.contacts.nodes).toEqual([
      { mobile: '13800138000', email: null },
      { mobile: null, email: 'li@example.cn' },
    ]);
    const sent: string[] = body.extensions.explain.statements.map(({ sql }: Data) => sql);
    expect(sent.flatMap((sql) => /^insert into "?(\w+)/.exec(sql)?.[1] ?? [])).toEqual([
      'series',
      'customer',
      'customer_gram',
      'contact',
      'contact_gram',
      'customer_contact',
      'audit_entry',
      'feed_head',
      'outbox',
    ]);
  } finally {
    process.env['CRM_TEST_ADDRESS'] = own;
  }
});

describe('in as few round trips as there can be', () => {
  const statement = (text: string, form?: PlainForm): Statement => ({
    text,
    values: [],
    ...(form && { plain: () => form }),
  });
  const sentBy = async (...statements: Statement[]): Promise<{ sent: string[][]; rows: Data[] }> => {
    const sent: string[][] = [];
    const rows = await inPlainForm(statements, async (batch) => {
      sent.push(batch.map(({ text }) => text));
      return batch.map(({ text }) => [[text.toUpperCase()]]);
    });
    return { sent, rows };
  };

  test('what has no plain form is sent at once', async () =>
    expect(await sentBy(statement('a'), statement('b'))).toEqual({ sent: [['a', 'b']], rows: [[['A']], [['B']]] }));

  test('what comes first of several goes together, and what keeps its place by itself', async () => {
    const numbered = (name: string): Statement =>
      statement(name, {
        before: [statement(`number of ${name}`)],
        rest: ([rows]) => ({ statements: [statement(`${name} with ${rows![0]![0]}`)] }),
      });
    const last = statement('last', {
      before: [statement('head')],
      inPlace: true,
      rest: ([rows]) => ({ statements: [statement(`after ${rows![0]![0]}`)], rows: [['done']] }),
    });
    expect(
      await sentBy(statement('begin'), numbered('b'), statement('c'), numbered('d'), last, statement('commit')),
    ).toEqual({
      sent: [
        ['begin', 'number of b', 'number of d'],
        ['b with NUMBER OF B', 'c', 'd with NUMBER OF D', 'head'],
        ['after HEAD', 'commit'],
      ],
      rows: [[['BEGIN']], [], [['C']], [], [['done']], [['COMMIT']]],
    });
  });
});
