import { buildSchema, parse } from 'graphql';
import { countOf, repeatable, seed } from '../support/generated.js';
import { filled } from '../support/filled.js';
import { address } from '../support/http.js';
import { fieldsIn, pick, randomQuery, type Words } from '../support/operations.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// Row level security is the wall; above it every statement names the tenant for each of its tables, so that a database
// that is distributed by tenant asks one of its nodes only.

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

/** The uses of tables in a statement that come without a condition on the tenant, as `table alias`. */
function withoutTenant(sql: string): string[] {
  const uses = [
    ...sql.matchAll(
      /\b(from|join|update|into|using)\s+"?(\w+)"?(?:\s+(?:as\s+)?(?!where\b|set\b|on\b|cross\b|join\b|left\b|order\b|values\b|select\b|using\b|group\b|limit\b|for\b|union\b|returning\b)(\w+))?/gi,
    ),
  ]
    .map(([, verb, table, alias]) => ({ verb: verb!.toLowerCase(), table: table!, alias }))
    .filter(({ table }) => owned.includes(table));
  return uses
    .filter(
      ({ verb, table, alias }) =>
        !(verb === 'into' ? new RegExp(`into "?${table}"? \\("?tenant_id"?,`) : condition(table, alias)).test(sql),
    )
    .map(({ table, alias = '' }) => `${table} ${alias}`.trim());
}

const lacking = (): string[] =>
  [...statements].flatMap((sql) => withoutTenant(sql).map((use) => `${use}: ${sql.slice(0, 2_000)}`));

/** What names the tenant of a row: a parameter, or another row's tenant. */
function condition(table: string, alias: string | undefined): RegExp {
  const column = `${alias ? `\\b${alias}\\.` : `(?:\\b${table}\\.|(?<![.\\w"]))`}tenant_id`;
  return new RegExp(
    `${column} = (?:\\$\\d+|\\w+\\."?tenant_id\\b|\\w+\\.owner_tenant_id\\b|\\w+\\.linked_tenant_id\\b)|= ${column}\\b`,
  );
}

beforeAll(async () => {
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
      const count = countOf({ few: 60, all: 300 });
      for (let place = 0; place < count || (missing().length > 0 && place < 10 * count); place += 1) {
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
    }),
  120_000,
);

test('and this test can fail', () => {
  expect(withoutTenant('select 1 from customer')).toEqual(['customer']);
  expect(
    withoutTenant(
      'select 1 from "customer" t1 where t1.tenant_id = $1::uuid and exists (select 1 from "contact" t2 where t2.id = t1.id)',
    ),
  ).toEqual(['contact t2']);
  expect(
    withoutTenant(
      'select 1 from "customer" t1 join "contact" t2 on t2.tenant_id = t1.tenant_id where t1.tenant_id = $1::uuid',
    ),
  ).toEqual([]);
  expect(withoutTenant('insert into customer (id, tenant_id) values ($1, $2)')).toEqual(['customer']);
  expect(withoutTenant('update "customer" set x = 1 where id = $2')).toEqual(['customer']);
});
