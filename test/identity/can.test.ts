import { isNonNullType } from 'graphql';
import { countOf, isChosen } from '../support/generated.js';
import { argumentsOf, Fresh, mutations, schema } from '../support/mutations.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';
import { callers } from '../rights/callers.js';
import { ofNothing, refusalsOf, type Call } from '../rights/changing.js';

// `viewer { can }` is held against what every field of the graph then answers: FORBIDDEN, or something else.

const canOf = async (by: Actor): Promise<string[]> => ((await by.graph('{ viewer { can } }')) as Data).viewer.can;

const queries = Object.values(schema.getQueryType()!.getFields());
let t: TestTenant;
let narrow: TestTenant;
let calls: Call[];
beforeAll(async () => {
  [t, narrow] = [await tenant(), await tenant()];
  await t.outsider.id();
  const f = new Fresh(t);
  const made: Call[] = [];
  for (const mutation of Object.keys(mutations)) made.push({ mutation, args: await argumentsOf[mutation]!(f) });
  calls = ofNothing(made);
  for (const record of ['CUSTOMER', 'LEAD'])
    await narrow.admin.graph(
      `mutation { roleReachChange(role: SALES, record: ${record}, use: WRITE, reach: ${record === 'LEAD' ? 'NONE' : 'OWN'}) { userErrors { code } }
        manager: roleReachChange(role: MANAGER, record: ${record}, use: WRITE, reach: ${record === 'LEAD' ? 'OWN' : 'NONE'}) { userErrors { code } } }`,
    );
}, 60_000);

/** Every mutation that is refused to a caller for their rights. */
async function forbiddenTo(by: Actor): Promise<string[]> {
  // tenants are not made by the hundred
  const tried = calls.filter(({ mutation }) => mutation !== 'tenantCreate');
  const refusals = await refusalsOf(by, tried);
  return tried.flatMap(({ mutation }, index) => (refusals[index]!.includes('FORBIDDEN') ? [mutation] : []));
}

/** How many queries are sent in one request. */
const atOnce = 16;

/** Every query that is refused to a caller for their rights; those that must be given more than names are for everybody. */
async function forbiddenQueriesTo(by: Actor): Promise<string[]> {
  const selections = queries.map(({ name, args, type }) => {
    const needed = args.filter((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined);
    const isSimple = needed.every(({ type: of }) => /^(ID|String)!$/.test(String(of)));
    if (!isSimple) return '';
    const given = needed.map((arg) => `${arg.name}: "1"`).join(', ');
    const shown = 'getFields' in schema.getType(String(type).replace(/[[\]!]/g, ''))! ? '{ __typename }' : '';
    return `${name}${given && `(${given})`} ${shown}`;
  });
  const refused: string[] = [];
  for (let from = 0; from < selections.length; from += atOnce) {
    const { body } = await by.graph.raw(`{ __typename ${selections.slice(from, from + atOnce).join(' ')} }`);
    if (!body.data) throw new Error(JSON.stringify(body.errors));
    for (const { path, extensions } of (body.errors ?? []) as Data[])
      if (extensions.code === 'FORBIDDEN') refused.push(path[0]);
  }
  return refused;
}

test('every mutation is named, and of the queries those that are not for everybody', async () => {
  const nobody = await actor('nobody', t.code, ['service'], { scope: '' });
  const closed = await forbiddenQueriesTo(nobody);
  expect(closed).toEqual(expect.arrayContaining(['auditEntries', 'webhooks', 'tenants', 'poolRulePreview']));
  expect((await canOf(t.platform)).toSorted()).toEqual([...Object.keys(mutations), ...closed].toSorted());
  expect(await canOf(nobody)).toEqual([]);
});

test('what the caller can use answers something else than FORBIDDEN, and the rest that', async () => {
  const chosen = callers.filter(({ name, roles: [role] }) =>
    isChosen(name, countOf({ few: role === 'service' ? 32 : 3, all: 1 })),
  );
  const everybody: Array<[string, Actor]> = [];
  for (const { name, roles: held, scopes } of chosen)
    everybody.push([name, await actor(`a ${name}`, t.code, held, { scope: scopes.join(' ') })]);
  everybody.push(['sales without leads', narrow.sales], ['manager without customers', narrow.manager]);
  const wrong: unknown[] = [];
  for (const [name, by] of everybody) {
    const can = new Set(await canOf(by));
    const forbidden = new Set([...(await forbiddenTo(by)), ...(await forbiddenQueriesTo(by))]);
    for (const field of await canOf(t.platform))
      if (field !== 'tenantCreate' && can.has(field) === forbidden.has(field))
        wrong.push([name, field, can.has(field) ? 'can, and is refused' : 'cannot, and is not refused']);
  }
  expect(wrong).toEqual([]);
}, 120_000);

test('who may change no lead of theirs, or no customer, reads so', async () => {
  const [sales, manager] = [await canOf(narrow.sales), await canOf(narrow.manager)];
  const some = ['customerCreate', 'customerUpdate', 'leadCreate', 'leadUpdate', 'campaignCreate', 'poolCreate'];
  expect(some.map((field) => [field, sales.includes(field), manager.includes(field)])).toEqual([
    ['customerCreate', true, false],
    ['customerUpdate', true, true],
    ['leadCreate', false, true],
    ['leadUpdate', false, true],
    ['campaignCreate', false, true],
    ['poolCreate', false, false],
  ]);
});
