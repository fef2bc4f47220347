import { getNamedType, parse } from 'graphql';
import pg from 'pg';
import ormOptions from '../../mikro-orm.config.js';
import { Context } from '../../src/core/context.js';
import { openOrm } from '../../src/database/orm.js';
import { Pool } from '../../src/database/pool.js';
import { findUser } from '../../src/identity/user.service.js';
import { modelOf } from '../../src/model/model.js';
import { engine } from '../../src/read/engine.js';
import { listOf, type ListSpec } from '../../src/read/list.js';
import { buildGraph } from '../../src/schema/schema.js';
import { activeTenants } from '../../src/tenants/tenant.service.js';
import { grown, ownDatabase, type OwnDatabase } from '../support/database.js';
import { someOf } from '../support/generated.js';
import { explaining } from '../support/plans.js';
import { fillTables } from '../support/rows.js';
import type { Data } from '../support/tenant.js';

// No list of the graph reads more than its page plus a bound, whatever it is ordered by, from either end, at its beginning and
// behind a cursor, as the server's role under row level security. Lists and orders are those of the schema.

const pageSize = 20;
/** Rows of each list, and where the cursor is. */
const rowsOfList = 2_000;
const middle = 1_300;
/** Most rows that a page reads of its list's table: one more than it has, to see whether there are more, and some whose place is the same. */
const maxRows = pageSize + 10;
/** Most rows that it reads of all tables: of others, the records that its rows refer to, and what is deleted of these. */
const maxOfAll = 10 * pageSize;

/** Lists that those who administer a tenant or the server make by hand, and what there are some of for each user: they are sorted in memory. */
const short = [
  'apiKeys',
  'departments',
  'endpointUses',
  'healthRuns',
  'holdingLimits',
  'poolRules',
  'pools',
  'recyclingRuns',
  'savedViews',
  'tenants',
  'tokenRevocations',
  'users',
  'webhooks',
];

/** Orders by what is worked out from other records, or from several columns with arithmetic: no index can have it, or none be bounded by it. */
const workedOut: Record<string, readonly string[]> = {
  customers: ['LIFETIME_VALUE', 'LIFETIME_VALUE_IN_TENANT_CURRENCY', 'NEXT_RENEWAL_ON'],
  leads: ['SCORE'],
};

let database: OwnDatabase;
let pool: Pool;
let owner: pg.Client;
let plans: string[];
let read: (text: string, explained: boolean) => Promise<Data>;

const schema = buildGraph();
const lists = Object.entries(schema.getQueryType()!.getFields()).flatMap(
  ([field, { type }]): Array<[string, ListSpec]> => {
    const spec = listOf(getNamedType(type).name.replace(/Connection$/, ''));
    return spec && getNamedType(type).name.endsWith('Connection') ? [[field, spec]] : [];
  },
);
const long = lists.filter(([field]) => !short.includes(field));

beforeAll(async () => {
  database = await ownDatabase(grown);
  openOrm(ormOptions, database.ownerUrl);
  pool = new Pool({ url: database.serverUrl, size: 2 });
  const [tenant] = await activeTenants(pool);
  owner = new pg.Client({ connectionString: database.superuserUrl! });
  await owner.connect();
  await fillTables(
    owner,
    tenant!.id,
    long.map(([, { entity }]) => modelOf(entity)),
    rowsOfList,
  );
  const graph = engine(schema);
  const roles = ['tenant_admin' as const];
  const user = await findUser(pool, tenant!, { subject: 'tenant_admin', tenant: tenant!.code, roles, scopes: [] });
  read = async (text, explained) => {
    plans = [];
    const ctx = new Context({
      database: explained ? explaining(pool, plans, '(analyze, timing off, buffers off, format json) ') : pool,
      tenant: tenant!,
      user,
      roles,
      channel: 'graphql',
      requestId: 'plans',
      locale: 'en',
    });
    const answer = await graph.answer({ text, document: parse(text) }, {}, ctx);
    return JSON.parse((answer as { data: string }).data);
  };
}, 120_000);

afterAll(async () => {
  await owner.end();
  await pool.end();
  await database.stop();
});

/** Every node of a plan. */
const nodesOf = (value: unknown): Data[] => {
  if (value === null || typeof value !== 'object') return [];
  return [...('Node Type' in value ? [value as Data] : []), ...Object.values(value).flatMap(nodesOf)];
};

/** How many rows the last statement has read, of a table and of all. */
function rowsRead(table: string): { own: number; all: number } {
  const scans = nodesOf(JSON.parse(plans.at(-1)!)).filter((node) => node['Relation Name']);
  const rows = (of: Data[]): number =>
    of.reduce(
      (sum, node) =>
        sum +
        (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) *
          node['Actual Loops'],
      0,
    );
  return { own: rows(scans.filter((node) => node['Relation Name'] === table)), all: rows(scans) };
}

/** What reads more than it should of a list in these orders: at the beginning, or behind a cursor. */
async function tooMuchRead(
  field: string,
  { entity }: ListSpec,
  orders: ReadonlyArray<readonly [key: string, direction: string]>,
): Promise<string[]> {
  const { table } = modelOf(entity);
  const tooMuch: string[] = [];
  const note = (what: string): void => {
    const { own, all } = rowsRead(table);
    if (own > maxRows || all > maxOfAll) tooMuch.push(`${what}: ${own} rows of ${table}, ${all} of all tables`);
  };
  for (const [key, direction] of orders) {
    const order = `orderBy: [{field: ${key}, direction: ${direction}}]`;
    const pageOf = async (place: string, explained = true): Promise<Data> => {
      const selection = '{ nodes { id } pageInfo { endCursor } }';
      return (await read(`{ ${field}(${order}, first: ${pageSize}${place}) ${selection} }`, explained))[field];
    };
    expect((await pageOf('')).nodes).toHaveLength(pageSize);
    note(`${key} ${direction}`);
    const { pageInfo } = await pageOf(`, offset: ${middle}`, false);
    expect((await pageOf(`, after: "${pageInfo.endCursor}"`)).nodes).toHaveLength(pageSize);
    note(`${key} ${direction} behind a cursor`);
  }
  return tooMuch;
}

test.each(long)('%s', async (field, spec) => {
  const keys = [...spec.order.keys()].filter((key) => !workedOut[field]?.includes(key));
  const orders = keys.flatMap((key) => someOf(['ASC', 'DESC'], 2).map((direction) => [key, direction] as const));
  expect(await tooMuchRead(field, spec, orders)).toEqual([]);
});

test('and this test can fail', async () => {
  await owner.query('drop index "payment_in_order_of_paid_amount"');
  const [field, spec] = lists.find(([name]) => name === 'payments')!;
  expect(await tooMuchRead(field, spec, [['AMOUNT', 'ASC']])).toEqual([
    expect.stringMatching(/^AMOUNT ASC: \d{4} rows/),
    expect.stringMatching(/^AMOUNT ASC behind a cursor: \d{4} rows/),
  ]);
});

test('what is left out is there', () => {
  expect(short.filter((field) => !lists.some(([name]) => name === field))).toEqual([]);
  for (const [field, keys] of Object.entries(workedOut))
    expect([...lists.find(([name]) => name === field)![1].order.keys()]).toEqual(expect.arrayContaining([...keys]));
});
