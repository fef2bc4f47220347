import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { countOf } from '../support/generated.js';
import { ownerUrl, send } from '../support/http.js';
import { customer, lead } from '../support/records.js';
import { furtherServers } from '../support/server.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { computed, poolOf, ruleOf, storedAndDue } from './recycling.js';

// Where there is no rule, nobody works out days; what is written while the first one is made has its day all the same.

let t: TestTenant;
let holder: pg.Client;
let other: string;
let pools: Record<'CUSTOMER' | 'LEAD', string>;
beforeAll(async () => {
  t = await tenant();
  pools = { CUSTOMER: await poolOf(t, 'CUSTOMER'), LEAD: await poolOf(t, 'LEAD') };
  [other] = (await furtherServers(1)) as [string];
  holder = new pg.Client({ connectionString: ownerUrl() });
  await holder.connect();
  await holder.query(`select set_config('app.tenant_id', id::text, false) from tenant where code = '${t.code}'`);
});
afterAll(() => holder.end());

const mine = async (): Promise<Data> => {
  const owner = await t.sales.id();
  const { id } = await customer(t.admin, { name: `客户 ${(made += 1)}`, owner });
  await t.sql("update customer set held_since = now() - interval '20 days' where id = $1", [id]);
  return { id, lead: (await lead(t.admin, { name: `线索 ${made}`, owner })).id };
};
let made = 0;

const premises = async (): Promise<string[]> => (await t.sql<Data>('select premises from feed_head'))[0].premises;

/** How many wait for the holder, or for those that do. */
async function waitingOnes(): Promise<number> {
  const { rows } = await holder.query(
    `with recursive waiting (pid) as (
        select pg_backend_pid() union select l.pid from pg_locks l join waiting w on w.pid = any(pg_blocking_pids(l.pid)) where not l.granted
      ) select count(*)::int - 1 as count from waiting`,
  );
  return rows[0].count;
}

/** Carries out both so that the first one commits first, and neither before everything of the other but its commit is done. */
async function together(first: () => Promise<string[]>, second: () => Promise<string[]>): Promise<string[][]> {
  const begun: Array<Promise<string[]>> = [];
  await holder.query('begin');
  try {
    await holder.query('select 1 from feed_head where tenant_id = app_tenant() for update');
    for (const work of [first, second]) {
      begun.push(work());
      await Promise.race([begun.at(-1), eventually(waitingOnes, (count) => count === begun.length)]);
    }
  } finally {
    await holder.query('rollback');
  }
  return Promise.all(begun);
}

/** Carries a mutation out, here or at another server; returns what refused it. */
async function act(mutation: string, type: string, args: Record<string, unknown>, server = ''): Promise<string[]> {
  const types: Record<string, string> = { id: 'ID!', input: `${type}!` };
  const names = Object.keys(args);
  const query = `mutation (${names.map((name) => `$${name}: ${types[name]}`).join(', ')}) { ${mutation}(${names.map((name) => `${name}: $${name}`).join(', ')}) { userErrors { code field } } }`;
  const { body } = await send(
    'POST',
    `${server}/graphql`,
    { authorization: `Bearer ${t.admin.token}` },
    { query, variables: args },
  );
  expect(body).toEqual({ data: { [mutation]: { userErrors: expect.any(Array) } } });
  return body.data[mutation].userErrors.map(({ code, field }: Data) => `${code} ${field}`);
}

const rule = (kind: 'CUSTOMER' | 'LEAD', input: object) => (): Promise<string[]> =>
  act('poolRuleCreate', 'PoolRuleInput', { input: { pool: pools[kind], name: '规则', days: 7, ...input } }, other);

const completed = { kind: 'CALL', content: '电话' };

/** What is written, and the rule that says something else of the record because of it. */
const cases: Array<[string, write: (of: Data) => Promise<string[]>, rule: () => Promise<string[]>]> = [
  [
    'an opportunity is opened',
    ({ id }) => act('opportunityCreate', 'OpportunityInput', { input: { customer: id, name: '商机' } }),
    rule('CUSTOMER', { trigger: 'HELD', exemptions: ['OPEN_OPPORTUNITY'] }),
  ],
  [
    'a follow-up is entered',
    ({ id }) => act('activityCreate', 'ActivityInput', { input: { customer: id, ...completed } }),
    rule('CUSTOMER', { trigger: 'NO_FOLLOW_UP' }),
  ],
  [
    'a customer is changed',
    ({ id }) => act('customerUpdate', 'CustomerInput', { id, input: { region: '华东' } }),
    rule('CUSTOMER', { trigger: 'HELD', regions: ['华东'] }),
  ],
  [
    'a lead is changed',
    ({ lead: id }) => act('leadUpdate', 'LeadInput', { id, input: { source: 'EVENT' } }),
    rule('LEAD', { trigger: 'HELD', leadSources: ['EVENT'] }),
  ],
  [
    'a lead is created',
    async () => act('leadCreate', 'LeadInput', { input: { name: '新线索', owner: await t.sales.id() } }),
    rule('LEAD', { trigger: 'HELD' }),
  ],
];

/** Deletes all rules, and waits until no record has a day. */
async function withoutRules(): Promise<void> {
  const { poolRules } = await t.admin.graph('{ poolRules { nodes { id } } }');
  for (const { id } of poolRules.nodes) expect(await act('poolRuleDelete', '', { id }, other)).toEqual([]);
  await computed(t);
  expect(await premises()).toEqual([]);
  const { stored } = await storedAndDue(t);
  expect(Object.values(stored).filter(({ recycleOn }) => recycleOn !== null)).toEqual([]);
}

test.each(cases.slice(0, countOf({ few: 2, all: cases.length })))(
  '%s while the first rule is made, before it and after it',
  async (_, write, makeRule) => {
    const of = await mine();
    for (const isFirst of [true, false]) {
      await withoutRules();
      const works = [() => write(of), makeRule];
      expect(await together(...((isFirst ? works : works.toReversed()) as [typeof makeRule, typeof makeRule]))).toEqual(
        [[], []],
      );
      await computed(t);
      expect(await premises()).toEqual(['RECYCLING']);
      const { stored, due } = await storedAndDue(t);
      expect([isFirst, stored]).toEqual([isFirst, due]);
      expect(
        await act('opportunityCreate', 'OpportunityInput', { input: { customer: of.id, name: '又一个' } }),
      ).toEqual([]);
      expect((await storedAndDue(t)).stored).toEqual((await storedAndDue(t)).due);
    }
  },
);

test('without a rule a write neither locks the customer nor sends more statements; with one it does', async () => {
  await withoutRules();
  const { id } = await mine();
  const create = (): ReturnType<typeof t.admin.graph.raw> =>
    t.admin.graph.raw(
      'mutation ($input: OpportunityInput!) { opportunityCreate(input: $input) { userErrors { code } } }',
      { input: { customer: id, name: '商机' } },
    );
  // another server may have deleted the last rule: the first write after it says so
  await create();
  await holder.query('begin');
  await holder.query('select 1 from customer where tenant_id = app_tenant() and id = $1 for no key update', [id]);
  const without = await create();
  expect(without.body.data.opportunityCreate.userErrors).toEqual([]);
  await holder.query('rollback');
  await ruleOf(t, { pool: pools.CUSTOMER, name: '规则', trigger: 'HELD', days: 7 });
  const within = await create();
  expect(within.statements - without.statements).toBe(2);
});

test('a limit that another server has just been given holds here', async () => {
  const manager = await t.manager.id();
  const give = (): Promise<string[]> =>
    act('customerCreate', 'CustomerInput', { input: { name: `给经理 ${(made += 1)}`, owner: manager } });
  expect(await give()).toEqual([]);
  const input = { kind: 'CUSTOMER', user: manager, max: 1 };
  expect(await act('holdingLimitCreate', 'HoldingLimitInput', { input }, other)).toEqual([]);
  expect(await give()).toEqual(['HOLDING_LIMIT input,owner']);
  expect((await premises()).toSorted()).toEqual(['HOLDING_LIMITS', 'RECYCLING']);
});
