import { setTimeout as pause } from 'node:timers/promises';
import {
  buildSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { address } from '../support/http.js';
import { filled } from '../support/filled.js';
import { argumentsOf, Fresh } from '../support/mutations.js';
import { tenant, type Data } from '../support/tenant.js';
import { poolOf, ruleOf } from '../pools/recycling.js';

// A field that is null whatever is stored says nothing: in a tenant that has everything, each is something somewhere.

const served = async (): Promise<GraphQLSchema> =>
  buildSchema(await (await fetch(`${address()}/schema.graphql`)).text());

const needsArguments = ({ args }: GraphQLField<unknown, unknown>): boolean =>
  args.some(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined);

const isRecord = (type: GraphQLObjectType): boolean => type.getInterfaces().length > 0;

/** What is asked of one field: of records their id, of objects that are none everything, of lists the first records. */
function selection(field: GraphQLField<unknown, unknown>, depth = 0): string {
  const type = getNamedType(field.type);
  if (isLeafType(type)) return field.name;
  if (isInterfaceType(type)) return `${field.name} { __typename id }`;
  if (!isObjectType(type) || depth > 4) return '';
  if (type.name.endsWith('Connection')) return `${field.name}(first: 2) { totalCount }`;
  if (isRecord(type)) return `${field.name} { id }`;
  const inner = Object.values(type.getFields())
    .filter((each) => !needsArguments(each))
    .map((each) => selection(each, depth + 1))
    .filter(Boolean);
  return inner.length > 0 ? `${field.name} { ${inner.join(' ')} }` : '';
}

/** Notes which fields had a value, as `Type.field`. */
function note(type: GraphQLObjectType, value: Data, found: Set<string>): void {
  for (const [name, inner] of Object.entries(value ?? {})) {
    const field = type.getFields()[name];
    if (!field || inner === null) continue;
    found.add(`${type.name}.${name}`);
    const of = getNamedType(field.type);
    if (isObjectType(of)) for (const one of Array.isArray(inner) ? inner : [inner]) note(of, one, found);
  }
}

/** Fields that something else than a request fills, and the tests that see them filled. */
const elsewhere: Record<string, string> = {
  'ApiKey.formerLastUsedAt': 'test/api-keys/api-keys.test.ts',
  'ApiKey.lastUsedAt': 'test/api-keys/api-keys.test.ts',
  'EndpointUse.apiKey': 'test/endpoint-uses/endpoint-uses.full.test.ts',
  'EndpointUse.user': 'test/endpoint-uses/endpoint-uses.full.test.ts',
  'Grouping.asOf': 'test/versions/as-of.test.ts',
  'Pipeline.asOf': 'test/versions/as-of.test.ts',
  'RecyclingRun.day': 'test/pools/recycling.test.ts',
  'Pool.viewerPicksLeft': 'test/pools/giving.test.ts',
  'Pool.viewerViewsLeft': 'test/pools/reveal.test.ts',
  'Webhook.failingSince': 'test/events/webhook-failures.test.ts',
  'Webhook.lastError': 'test/events/webhook-failures.test.ts',
  'Webhook.lastSuccessAt': 'test/events/webhooks.test.ts',
};

/** Whether a caller can write it: an input of the record has a field of that name. */
const isWritten = (graph: GraphQLSchema, type: GraphQLObjectType, name: string): boolean =>
  Object.values(graph.getTypeMap()).some(
    (input) =>
      isInputObjectType(input) &&
      input.name.startsWith(type.name) &&
      input.name.endsWith('Input') &&
      name in input.getFields(),
  );

/** What `filled` leaves out. */
async function fillTheRest(f: Fresh): Promise<void> {
  const made = async (mutation: string, args: object): Promise<void> => {
    const { body } = await f.mutate(mutation, args, 'id');
    expect([mutation, body.errors, body.data?.[mutation].userErrors]).toEqual([mutation, undefined, []]);
  };
  const [lead, task, webhook, customer] = [
    await f.lead(),
    await f.task(),
    await f.made('webhookCreate'),
    await f.customer(),
  ];
  await made('leadChangeStatus', { id: lead.id, status: 'UNQUALIFIED', reason: '无预算' });
  await made('successTaskChangeStatus', { id: task.id, status: 'DONE', result: '已续约', effectiveness: '4.5' });
  await made('webhookDisable', { id: webhook.id, reason: '停用' });
  await made('apiKeyRotate', { id: (await f.made('apiKeyCreate')).id });
  await made('apiKeyRevoke', { id: (await f.made('apiKeyCreate')).id, reason: '停用' });
  await made('tokenRevoke', { jti: 'x', expiresAt: '2099-12-31T00:00:00Z', reason: '丢失' });
  await made('tokenRevoke', { user: await f.t.sales2.id() });
  await made('creditAssessmentCreate', { input: { customer: customer.id, score: 80, creditLimit: { amount: '5' } } });
  await f.made('customerMemberCreate');
  await f.made('poolSetMembers');
  await f.made('holdingLimitCreate');
  await made('savedViewUpdate', { id: (await f.made('savedViewCreate')).id, input: { orderBy: '{"field":"NAME"}' } });
  for (const record of ['customer', 'lead'] as const) {
    const pool = { pool: await f.poolOf(record), reason: '三次未接' };
    const { id } = await f[record]();
    await made(`${record}sAssign`, { ids: [id], input: { owner: await f.t.sales.id() } });
    await made(`${record}sReturn`, { ids: [id], ...pool });
    const { id: other } = await f[record]();
    await made(`${record}sAssign`, { ids: [other], input: { owner: await f.t.sales.id() } });
    await made(`${record}sProtect`, { ids: [other], until: '2099-12-31' });
  }
  for (const record of ['pool', 'holdingLimit'])
    await made(`${record}Delete`, await argumentsOf[`${record}Delete`]!(f));
  await made('healthRunStart', {});
  const isRunning = async (): Promise<boolean> =>
    (await f.by.graph('{ healthRuns { nodes { finishedAt } } }')).healthRuns.nodes.some(
      ({ finishedAt }: Data) => finishedAt === null,
    );
  while (await isRunning()) await pause(100);
  for (const kind of ['CUSTOMER', 'LEAD'] as const)
    await ruleOf(f.t, { pool: await poolOf(f.t, kind), name: f.name(), trigger: 'HELD', days: 30 });
  const contract = await f.contract({
    startsOn: '2026-01-01',
    endsOn: '2026-12-31',
    dueOn: '2026-06-30',
    status: 'IN_FORCE',
  });
  const terms = { endsOn: '2027-12-31', dueOn: '2027-06-30', terms: '同前' };
  await made('contractRenew', { id: contract.id, input: terms });
  for (const kind of ['activity', 'campaign', 'case', 'contact', 'contract', 'lead', 'opportunity', 'payment'] as const)
    await made(`${kind}Delete`, { id: (await f[kind]()).id });
  await made('successTaskDelete', { id: (await f.task()).id });
  await made('fileDelete', { id: (await f.file()).id });
  await made('customerDelete', { id: (await f.customer()).id });
}

test('no field of a record or a report is always null', async () => {
  const t = await tenant();
  await filled(t);
  await fillTheRest(new Fresh(t));
  const graph = await served();
  const found = new Set<string>();
  const asked = new Set<string>();
  for (const root of Object.values(graph.getQueryType()!.getFields())) {
    if (needsArguments(root)) continue;
    const type = getNamedType(root.type);
    if (!isObjectType(type)) continue;
    const node = type.name.endsWith('Connection') ? getNamedType(type.getFields()['nodes']!.type) : type;
    if (!isObjectType(node)) continue;
    const fields = Object.values(node.getFields()).filter((field) => !needsArguments(field));
    const deleted = root.args.some(({ name }) => name === 'deleted') ? 'deleted: true, ' : '';
    const by = root.name === 'tenants' ? t.platform : t.admin;
    const ask = async (part: typeof fields, first: number): Promise<void> => {
      const inner = part.map((field) => selection(field)).join(' ');
      if (inner.trim() === '') return;
      const query =
        node === type
          ? `{ ${root.name} { ${inner} } }`
          : `{ ${root.name}(${deleted}first: ${first}) { nodes { ${inner} } } }`;
      const { body } = await by.graph.raw(query, {}, { 'x-crm-executor': 'compiled' });
      const cost = body.errors?.[0].extensions.cost;
      // what costs too much is asked for by itself, of as many records as may be
      if (cost && part.length > 1) {
        for (const field of part) await ask([field], first);
        return;
      }
      if (cost) return ask(part, Math.floor((first * cost.limit) / cost.requested / 2));
      if (body.errors) throw new Error(`${query}: ${JSON.stringify(body.errors[0])}`);
      const value = body.data[root.name];
      for (const one of node === type ? [value].flat() : value.nodes) note(node, one, found);
      for (const field of part)
        if (!isNonNullType(field.type) && !isWritten(graph, node, field.name)) asked.add(`${node.name}.${field.name}`);
    };
    for (let from = 0; from < fields.length; from += 12) await ask(fields.slice(from, from + 12), 500);
  }
  expect(asked.size).toBeGreaterThan(100);
  expect([...asked].filter((place) => !found.has(place)).toSorted()).toEqual(Object.keys(elsewhere).toSorted());
}, 120_000);
