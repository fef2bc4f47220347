import { globSync, readFileSync } from 'node:fs';
import { formsIn, refusedForms } from '../tenancy/distributable.js';
import { findings, textsOf, type Finding } from './sql.js';

const project = Object.fromEntries(globSync('src/**/*.ts').map((file) => [file, readFileSync(file, 'utf8')]));

test('this project keeps SQL out of resolvers and inputs, and names entities by their classes', () => {
  expect(Object.keys(project).filter((file) => file.endsWith('.sql.ts')).length).toBeGreaterThan(20);
  expect(findings(project)).toEqual([]);
});

test('no statement that stands in the sources has a form that a distributed database refuses', () => {
  const statements = Object.entries(project)
    .filter(([file]) => !file.startsWith('src/database/migrations/'))
    .flatMap(([file, source]) =>
      textsOf(source)
        .filter(({ value }) => /\b(?:insert into|update|select)\b/i.test(value))
        .map(({ value }) => ({ file, value })),
    );
  expect(statements.length).toBeGreaterThan(150);
  // what is sent in place of the others is looked at where it is sent
  const replaced = refusedForms.filter(({ isReplaced }) => isReplaced).map(({ what }) => what);
  expect(
    statements.flatMap(({ file, value }) =>
      formsIn(value)
        .filter((what) => !replaced.includes(what))
        .map((what) => `${file}: ${what}: ${value}`),
    ),
  ).toEqual([]);
});

const entity = { 'src/customers/customer.entity.ts': 'export class Customer {}\n' };
const found = (file: string, source: string): Finding['rule'][] =>
  findings({ ...entity, [file]: `${source}\n` }).map(({ rule }) => rule);

describe('SQL is found', () => {
  test.each([
    ['a select', 'const a = (t) => `(select ${t.col("id")} from ${t.from})`;'],
    ['a select of a value', 'const a = (t) => `select ${t}::text as text`;'],
    ['a comparison', 'const a = (t, id) => `${t.col("customer")} = ${id}`;'],
    ['a comparison with a value', "const a = (t) => `${t.col('status')} = 'DRAFT'`;"],
    ['a test for null', 'const a = (t) => `${t.col("owner")} is not null`;'],
    ['a list of values', "const a = (t) => `${t.col('status')} in ('NEW')`;"],
    ['an aggregate', "const a = () => 'count(*)::int';"],
    ['a column by its alias', 'const a = (t) => `${t.alias}.id`;'],
    ['a function', 'const a = (t) => `upper(${t.col("name")})`;'],
    ['a choice', "const a = (t) => `case when ${t} then 'UP' end`;"],
    ['an order', 'const a = (t) => `${t} order by ${t}`;'],
    ['a condition inside a decorator', '@Where((t) => `${t.col("a")} <> ${t.col("b")}`) class A {}'],
  ])('%s', (_what, source) => {
    expect(found('src/customers/customer.inputs.ts', source)).toEqual(['sql-stands-in-its-own-files']);
    expect(found('src/customers/customer.resolver.ts', source)).toEqual(['sql-stands-in-its-own-files']);
    expect(found('src/customers/customer.sql.ts', source)).toEqual([]);
    expect(found('src/customers/customer.policy.ts', source)).toEqual([]);
  });
});

test.each([
  "const a = { description: 'The customer (a company) it is from, where it is known; select it by its number.' };",
  'const a = { description: `Rows of the page: 0 to ${max}; null if hidden from the caller.` };',
  "const a = field('name', 'Created on this day or later, in the time zone of the tenant.');",
  'const a = `${name}Payload`;',
  'const a = (row) => row.col("primary");',
  "import { a } from './customer.sql.js';",
])('a sentence, a name or a column alone is no SQL: %s', (source) => {
  expect(found('src/customers/customer.resolver.ts', source)).toEqual([]);
});

test.each([
  "const a = (t) => t.rows('Customer');",
  "const a = { entity: 'Customer' };",
  "throw refuse('NOT_FOUND', ['id'], { record: 'Customer' });",
])('an entity that is named by a string is found: %s', (source) => {
  for (const file of ['src/customers/customer.service.ts', 'src/server/files.ts', 'src/contacts/contact.policy.ts'])
    expect(found(file, source)).toEqual(['entities-are-named-by-their-classes']);
});

test.each(["ObjectType('Customer', { description: 'One.' })(A);", "const a = 'Customers';", "const a = 'customer';"])(
  'a name of a type of the graph, or a word that is no entity, is none: %s',
  (source) => {
    expect(found('src/customers/customer.service.ts', source)).toEqual([]);
  },
);
