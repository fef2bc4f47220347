import fc from 'fast-check';
import { countOf, repeatable, seed } from '../support/generated.js';
import { Fresh } from '../support/mutations.js';
import { caseOf, customer, opportunity } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

const sum = '{ amount currency otherCurrencies { amount currency } }';
const groups = (name: string, key: string, by: string, of: string, asOf: string): string =>
  `${key}: ${name}(${asOf} by: [${by}], measures: [{ key: "n", as: COUNT }, { key: "s", of: ${of}, as: SUM }]) { groups { count keys { value } values { key number money { amounts { amount currency } } } } totals { count } }`;

/** What lists, groups and reports say of customers, opportunities and contracts. */
const everything = (asOf: string): string => `
  pipeline${asOf && `(${asOf})`} { count amount ${sum} weightedAmount ${sum} stages { stage count amount ${sum} opportunities(orderBy: { field: NUMBER }) { totalCount nodes { id } } } }
  forecast${asOf && `(${asOf})`} { month count amount ${sum} weightedAmount ${sum} opportunities(orderBy: { field: NAME }) { totalCount nodes { id weightedAmount { amount } closedOn } } }
  ${groups('opportunityGroups', 'byStage', '{ field: STAGE }, { field: OWNER }', 'AMOUNT', asOf)}
  ${groups('opportunityGroups', 'byMonth', '{ field: EXPECTED_CLOSE_ON, bucket: MONTH }', 'PROBABILITY', asOf)}
  ${groups('contractGroups', 'contracts', '{ field: STATUS }, { field: KIND }', 'AMOUNT', asOf)}
  ${groups('customerGroups', 'customers', '{ field: TIER }, { field: OWNER_DEPARTMENT }', 'HEALTH_SCORE', asOf)}
  all: opportunities(${asOf} orderBy: [{ field: AMOUNT, direction: DESC }, { field: NUMBER }]) { totalCount sums { currency count amount { amount } } nodes { id version name stage amount { amount currency } actualAmount { amount } weightedAmount { amount } expectedCloseOn closedOn closeReason updatedAt owner { id } } }
  large: opportunities(${asOf} filter: { amountMin: "3000", search: "商机 1", open: true }, orderBy: { field: NAME }) { totalCount nodes { number name } }
  agreed: contracts(${asOf} orderBy: { field: NAME }) { totalCount nodes { id name status amount { amount } endsOn term } }
  known: customers(${asOf} filter: { tier: [BRONZE, GOLD] }, orderBy: { field: NAME }) { totalCount nodes { id name tier status region phone healthScore owner { id } ownerDepartment { id } pool { id } updatedAt } }`;

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
});

const amounts = ['1000', '2500.50', '3999.99', '8000000', null];
const days = ['2027-01-31', '2027-02-28', '2027-06-30', null];
const pause = (): Promise<void> => new Promise((done) => setTimeout(done, 4));

/** Changes of records that are there, or new ones; each is tried, and some are refused. */
function steps(
  t: TestTenant,
  fresh: Fresh,
  users: string[],
  departments: string[],
): Array<(n: number) => Promise<unknown>> {
  const one = async (list: string, n: number): Promise<string | undefined> => {
    const { [list]: found } = await t.admin.graph(
      `{ ${list}(first: 100, orderBy: { field: NUMBER }) { nodes { id } } }`,
    );
    return found.nodes[n % Math.max(1, found.nodes.length)]?.id;
  };
  const at = <T>(values: readonly T[], n: number): T => values[n % values.length]!;
  const mutate = (name: string, args: object): Promise<unknown> => fresh.mutate(name, args, 'id');
  const money = (n: number): object | null => (at(amounts, n) === null ? null : { amount: at(amounts, n) });
  return [
    async (n) =>
      mutate('customerCreate', { input: { name: `客户 ${n}`, region: at(['华北', '华东'], n), owner: at(users, n) } }),
    async (n) =>
      mutate('opportunityCreate', {
        input: {
          name: `商机 ${n}`,
          customer: await one('customers', n),
          amount: money(n),
          expectedCloseOn: at(days, n >> 2),
          owner: at(users, n >> 4),
        },
      }),
    async (n) =>
      mutate('contractCreate', {
        input: {
          name: `合同 ${n}`,
          customer: await one('customers', n),
          amount: money(n),
          startsOn: '2026-01-01',
          endsOn: at(['2026-02-01', '2030-01-01'], n),
        },
      }),
    async (n) =>
      mutate('opportunityUpdate', {
        id: await one('opportunities', n),
        input: { amount: money(n >> 2), expectedCloseOn: at(days, n >> 4) },
      }),
    async (n) =>
      mutate('opportunityChangeStage', {
        id: await one('opportunities', n),
        stage: at(['PROPOSAL', 'NEGOTIATION', 'QUALIFICATION'], n >> 3),
      }),
    async (n) => mutate('opportunityWin', { id: await one('opportunities', n), input: { closedOn: '2026-01-05' } }),
    async (n) => mutate('opportunityLose', { id: await one('opportunities', n), input: { reason: '价格' } }),
    async (n) => mutate('opportunityDelete', { id: await one('opportunities', n) }),
    async () => {
      const { opportunities } = await t.admin.graph(
        '{ opportunities(deleted: true, filter: { deleted: true }) { nodes { id } } }',
      );
      return opportunities.nodes[0] && mutate('opportunityRestore', { id: opportunities.nodes[0].id });
    },
    async (n) =>
      mutate('opportunityUpdate', {
        id: await one('opportunities', n),
        input: { owner: at(users, n >> 3), name: `商机 1${n}` },
      }),
    async (n) => mutate('contractSign', { id: await one('contracts', n), signedOn: '2026-01-03' }),
    async (n) =>
      mutate('contractUpdate', {
        id: await one('contracts', n),
        input: { kind: at(['PURCHASE', 'FRAMEWORK'], n), amount: money(n >> 2) },
      }),
    async (n) =>
      mutate('customersUpdate', {
        inputs: [
          { id: await one('customers', n), input: { tier: at(['GOLD', 'SILVER', 'BRONZE'], n >> 2) } },
          { id: await one('customers', n + 1), input: { owner: at(users, n >> 1) } },
        ],
      }),
    async (n) => n % 3 === 0 && mutate('customerDelete', { id: await one('customers', n) }),
    async () => {
      const { customers } = await t.admin.graph(
        '{ customers(deleted: true, filter: { deleted: true }) { nodes { id } } }',
      );
      return customers.nodes[0] && mutate('customerRestore', { id: customers.nodes[0].id, input: {} });
    },
    async (n) => mutate('userUpdate', { id: at(users, n), input: { department: at([...departments, null], n >> 2) } }),
    async (n) => mutate('customersReturn', { ids: [await one('customers', n)], pool: await fresh.poolOf('customer') }),
    async (n) => mutate('userHandOver', { id: at(users, n), input: { to: { owner: at(users, n + 1) } } }),
    async (n) => mutate('customerCalculateHealth', { id: await one('customers', n) }),
  ];
}

test('what was at each moment of a random history is what lists, groups and reports answered at that moment, by both executors', () =>
  repeatable(async () => {
    const fresh = new Fresh(t);
    const users = [(await fresh.user()).id, await t.sales.id()];
    const departments = [(await fresh.department()).id, (await fresh.department()).id];
    const all = steps(t, fresh, users, departments);
    const random = fc.sample(fc.nat({ max: 1_000_000 }), { numRuns: 2 * countOf({ few: 45, all: 600 }), seed });
    const moments: Array<{ at: string; said: Data }> = [];
    for (let step = 0; step + 1 < random.length; step += 2) {
      await all[step < 12 ? step % 3 : random[step]! % all.length]!(random[step + 1]!);
      await pause();
      if (step % 10 === 0)
        moments.push({ at: new Date().toISOString(), said: await t.admin.graph(`{ ${everything('')} }`) });
      await pause();
    }
    for (const { at, said } of moments)
      for (const executor of ['compiled', 'plain']) {
        const { body, headers } = await t.admin.graph.raw(
          `query ($at: DateTime!) { ${everything('asOf: { at: $at }')} }`,
          { at },
          { 'x-crm-executor': executor },
        );
        expect(body.errors).toBeUndefined();
        expect(headers.get('x-crm-executor')).toMatch(new RegExp(`^${executor}`));
        expect(body.data).toEqual(said);
      }
    const [versions] = await t.sql<{ n: number }>('select count(*)::int n from record_version');
    expect(versions!.n).toBeGreaterThan(3);
  }));

const asked = 'query ($id: ID!, $asOf: AsOf) { opportunity(id: $id, asOf: $asOf) { id name amount { amount } } }';

test('a record is seen as it was by those who see it today, with what is masked for them today, deleted or not', async () => {
  const { id: of } = await customer(t.admin, { name: '华信', phone: '13800138000', owner: await t.sales.id() });
  const { id, number } = await opportunity(t.admin, {
    name: '原名',
    customer: of,
    amount: { amount: '70' },
    owner: await t.sales.id(),
  });
  const asOf = { at: new Date().toISOString() };
  await pause();
  const update =
    'mutation ($id: ID!, $input: OpportunityInput!) { opportunityUpdate(id: $id, input: $input) { userErrors { code } } }';
  await t.admin.graph(update, { id, input: { name: '新名', amount: { amount: '90' } } });
  const was = { id, name: '原名', amount: { amount: '70.00' } };
  for (const executor of ['compiled', 'plain'])
    for (const [by, expected] of [
      [t.admin, was],
      [t.sales, was],
      [t.viewer, { ...was, amount: null }],
      [t.sales2, null],
    ] as const)
      for (const key of [id, String(number)]) {
        const { body } = await by.graph.raw(asked, { id: key, asOf }, { 'x-crm-executor': executor });
        expect(body).toEqual({ data: { opportunity: expected } });
      }
  await t.admin.graph(
    'mutation ($id: ID!) { customerUpdate(id: $id, input: { owner: null }) { userErrors { code } } }',
    { id: of },
  );
  await t.admin.graph(update, { id, input: { owner: await t.sales2.id() } });
  const customers =
    'query ($asOf: AsOf) { customers(asOf: $asOf, filter: { search: "华信" }) { nodes { phone owner { login } } } }';
  const { customers: found } = await t.viewer.graph(customers, { asOf });
  expect(found.nodes).toEqual([{ phone: '138****8000', owner: { login: t.sales.subject } }]);
  expect((await t.sales2.graph(asked, { id, asOf })).opportunity).toEqual(was);
  await t.admin.graph('mutation ($id: ID!) { opportunityDelete(id: $id) { deletedId } }', { id });
  expect((await t.sales2.graph(asked, { id, asOf })).opportunity).toEqual(was);
  const { headers } = await t.admin.graph.raw(`query ($at: DateTime!) { ${everything('asOf: { at: $at }')} }`, asOf);
  expect(headers.get('x-crm-statements')).toBe('1');
});

test('a moment that has not come is refused; before anything there was nothing, and the answer says that it is reconstructed', async () => {
  const pipeline = 'query ($asOf: AsOf) { pipeline(asOf: $asOf) { count asOf { at since reconstructed } } }';
  for (const [asOf, place] of [
    [{ at: '2999-01-01T00:00:00Z' }, 'at'],
    [{ day: '2999-01-01' }, 'day'],
  ] as const)
    for (const executor of ['compiled', 'plain']) {
      const { body } = await t.admin.graph.raw(pipeline, { asOf }, { 'x-crm-executor': executor });
      expect([body.data, body.errors[0].extensions]).toEqual([
        { pipeline: null },
        expect.objectContaining({ code: 'INVALID', field: ['asOf', place] }),
      ]);
    }
  const [{ since }] = (await t.sql('select to_json(versions_since) as since from tenant where id = app_tenant()')) as [
    Data,
  ];
  const before = await t.admin.graph(pipeline, { asOf: { day: '2020-02-29' } });
  expect(before.pipeline).toEqual({
    count: 0,
    asOf: { at: '2020-02-29T15:59:59.999Z', since: new Date(since).toISOString(), reconstructed: true },
  });
  const moment =
    'query ($asOf: AsOf!) { asOfMoment(asOf: $asOf) { at since reconstructed } forecast(asOf: $asOf) { count } customers(asOf: $asOf) { totalCount } }';
  for (const executor of ['compiled', 'plain']) {
    const { body } = await t.viewer.graph.raw(moment, { asOf: { day: '2020-02-29' } }, { 'x-crm-executor': executor });
    expect(body.data).toEqual({ asOfMoment: before.pipeline.asOf, forecast: [], customers: { totalCount: 0 } });
    const future = await t.viewer.graph.raw(moment, { asOf: { day: '2999-01-01' } }, { 'x-crm-executor': executor });
    expect(future.body.errors[0].extensions).toMatchObject({ code: 'INVALID', field: ['asOf', 'day'] });
  }
  const { pipeline: now } = await t.admin.graph(pipeline, { asOf: { at: new Date().toISOString() } });
  expect(now.asOf.reconstructed).toBe(false);
  expect((await t.admin.graph(pipeline, {})).pipeline.asOf).toBeNull();
});

test('scores of one day are told apart by the moment: before, between and after them, by the single record, lists and groups', async () => {
  const { id } = await customer(t.admin, { name: '健康', region: '西北' });
  const moments: Array<{ at: string; healthScore: string }> = [];
  const note = async (): Promise<void> => {
    await pause();
    const { customer: now } = await t.admin.graph('query ($id: ID!) { customer(id: $id) { healthScore } }', { id });
    moments.push({ at: new Date().toISOString(), healthScore: now.healthScore });
    await pause();
  };
  const calculate = (): Promise<Data> =>
    t.admin.graph('mutation ($id: ID!) { customerCalculateHealth(id: $id) { userErrors { code } } }', { id });
  await note();
  for (const satisfaction of [5, null, 1, 1]) {
    if (satisfaction) {
      const { id: of } = await caseOf(t.admin, { subject: '故障', customer: id });
      const close =
        'mutation ($id: ID!, $input: CaseCloseInput!) { caseClose(id: $id, input: $input) { userErrors { code } } }';
      await t.admin.graph(close, { id: of, input: { satisfaction } });
    }
    await Promise.all([calculate(), calculate()]);
    await note();
  }
  expect(moments.map(({ healthScore }) => healthScore)).toEqual(['75.0', '82.5', '82.5', '67.5', '62.5']);
  for (const { at, healthScore } of moments)
    for (const executor of ['compiled', 'plain']) {
      const { body } = await t.admin.graph.raw(
        `query ($id: ID!, $at: DateTime!) {
          one: customer(id: $id, asOf: { at: $at }) { healthScore }
          list: customers(asOf: { at: $at }, filter: { region: "西北", healthScoreMin: "${healthScore}", healthScoreMax: "${healthScore}" }) { nodes { healthScore } }
          groups: customerGroups(asOf: { at: $at }, filter: { region: "西北" }, by: [{ field: REGION }], measures: [{ key: "s", of: HEALTH_SCORE, as: SUM }]) { groups { values { number } } } }`,
        { id, at },
        { 'x-crm-executor': executor },
      );
      expect(body.errors).toBeUndefined();
      expect(body.data).toEqual({
        one: { healthScore },
        list: { nodes: [{ healthScore }] },
        groups: { groups: [{ values: [{ number: String(Number(healthScore)) }] }] },
      });
    }
  const [kept] = await t.sql<Data>(
    `select earlier_overall::text[] as scores from health_score where customer_id = '${id}'`,
  );
  expect(kept).toEqual({ scores: ['82.5', '67.5', '62.5'] });
});

/** Every node of plans, wherever they stand. */
const nodesOf = (value: unknown): Data[] =>
  value === null || typeof value !== 'object'
    ? []
    : [...('Node Type' in value ? [value as Data] : []), ...Object.values(value).flatMap(nodesOf)];

test('versions of other kinds of records, and those that ended before the moment, are not read', async () => {
  const { id: of } = await customer(t.admin, { name: '计划' });
  const { id } = await opportunity(t.admin, { name: '计划', customer: of, amount: { amount: '1' } });
  await pause();
  const at = new Date().toISOString();
  await pause();
  await t.admin.graph(
    'mutation ($id: ID!) { opportunityUpdate(id: $id, input: { name: "新计划" }) { userErrors { code } } }',
    { id },
  );
  await t.sql(
    `insert into record_version (tenant_id, record, valid_until, valid_from, record_type, data)
      select app_tenant(), gen_random_uuid(), case when n % 2 = 0 then $1::timestamptz + interval '1 hour' else $1::timestamptz - make_interval(secs => n) end, now() - interval '1 year', case when n % 2 = 0 then 'Contract' else 'Opportunity' end, '{"name": "旧"}'
      from generate_series(1, 20000) n`,
    [at],
  );
  await t.sql('analyze record_version');
  const asOf = `asOf: { at: "${at}" }`;
  for (const [asked, found] of [
    [`opportunity(id: "${id}", ${asOf}) { name }`, { name: '计划' }],
    [`opportunities(${asOf}, filter: { customer: "${of}" }) { nodes { name } }`, { nodes: [{ name: '计划' }] }],
    [`opportunityGroups(${asOf}, filter: { customer: "${of}" }) { totals { count } }`, { totals: { count: 1 } }],
    [`pipeline(${asOf}, filter: { customer: "${of}" }) { count }`, { count: 1 }],
    [`forecast(${asOf}, filter: { customer: "${of}" }) { count }`, [{ count: 1 }]],
  ] as const) {
    const { body } = await t.admin.graph.raw(`{ it: ${asked} }`, {}, { 'x-crm-explain': '1' });
    expect(body.data.it).toEqual(found);
    const scans = nodesOf(body.extensions.explain).filter((node) => node['Relation Name'] === 'record_version');
    expect(scans.length).toBeGreaterThan(0);
    for (const scan of scans) {
      expect(scan['Node Type']).not.toBe('Seq Scan');
      expect(scan['Actual Rows'] * scan['Actual Loops'] + (scan['Rows Removed by Filter'] ?? 0)).toBeLessThan(500);
    }
  }
});
