import { buildSchema, parse } from 'graphql';
import { countOf, repeatable, seed } from '../support/generated.js';
import { migrations } from '../../src/database/migrations/index.js';
import { filled } from '../support/filled.js';
import { address } from '../support/http.js';
import { fieldsIn, pick, randomQuery, type Words } from '../support/operations.js';
import { acrossTenants, formsIn, refusedForms } from './distributable.js';
import { anotherServer, plain } from '../support/server.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// Row level security is the wall; above it every statement names the tenant for each of its tables, so that a database
// that is distributed by tenant asks one of its nodes only. The server is one that sends what such a database takes.

let t: TestTenant;
let words: Words;
let owned: string[];
const statements = new Set<string>();

/** The same caller, whose statements are written down. */
function watched(by: Actor): Actor {
  const graph = async (query: string, variables?: object): Promise<Data> => {
    const { body } = await by.graph.raw(query, variables, { 'x-crm-explain': '1' });
    for (const { sql } of body.extensions.explain.statements) statements.add(sql);
    return body.data;
  };
  return { ...by, graph: Object.assign(graph, by.graph) };
}

const undistributable = (): string[] => [...statements].flatMap((sql) => formsIn(sql).map((what) => `${what}: ${sql}`));

const lacking = (): string[] =>
  [...statements].flatMap((sql) => acrossTenants(sql, owned).map((use) => `${use}: ${sql.slice(0, 2_000)}`));

beforeAll(async () => {
  process.env['CRM_TEST_ADDRESS'] = await anotherServer({ ...plain(), CRM_CITUS: '1' });
  t = await tenant();
  owned = (
    await t.sql<{ name: string }>(
      "select c.relname::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace",
    )
  ).map(({ name }) => name);
  words = await filled({ ...t, admin: watched(t.admin), sales: watched(t.sales), outsider: watched(t.outsider) });
}, 60_000);

test('of the statements that change the records of every capability', () => {
  expect([...statements].filter((sql) => /\b(insert into|update)\b/.test(sql)).length).toBeGreaterThan(40);
  expect(lacking()).toEqual([]);
  expect(undistributable()).toEqual([]);
});

test(
  'of the statements that read, compiled and by the executor, for every field at the root',
  () =>
    repeatable(async () => {
      const schema = buildSchema(await (await fetch(`${address()}/schema.graphql`)).text());
      const asked = new Set<string>();
      statements.clear();
      const roots = Object.keys(schema.getQueryType()!.getFields());
      const missing = (): string[] => roots.filter((name) => !asked.has(`Query.${name}`));
      const count = countOf({ few: 15, all: 300 });
      for (let place = 0; place < count || (missing().length > 0 && place < 3_000); place += 1) {
        const { query, variables } = randomQuery(schema, words, seed + place);
        for (const field of fieldsIn(schema, parse(query))) if (field.startsWith('Query.')) asked.add(field);
        const { body } = await pick([t.admin, t.sales, t.viewer, t.outsider], place).graph.raw(query, variables[0], {
          'x-crm-explain': '1',
          ...(place % 3 === 0 && { 'x-crm-executor': 'plain' }),
        });
        for (const { sql } of body.extensions.explain.statements) statements.add(sql);
      }
      expect(missing()).toEqual([]);
      expect(statements.size).toBeGreaterThan(count);
      expect(lacking()).toEqual([]);
      expect(undistributable()).toEqual([]);
    }),
  120_000,
);

test.each([
  ['a table without the tenant', 'select 1 from customer', ['customer']],
  [
    'a table in a subquery without the tenant',
    'select 1 from "customer" t1 where t1.tenant_id = $1::uuid and exists (select 1 from "contact" t2 where t2.id = t1.id)',
    ['contact t2'],
  ],
  [
    'a subquery that takes the tenant of the row outside (0A000 complex joins are only supported when all distributed tables are co-located)',
    'select 1 from customer t1 where t1.tenant_id = $1 and exists (select 1 from contact t2 where t2.tenant_id = t1.tenant_id)',
    ['contact t2'],
  ],
  [
    'a join across tenants',
    'select 1 from customer a join contact b on b.id = a.id where a.tenant_id = $1',
    ['contact b'],
  ],
  [
    'a join of two tenants without a parameter',
    'select 1 from customer a join contact b on b.tenant_id = a.tenant_id',
    ['customer a', 'contact b'],
  ],
  [
    'an insert whose first column is not the tenant',
    'insert into customer (id, tenant_id) values ($1, $2)',
    ['customer'],
  ],
  ['an update without the tenant', 'update "customer" set x = 1 where id = $2', ['customer']],
])('%s is found', (_what, sql, found) => {
  expect(acrossTenants(sql, ['customer', 'contact'])).toEqual(found);
});

test.each([
  'select 1 from "customer" t1 join "contact" t2 on t2.tenant_id = t1.tenant_id where t1.tenant_id = $1::uuid',
  'select 1 from customer t1 where t1.tenant_id = $1 and exists (select 1 from contact t2 where t2.tenant_id = $1 and t2.id = t1.id)',
  'insert into customer (tenant_id, id) values ($1, $2)',
  'with c as (update customer set x = 1 where tenant_id = $1 returning id) select id from c',
])('a statement of one tenant is none: %s', (sql) => {
  expect(acrossTenants(sql, ['customer', 'contact'])).toEqual([]);
});

test('no migration makes what a distributed database refuses', () => {
  const statements = migrations.flatMap(({ class: Class }) => {
    const migration = new Class(undefined as never, undefined as never);
    migration.up();
    return migration.getQueries().map(String);
  });
  expect(statements.length).toBeGreaterThan(500);
  // what stands in a function or a block is carried out by the coordinator
  const inPlace = statements.filter((sql) => !/^\s*(?:do|create function)\b/i.test(sql));
  expect(inPlace.flatMap((sql) => formsIn(sql).map((what) => `${what}: ${sql}`))).toEqual([]);
});

test.each(refusedForms.map((form) => [form.what, form] as const))(
  '%s is found, and its lawful form is not',
  (what, form) => {
    expect(formsIn(form.refused)).toEqual([what]);
    expect(formsIn(form.accepted)).toEqual([]);
  },
);
