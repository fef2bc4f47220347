import { customer, opportunity, written } from '../support/records.js';
import { pool } from '../support/pools.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { computed, dayIn, plus, poolOf, ruleOf } from './recycling.js';

const fields =
  'id version name position enabled trigger days exemptions tiers customerStatuses customerKinds sizes sources regions industries leadStatuses leadSources reminderDays pool { id }';
const create = `mutation ($input: PoolRuleInput!) { poolRuleCreate(input: $input) { poolRule { ${fields} } userErrors { code field } } }`;
const update = `mutation ($id: ID!, $input: PoolRuleInput!, $version: Int) { poolRuleUpdate(id: $id, input: $input, version: $version) { poolRule { ${fields} } userErrors { code field } } }`;
const remove = 'mutation ($id: ID!) { poolRuleDelete(id: $id) { deletedId userErrors { code field } } }';

const today = (): string => dayIn('Asia/Shanghai', new Date());

/** Lets customers have been held for so many days; days are computed with the next rule. */
const heldFor = ({ sql }: TestTenant, days: Record<string, number>): Promise<unknown> =>
  Promise.all(
    Object.entries(days).map(([name, n]) =>
      sql(`update customer set held_since = now() - make_interval(days => $2::int) where name = $1`, [name, n]),
    ),
  );

describe('rules', () => {
  test('are stored as they were given, changed and deleted, audited and published', async () => {
    const t = await tenant();
    const pool = await poolOf(t, 'CUSTOMER');
    const input = {
      pool,
      name: ' 三十天未跟进 ',
      position: 2,
      trigger: 'NO_FOLLOW_UP',
      days: 30,
      exemptions: ['CONTRACT_IN_FORCE', 'MONEY_OUTSTANDING', 'CONTRACT_IN_FORCE'],
      tiers: ['BRONZE', 'SILVER'],
      regions: [' 华北', '{"a,b\\}'],
      reminderDays: [1, 7, 3, 7],
    };
    const { poolRuleCreate: made } = await t.admin.graph(create, { input });
    const rule = {
      id: expect.any(String),
      version: 1,
      name: '三十天未跟进',
      position: 2,
      enabled: true,
      trigger: 'NO_FOLLOW_UP',
      days: 30,
      exemptions: ['CONTRACT_IN_FORCE', 'MONEY_OUTSTANDING'],
      tiers: ['BRONZE', 'SILVER'],
      customerStatuses: [],
      customerKinds: [],
      sizes: [],
      sources: [],
      regions: ['华北', '{"a,b\\}'],
      industries: [],
      leadStatuses: [],
      leadSources: [],
      reminderDays: [7, 3, 1],
      pool: { id: pool },
    };
    expect(made).toEqual({ poolRule: rule, userErrors: [] });
    const { id } = made.poolRule;
    // what is stored already is no change
    const same = { regions: ['华北', '{"a,b\\}'], reminderDays: [7, 3, 1], tiers: ['BRONZE', 'SILVER'] };
    expect(await t.admin.graph(update, { id, input: same })).toEqual({
      poolRuleUpdate: { poolRule: rule, userErrors: [] },
    });
    expect(await t.admin.graph(update, { id, input: { tiers: null, days: 60 }, version: 1 })).toEqual({
      poolRuleUpdate: { poolRule: { ...rule, version: 2, tiers: [], days: 60 }, userErrors: [] },
    });
    expect(await t.admin.graph.userErrors(update, { id, input: { days: 5 }, version: 1 })).toEqual([
      'VERSION_CONFLICT version',
    ]);
    expect(await t.admin.graph(remove, { id })).toEqual({ poolRuleDelete: { deletedId: id, userErrors: [] } });
    expect((await t.admin.graph('{ poolRules { totalCount } }')).poolRules.totalCount).toBe(0);
    expect(await t.sql("select type, data from outbox where type like 'crm.poolRule.%' order by seq")).toEqual([
      { type: 'crm.poolRule.created', data: {} },
      { type: 'crm.poolRule.updated', data: { changed: ['days', 'tiers'] } },
      { type: 'crm.poolRule.deleted', data: { changed: ['deletedAt'] } },
    ]);
    expect(
      await t.sql(
        "select act, changes - 'deletedAt' as changes from audit_entry where record_type = 'PoolRule' order by at, id offset 1",
      ),
    ).toEqual([
      { act: 'poolRule.update', changes: { days: [30, 60], tiers: [['BRONZE', 'SILVER'], []] } },
      { act: 'poolRule.delete', changes: {} },
    ]);
  });

  test('are refused with the field that is wrong, and nothing is stored', async () => {
    const t = await tenant();
    const [pool, leads] = [await poolOf(t, 'CUSTOMER'), await poolOf(t, 'LEAD')];
    const good = { pool, name: '规则', trigger: 'HELD', days: 3 };
    const before = await written(t);
    const wrong: Array<[input: object, errors: string[]]> = [
      [{ ...good, name: ' ' }, ['REQUIRED name']],
      [{ ...good, days: 0 }, ['OUT_OF_RANGE days']],
      [{ ...good, days: 3651 }, ['OUT_OF_RANGE days']],
      [{ name: '规则' }, ['REQUIRED pool', 'REQUIRED trigger', 'REQUIRED days']],
      [{ ...good, pool: '00000000-0000-7000-8000-000000000000' }, ['UNKNOWN_REFERENCE pool']],
      [{ ...good, leadStatuses: ['NEW'] }, ['INVALID leadStatuses']],
      [{ ...good, leadSources: ['EVENT'] }, ['INVALID leadSources']],
      [{ ...good, pool: leads, tiers: ['GOLD'] }, ['INVALID tiers']],
      [{ ...good, pool: leads, exemptions: ['OPEN_OPPORTUNITY'] }, ['INVALID exemptions']],
      [{ ...good, pool: leads, trigger: 'NOTHING_WON' }, ['INVALID trigger']],
      [{ ...good, regions: ['华北', 'x'.repeat(101)] }, ['TOO_LONG regions.1']],
      [{ ...good, sources: [' '] }, ['REQUIRED sources.0']],
      [{ ...good, industries: Array.from({ length: 101 }, (_, n) => `${n}`) }, ['OUT_OF_RANGE industries']],
      [{ ...good, reminderDays: [7, 0] }, ['OUT_OF_RANGE reminderDays.1']],
      [{ ...good, reminderDays: Array.from({ length: 11 }, (_, n) => n + 1) }, ['OUT_OF_RANGE reminderDays']],
    ];
    const refused = [];
    for (const [input] of wrong) refused.push(await t.admin.graph.userErrors(create, { input }));
    expect(refused).toEqual(wrong.map(([, errors]) => errors));
    for (const who of [t.manager, t.sales, t.viewer])
      expect(await who.graph.refused(create, { input: good })).toEqual(['FORBIDDEN']);
    expect(await written(t)).toEqual(before);
    expect(await t.sql('select 1 from pool_rule union all select 1 from recycling_run')).toEqual([]);
    const id = await ruleOf(t, { ...good, pool: leads });
    expect(await t.admin.graph.userErrors(update, { id, input: { trigger: 'NOTHING_WON' } })).toEqual([
      'INVALID trigger',
    ]);
    expect(await t.admin.graph.userErrors(update, { id, input: { pool, leadStatuses: ['NEW'] } })).toEqual([
      'INVALID leadStatuses',
    ]);
    expect(await t.outsider.graph.userErrors(update, { id, input: { days: 4 } })).toEqual(['NOT_FOUND id']);
    for (const who of [t.manager, t.sales]) expect(await who.graph.refused(remove, { id })).toEqual(['FORBIDDEN']);
  });

  test('are seen by all who work in the tenant, the first by position first', async () => {
    const t = await tenant();
    const pool = await poolOf(t, 'CUSTOMER');
    for (const [name, position] of [
      ['乙', 2],
      ['丙', 3],
      ['甲', 1],
    ] as const)
      await ruleOf(t, { pool, name, position, trigger: 'HELD', days: 3 });
    const list = '{ poolRules { nodes { name viewerCanUpdate { allowed } } } }';
    const shown = (allowed: boolean): Data => ({
      poolRules: { nodes: ['甲', '乙', '丙'].map((name) => ({ name, viewerCanUpdate: { allowed } })) },
    });
    expect(await t.sales.graph(list)).toEqual(shown(false));
    expect(await t.admin.graph(list)).toEqual(shown(true));
    expect((await t.outsider.graph(list)).poolRules.nodes).toEqual([]);
    expect((await t.sales.graph('{ poolRules(filter: { search: "丙" }) { nodes { name } } }')).poolRules.nodes).toEqual(
      [{ name: '丙' }],
    );
  });
});

describe('the day of a record', () => {
  test('is that of the earliest rule, of several with the same day that of the first by position', async () => {
    const t = await tenant();
    const pool = await poolOf(t, 'CUSTOMER');
    const owner = await t.sales.id();
    await customer(t.admin, { name: '普通', owner });
    await customer(t.admin, { name: '重要', owner, tier: 'SILVER' });
    await customer(t.admin, { name: '无人' });
    const late = await ruleOf(t, { pool, name: '一月', trigger: 'HELD', days: 30, position: 1 });
    const second = await ruleOf(t, { pool, name: '一周乙', trigger: 'HELD', days: 7, position: 3, tiers: ['SILVER'] });
    const first = await ruleOf(t, {
      pool,
      name: '一周甲',
      trigger: 'NO_FOLLOW_UP',
      days: 7,
      position: 2,
      tiers: ['SILVER'],
    });
    const list = (): Promise<Data> =>
      t.sales.graph(
        '{ customers(orderBy: [{ field: NUMBER }]) { nodes { name version recycleOn recycleRule { id name } } } }',
      );
    const expected = (rule: Data): Data => [
      { name: '普通', version: 1, recycleOn: plus(today(), 30), recycleRule: { id: late, name: '一月' } },
      { name: '重要', version: 1, recycleOn: plus(today(), 7), recycleRule: rule },
      { name: '无人', version: 1, recycleOn: null, recycleRule: null },
    ];
    expect((await list()).customers.nodes).toEqual(expected({ id: first, name: '一周甲' }));
    await t.admin.graph(remove, { id: first });
    await computed(t);
    expect((await list()).customers.nodes).toEqual(expected({ id: second, name: '一周乙' }));
    expect(
      await t.sql(
        'select kind, status, total, done, part, last_record from recycling_run where number = (select max(number) from recycling_run)',
      ),
    ).toEqual([{ kind: 'COMPUTE', status: 'DONE', total: 2, done: 2, part: 'CUSTOMER', last_record: null }]);
  });

  test('is found, and orders lists, in one statement', async () => {
    const t = await tenant();
    const pool = await poolOf(t, 'CUSTOMER');
    const owner = await t.sales.id();
    for (const name of ['十', '二十', '三十']) await customer(t.admin, { name, owner });
    await customer(t.admin, { name: '无' });
    await heldFor(t, { 十: 20, 二十: 10, 三十: 0 });
    await ruleOf(t, { pool, name: '一月', trigger: 'HELD', days: 30 });
    const found = async (filter: object, direction = 'ASC'): Promise<string[]> => {
      const answer = await t.sales.graph.raw(
        'query ($filter: CustomerFilter, $direction: SortDirection!) { customers(filter: $filter, orderBy: [{ field: RECYCLE_ON, direction: $direction }]) { nodes { name } } }',
        { filter, direction },
      );
      expect(answer.statements).toBe(1);
      return answer.body.data.customers.nodes.map(({ name }: Data) => name);
    };
    expect(await found({})).toEqual(['十', '二十', '三十', '无']);
    expect(await found({ recycleUntil: plus(today(), 20) })).toEqual(['十', '二十']);
    expect(await found({ recycleUntil: plus(today(), 9) })).toEqual([]);
    expect(await found({ recycleFrom: plus(today(), 20) }, 'DESC')).toEqual(['三十', '二十']);
    expect(await found({ isEmpty: ['RECYCLE_ON'] })).toEqual(['无']);
  });
});

describe('the preview', () => {
  const shown =
    'kind total reasons { recordId name since dueOn } customers(orderBy: [{ field: NUMBER }]) { totalCount nodes { name } } leads { nodes { name } }';

  test('says whom a rule would take today and why, whether it is stored or not, in one statement', async () => {
    const t = await tenant();
    const pool = await poolOf(t, 'CUSTOMER');
    const owner = await t.sales.id();
    for (const name of ['甲', '乙', '丙']) await customer(t.admin, { name, owner });
    await customer(t.admin, { name: '丁' });
    await heldFor(t, { 甲: 12, 乙: 10, 丙: 9 });
    const input = { pool, name: '十天', trigger: 'HELD', days: 10, exemptions: ['OPEN_OPPORTUNITY'] };
    const byInput = `query ($input: PoolRuleInput) { poolRulePreview(input: $input) { ${shown} } }`;
    const taken = async (names: string[], since: number[]): Promise<Data> => ({
      kind: 'CUSTOMER',
      total: names.length,
      reasons: await Promise.all(
        names.map(async (name, index) => ({
          recordId: (await t.sql('select id from customer where name = $1', [name]))[0]!['id'],
          name,
          since: plus(today(), -since[index]!),
          dueOn: plus(today(), 10 - since[index]!),
        })),
      ),
      customers: { totalCount: names.length, nodes: names.map((name) => ({ name })) },
      leads: { nodes: [] },
    });
    const answer = await t.admin.graph.raw(byInput, { input });
    expect(answer.body.data.poolRulePreview).toEqual(await taken(['甲', '乙'], [12, 10]));
    expect(answer.statements).toBe(1);
    const id = await ruleOf(t, { ...input, enabled: false });
    await opportunity(t.admin, {
      name: '商机',
      customer: (await t.sql("select id from customer where name = '乙'"))[0]!['id'],
    });
    const byId = `query ($id: ID) { poolRulePreview(id: $id) { ${shown} } }`;
    const [{ number }] = (await t.sql('select number from pool_rule')) as [Data];
    for (const name of [id, number])
      expect((await t.admin.graph(byId, { id: name })).poolRulePreview).toEqual(await taken(['甲'], [12]));
    // nothing happens
    expect(await t.sql('select 1 from customer where recycle_on is not null')).toEqual([]);
  });

  test('is for those who administer the tenant, and knows leads from customers', async () => {
    const t = await tenant();
    const pool = await poolOf(t, 'LEAD');
    await t.admin.graph('mutation ($input: LeadInput!) { leadCreate(input: $input) { userErrors { code } } }', {
      input: { name: '线索', owner: await t.sales.id(), source: 'EVENT' },
    });
    await t.sql("update lead set held_since = now() - interval '8 days'");
    const query = `query ($id: ID, $input: PoolRuleInput) { poolRulePreview(id: $id, input: $input) { ${shown} } }`;
    const input = { pool, trigger: 'HELD', days: 7, leadSources: ['EVENT'] };
    expect((await t.admin.graph(query, { input })).poolRulePreview).toMatchObject({
      kind: 'LEAD',
      total: 1,
      customers: { totalCount: 0 },
      leads: { nodes: [{ name: '线索' }] },
    });
    expect((await t.admin.graph(query, { input: { ...input, leadSources: ['OTHER'] } })).poolRulePreview.total).toBe(0);
    for (const nothing of [{}, { id: '00000000-0000-7000-8000-000000000000' }, { id: 'nobody' }, { input: {} }])
      expect((await t.admin.graph(query, nothing)).poolRulePreview).toBeNull();
    for (const who of [t.manager, t.sales, t.viewer])
      expect(await who.graph.refused(query, { input })).toEqual(['FORBIDDEN']);
  });
});

test('a customer that a rule is about to take is given back into whichever pool its owner says', async () => {
  const t = await tenant();
  const [ofRule, other] = [
    await poolOf(t, 'CUSTOMER'),
    await pool(t, { name: '另一个' }, [{ user: await t.sales.id() }]),
  ];
  const { id } = await customer(t.sales, { name: '甲' });
  await ruleOf(t, { pool: ofRule, name: '三十天', trigger: 'HELD', days: 30 });
  const seen = async (): Promise<Data> =>
    (
      await t.admin.graph(
        'query ($id: ID!) { customer(id: $id) { pool { id } recycleRule { pool { id } } recycleOn owner { id } } }',
        { id },
      )
    ).customer;
  expect((await seen()).recycleRule).toEqual({ pool: { id: ofRule } });
  const { customersReturn } = await t.admin.graph(
    'mutation ($ids: [ID!]!, $pool: ID!) { customersReturn(ids: $ids, pool: $pool, reason: "不合适") { results { userErrors { code field } } userErrors { code field } } }',
    { ids: [id], pool: other },
  );
  expect(customersReturn).toEqual({ results: [{ userErrors: [] }], userErrors: [] });
  expect(await seen()).toEqual({ pool: { id: other }, recycleRule: null, recycleOn: null, owner: null });
});
