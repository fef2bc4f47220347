import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
  type GraphQLOutputType,
} from 'graphql';
import { guarded, leaf, leafType, nullFound } from '../../src/read/leaf.js';
import { tenant, type TestTenant } from '../support/tenant.js';

// No column that the graph calls non-null can hold a null, so what happens if an expression gives one is asked of PostgreSQL itself.

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
  await t.admin.id();
});

const shown = async (type: GraphQLOutputType, expression: string): Promise<string> => {
  const [row] = await t.sql<{ text: string }>(
    `select row_to_json(r)::text as text from (select ${guarded(type, leaf(type, expression), leafType(type)!)} as v) r`,
  );
  return row!.text;
};

const values: Array<[GraphQLOutputType, string, string]> = [
  [GraphQLString, 'null::text', '{"v":null}'],
  [new GraphQLNonNull(GraphQLString), "'a'", '{"v":"a"}'],
  [new GraphQLNonNull(GraphQLInt), '5::bigint', '{"v":5}'],
  [GraphQLBoolean, '1 = 1', '{"v":true}'],
  [GraphQLFloat, '1.500::numeric', '{"v":1.5}'],
  [GraphQLFloat, '1e15::float8', '{"v":1000000000000000}'],
  [GraphQLFloat, '0.00001::float8', '{"v":0.00001}'],
  [new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(GraphQLString))), "array['a', 'b']", '{"v":["a","b"]}'],
  [new GraphQLList(GraphQLString), "array['a', null]", '{"v":["a",null]}'],
  [new GraphQLList(new GraphQLNonNull(GraphQLString)), 'null::text[]', '{"v":null}'],
];

test.each(values)('a %s of %s is %s, as JavaScript would write it', async (type, expression, json) => {
  expect(await shown(type, expression)).toBe(json);
  expect(JSON.stringify(JSON.parse(json))).toBe(json);
});

const refused: Array<[GraphQLOutputType, string]> = [
  [new GraphQLNonNull(GraphQLString), '(select login from user_account where false)'],
  [new GraphQLNonNull(GraphQLInt), '(select number from user_account where false)'],
  [new GraphQLNonNull(new GraphQLList(GraphQLInt)), 'null::int[]'],
  [new GraphQLList(new GraphQLNonNull(GraphQLString)), "array['a', (select login from user_account where false)]"],
];

test.each(refused)('a %s of %s makes the statement fail', async (type, expression) => {
  await expect(shown(type, expression)).rejects.toMatchObject({ code: nullFound });
});
