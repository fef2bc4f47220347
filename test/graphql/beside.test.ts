import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, getNamedType, isEnumType, isLeafType, isRequiredArgument, type GraphQLArgument } from 'graphql';
import { customer } from '../support/records.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// A field of the root that is refused is null, with an error of its own; the other fields are answered.

const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
const roots = Object.values(schema.getQueryType()!.getFields()).filter(({ name }) => name !== 'viewer');

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
  await customer(t.admin, { name: '甲' });
});

const valueOf = ({ type }: GraphQLArgument): string => {
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[0]!.name;
  if (named.name === 'AsOf') return '{ day: "2020-01-01" }';
  return named.name === 'ID' ? '"00000000-0000-4000-8000-000000000000"' : '"甲"';
};

/** As many at once as the limits of an operation let. */
const atOnce = 8;

const asked = roots.map(({ name, args, type }) => {
  const given = args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${valueOf(arg)}`);
  return `${name}${given.length > 0 ? `(${given.join(', ')})` : ''}${isLeafType(getNamedType(type)) ? '' : ' { __typename }'}`;
});

/** What is for those who administer the platform, and for those who administer the tenant. */
const ofPlatform = ['tenants'];
const ofTenant = [
  'apiKeys',
  'auditEntries',
  'endpointUses',
  'holdingLimitPreview',
  'holdingLimits',
  'linkedCustomer',
  'linkedCustomerStatistics',
  'linkedCustomers',
  'poolRulePreview',
  'tokenRevocations',
  'webhooks',
];
const administered = [...ofPlatform, ...ofTenant].toSorted();

const callers: Array<[role: string, of: () => Promise<Actor>, refused: string[]]> = [
  ['tenant_admin', async () => t.admin, ofPlatform],
  ['manager', async () => t.manager, administered],
  ['sales', async () => t.sales, administered],
  ['viewer', async () => t.viewer, administered],
  ['service', () => actor('bare', t.code, ['service']), administered],
];

test.each(callers)('every root field at once, asked by a %s', async (role, of, refused) => {
  const caller = await of();
  const errors: Data[] = [];
  for (let from = 0; from < roots.length; from += atOnce) {
    const { status, body } = await caller.graph.raw(
      `{ ${asked.slice(from, from + atOnce).join(' ')} viewer { roles } }`,
    );
    const found = (body.errors ?? []) as Data[];
    expect([status, body.data.viewer]).toEqual([200, { roles: [role.toUpperCase()] }]);
    expect(found.map(({ path }) => [path.length, body.data[path[0]]])).toEqual(found.map(() => [1, null]));
    errors.push(...found);
  }
  expect(errors.map(({ path, extensions }) => `${path} ${extensions.code}`).toSorted()).toEqual(
    refused.map((name) => `${name} FORBIDDEN`),
  );
});

test('whatever a field is refused for, what stands beside it is answered', async () => {
  const { body } = await t.sales.graph.raw(`{
    before: customers { totalCount }
    deleted: customer(id: "1", deleted: true) { name }
    cursor: customers(after: "nonsense") { totalCount }
    size: customers(first: 5000) { totalCount }
    feed: changes(after: "nonsense") { cursor }
    node(id: "1") { id }
    after: customers { nodes { name } }
  }`);
  expect(body.data).toEqual({
    before: { totalCount: 1 },
    deleted: null,
    cursor: null,
    size: null,
    feed: null,
    node: null,
    after: { nodes: [{ name: '甲' }] },
  });
  expect((body.errors as Data[]).map(({ path, extensions }) => [path, extensions.code])).toEqual(
    expect.arrayContaining([
      [['deleted'], 'FORBIDDEN'],
      [['cursor'], 'CURSOR_INVALID'],
      [['size'], 'BAD_REQUEST'],
      [['feed'], 'CURSOR_INVALID'],
      [['node'], 'BAD_REQUEST'],
    ]),
  );
  expect(body.errors).toHaveLength(5);
});
