import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  getNamedType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLObjectType,
} from 'graphql';
import { filled } from '../support/filled.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// `hiddenFields` names what is masked on a record, for each kind of caller and each masked field: what is null and not
// named is empty. Every answer comes from both executors (test/support/http.ts).

const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
const isPlain = (type: GraphQLObjectType): boolean =>
  type.getInterfaces().length === 0 && !/Connection$|^Permission$/.test(type.name);

/** What is shown of a record: its values, and the objects that are part of it. */
function selectionOf(type: GraphQLObjectType, depth = 0): string {
  const shown = Object.values(type.getFields()).flatMap((field: GraphQLField<unknown, unknown>) => {
    const target = getNamedType(field.type);
    if (field.args.some(isRequiredArgument)) return [];
    if (!isObjectType(target)) return [field.name];
    return isPlain(target) && depth < 3 ? [`${field.name} ${selectionOf(target, depth + 1)}`] : [];
  });
  return `{ ${shown.join(' ')} }`;
}

/** How records of each kind are reached. */
const reached: Record<string, [query: (selection: string, first: number) => string, of: (data: Data) => Data[]]> = {
  User: [
    (selection) => `{ customers(first: 100) { nodes { owner ${selection} } } }`,
    ({ customers }) => customers.nodes.flatMap(({ owner }: Data) => owner ?? []),
  ],
};
for (const { name, type } of Object.values(schema.getQueryType()!.getFields())) {
  const connection = getNamedType(type).name;
  if (connection.endsWith('Connection'))
    reached[connection.replace(/Connection$/, '')] = [
      (selection, first) => `{ ${name}(first: ${first}) { nodes ${selection} } }`,
      (data) => data[name].nodes,
    ];
}

const kinds = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && 'hiddenFields' in type.getFields(),
);

/** The values of a record by their paths; of lists within it all values at a path. */
function values(record: unknown, path = ''): Array<[path: string, value: unknown]> {
  if (Array.isArray(record)) return record.flatMap((item) => values(item, path));
  if (record !== null && typeof record === 'object')
    return Object.entries(record).flatMap(([name, value]) => values(value, path ? `${path}.${name}` : name));
  return [[path, record]];
}
const at = (record: Data, path: string): unknown[] =>
  values(record)
    .filter(([where]) => where === path || where.startsWith(`${path}.`))
    .map(([, value]) => value);

let t: TestTenant;
let callers: Record<string, Actor>;

beforeAll(async () => {
  t = await tenant();
  await filled(t);
  await t.sql("update user_account set email = 'abc@example.com', phone = '13800138000'");
  await t.sql(
    "update contact set phone = '021-12345678', mobile = '13800138000', fax = '021-87654321', address = '上海市'",
  );
  const { customers } = await t.admin.graph('{ customers(first: 9) { nodes { id } } }');
  for (const { id: customer } of customers.nodes)
    await t.admin.graph(
      'mutation ($input: CreditAssessmentInput!) { creditAssessmentCreate(input: $input) { creditAssessment { id } } }',
      { input: { customer, score: 70, creditLimit: { amount: '1000', currency: 'CNY' } } },
    );
  const service = (name: string, scope: string): Promise<Actor> => actor(name, t.code, ['service'], { scope });
  callers = {
    manager: t.manager,
    sales: t.sales,
    sales2: t.sales2,
    viewer: t.viewer,
    both: await actor('both', t.code, ['sales', 'viewer']),
    reader: await service('reader', 'crm:read'),
    amounts: await service('amounts', 'crm:read crm:amounts'),
    contacts: await service('contacts', 'crm:read crm:contact-data'),
    exporter: await service('exporter', 'crm:read crm:contact-data crm:amounts'),
  };
});

/** What is compared of the values at a path: what sales count and rank are other rows than what everybody sees. */
const formOf = (record: Data, path: string, caller: string): string =>
  JSON.stringify(
    at(record, path).map((value) => (caller.startsWith('sales') && typeof value === 'number' ? 'a number' : value)),
  );

test.each(kinds.map((type) => [type.name, type] as const))('%s', async (name, type) => {
  const [query, of] = reached[name]!;
  const recordsFor = async (caller: Actor, first = 40): Promise<Map<string, Data>> =>
    new Map(of(await caller.graph(query(selectionOf(type), first))).map((record) => [record.id, record]));
  const whole = await recordsFor(t.admin, 100);
  const [seen, wrong] = [new Set<string>(), new Set<string>()];
  for (const [caller, by] of Object.entries(callers))
    for (const [id, record] of await recordsFor(by)) {
      const full = whole.get(id)!;
      const { hiddenFields: hidden } = record as { hiddenFields: string[] };
      const isNamed = (path: string): boolean =>
        // what somebody would hand over is for those who administer
        /^(viewerCan|hiddenFields|handOverPreview)/.test(path) ||
        hidden.some((field) => path === field || path.startsWith(`${field}.`));
      // what is not named is as it is
      for (const [path, value] of values(full))
        if (value !== null && !isNamed(path) && formOf(record, path, caller) !== formOf(full, path, caller))
          wrong.add(`${caller} ${path} is hidden and not named`);
      // what is named is not, save that a sum of nothing is nothing for everybody
      for (const path of hidden) {
        const stored = at(full, path);
        if (stored.every((value) => value === null)) continue;
        if (formOf(record, path, caller) !== formOf(full, path, caller)) seen.add(path);
        else if (stored.some((value) => !/^[A-Z]{3}$/.test(String(value)) && Number(value) !== 0))
          wrong.add(`${caller} ${path} is named and not hidden`);
      }
    }
  expect([...wrong]).toEqual([]);
  expect([...whole.values()].flatMap(({ hiddenFields }) => hiddenFields)).toEqual([]);
  // each masked field was seen to hide something, save for what is made of more than there is here
  const viewers = [...(await recordsFor(t.viewer)).values()];
  const unseen = new Set(viewers.flatMap(({ hiddenFields }) => hiddenFields as string[]));
  for (const path of seen) unseen.delete(path);
  expect([...unseen]).toEqual(name === 'Customer' ? ['valueAnalysis.paymentPunctuality'] : []);
});
