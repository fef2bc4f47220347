import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, getNamedType, isLeafType, isObjectType, isRequiredArgument } from 'graphql';
import { Fresh, mutations } from '../support/mutations.js';
import { contract, customer, written } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Whatever is deleted softly can be brought back by those who administer the tenant.

const makers = {
  activity: 'activity',
  campaign: 'campaign',
  case: 'case',
  contact: 'contact',
  contract: 'contract',
  customer: 'customer',
  department: 'department',
  file: 'file',
  holdingLimit: 'holdingLimit',
  lead: 'lead',
  opportunity: 'opportunity',
  payment: 'payment',
  pool: 'pool',
  successTask: 'task',
} as const satisfies Record<string, keyof Fresh>;
type Kind = keyof typeof makers;
const kinds = Object.keys(makers) as Kind[];

const lists: Record<Kind, string> = {
  activity: 'activities',
  campaign: 'campaigns',
  case: 'cases',
  contact: 'contacts',
  contract: 'contracts',
  customer: 'customers',
  department: 'departments',
  file: 'files',
  holdingLimit: 'holdingLimits',
  lead: 'leads',
  opportunity: 'opportunities',
  payment: 'payments',
  pool: 'pools',
  successTask: 'successTasks',
};

const act = (kind: string, what: string): string =>
  `mutation ($id: ID!, $version: Int) { ${kind}${what}(id: $id, version: $version) { ${what === 'Restore' ? `${kind} { id deletedAt }` : ''} userErrors { code field } } }`;

const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));

/** Every field of a record that says something of it, the ids of those it refers to, and its amounts. */
const everyField = (kind: string): string => {
  const type = getNamedType(schema.getQueryType()!.getFields()[kind]!.type);
  if (!isObjectType(type)) throw new Error(`${kind} is no record.`);
  return Object.values(type.getFields())
    .filter(({ args }) => !args.some(isRequiredArgument))
    .map(({ name, type: of }) => {
      const named = getNamedType(of);
      if (isLeafType(named)) return name;
      const fields = isObjectType(named) ? named.getFields() : {};
      if ('id' in fields) return `${name} { id }`;
      if ('amount' in fields && 'currency' in fields) return `${name} { amount currency }`;
      return 'totalCount' in fields ? `${name} { totalCount }` : '';
    })
    .join(' ');
};

/** What says of every change that there was one. */
const changed = { version: 0, updatedAt: '', updatedBy: null, history: null };

let t: TestTenant;
let fresh: Fresh;
beforeEach(async () => {
  t = await tenant();
  fresh = new Fresh(t);
});

test('every record that can be deleted can be restored, save links, which are removed for good, webhooks, pool rules and saved views', () => {
  const names = Object.keys(mutations);
  const deletable = names.filter((name) => name.endsWith('Delete')).map((name) => name.replace(/Delete$/, ''));
  expect(deletable.filter((kind) => !names.includes(`${kind}Restore`))).toEqual([
    'customerContact',
    'customerMember',
    'customerRelation',
    'customerTag',
    'customerTenant',
    'customers',
    'poolRule',
    'savedView',
    'webhook',
  ]);
  expect(
    names
      .filter((name) => name.endsWith('Restore'))
      .map((name) => name.replace(/Restore$/, ''))
      .toSorted(),
  ).toEqual(kinds.toSorted());
});

test.each(kinds)('%s: listed, read and brought back by those who administer, by nobody else', async (kind) => {
  const { id } = (await (fresh[makers[kind]] as () => Promise<Data>)()) as { id: string };
  const list = lists[kind];
  const query = `query ($deleted: Boolean, $only: Boolean, $id: ID!) { list: ${list}(deleted: $deleted, filter: { deleted: $only }) { totalCount nodes { id deletedAt } } one: ${kind}(id: $id, deleted: $deleted) { id deletedAt } }`;
  const found = async (variables: object): Promise<Data> => t.admin.graph(query, { id, ...variables });
  const there = await found({});
  const whole = async (): Promise<Data> => ({
    ...(await t.admin.graph(`query ($id: ID!) { one: ${kind}(id: $id) { ${everyField(kind)} } }`, { id })).one,
    ...changed,
  });
  const asItWas = await whole();
  expect(there.one).toEqual({ id, deletedAt: null });
  expect(await t.admin.graph.userErrors(act(kind, 'Restore'), { id })).toEqual(['NOT_FOUND id']);
  expect(await t.admin.graph.userErrors(act(kind, 'Delete'), { id })).toEqual([]);

  expect(await found({})).toMatchObject({ one: null, list: { totalCount: there.list.totalCount - 1 } });
  const at = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(await found({ deleted: true })).toMatchObject({
    one: { id, deletedAt: at },
    list: { totalCount: there.list.totalCount },
  });
  expect((await found({ deleted: true, only: true })).list).toEqual({ totalCount: 1, nodes: [{ id, deletedAt: at }] });
  for (const by of [t.manager, t.sales, t.viewer])
    expect(await by.graph.refused(query, { id, deleted: true })).toEqual(['FORBIDDEN', 'FORBIDDEN']);

  const before = await written(t);
  if (kind !== 'customer')
    for (const by of [t.manager, t.sales, t.viewer])
      expect(await by.graph.refused(act(kind, 'Restore'), { id })).toEqual(['FORBIDDEN']);
  expect(await t.outsider.graph.userErrors(act(kind, 'Restore'), { id })).toEqual(['NOT_FOUND id']);
  expect(await t.admin.graph.userErrors(act(kind, 'Restore'), { id, version: 1 })).toEqual([
    'VERSION_CONFLICT version',
  ]);
  expect(await written(t)).toEqual(before);

  const restored = (await t.admin.graph(act(kind, 'Restore'), { id }))[`${kind}Restore`];
  expect(restored).toEqual({ [kind]: { id, deletedAt: null }, userErrors: [] });
  expect(await found({})).toEqual(there);
  expect(await whole()).toEqual(asItWas);
  const [event] = await t.sql('select type, subject from outbox order by seq desc limit 1');
  expect(event).toEqual({ type: `crm.${kind}.restored`, subject: id });
  const { auditEntries } = await t.admin.graph(
    `query ($id: ID) { auditEntries(filter: { record: $id, operation: "${kind}.restore" }) { nodes { changes { field after } } } }`,
    { id },
  );
  expect(auditEntries.nodes).toEqual([{ changes: [{ field: 'deletedAt', after: null }] }]);
});

test('a number that was given away meanwhile keeps a contract from coming back, unless it comes back with another', async () => {
  const { id: of } = await customer(t.admin, { name: '甲' });
  const { id } = await contract(t.admin, { name: '一', customer: of, code: 'HT-1' });
  expect(await t.admin.graph.userErrors(act('contract', 'Delete'), { id })).toEqual([]);
  await contract(t.admin, { name: '二', customer: of, code: 'HT-1' });
  const before = await written(t);
  expect(await t.admin.graph.userErrors(act('contract', 'Restore'), { id })).toEqual(['NUMBER_TAKEN code']);
  expect(await written(t)).toEqual(before);
  const { contractRestore } = await t.admin.graph(
    'mutation ($id: ID!) { contractRestore(id: $id, input: { code: "HT-2" }) { contract { code name } userErrors { code } } }',
    { id },
  );
  expect(contractRestore).toEqual({ contract: { code: 'HT-2', name: '一' }, userErrors: [] });
});

test.each<[Kind, string]>([
  ['opportunity', 'customer'],
  ['contract', 'customer'],
  ['case', 'customer'],
  ['activity', 'customer'],
  ['successTask', 'customer'],
  ['payment', 'contract'],
])('%s does not come back while its %s is deleted', async (kind, parent) => {
  const { id } = (await (fresh[makers[kind]] as () => Promise<Data>)()) as { id: string };
  const { one } = await t.admin.graph(`query ($id: ID!) { one: ${kind}(id: $id) { ${parent} { id } } }`, { id });
  const of = { id: one[parent].id };
  expect(await t.admin.graph.userErrors(act(kind, 'Delete'), { id })).toEqual([]);
  expect(await t.admin.graph.userErrors(act(parent, 'Delete'), of)).toEqual([]);
  expect(await t.admin.graph.userErrors(act(kind, 'Restore'), { id })).toEqual([`UNKNOWN_REFERENCE ${parent}`]);
  expect(await t.admin.graph.userErrors(act(parent, 'Restore'), of)).toEqual([]);
  expect(await t.admin.graph(`query ($id: ID!) { one: ${kind}(id: $id) { id } }`, { id })).toEqual({ one: null });
  expect(await t.admin.graph.userErrors(act(kind, 'Restore'), { id })).toEqual([]);
});

test('a payment that would be too much by now does not come back', async () => {
  const { id: of } = await customer(t.admin, { name: '甲' });
  const { id: agreement } = await contract(t.admin, { name: '一', customer: of, amount: { amount: '100' } });
  const pay = async (amount: string): Promise<string> =>
    (
      await t.admin.graph(
        'mutation ($id: ID!, $amount: Decimal!) { paymentCreate(input: { contract: $id, amount: { amount: $amount } }) { payment { id } userErrors { code } } }',
        { id: agreement, amount },
      )
    ).paymentCreate.payment.id;
  const id = await pay('60');
  expect(await t.admin.graph.userErrors(act('payment', 'Delete'), { id })).toEqual([]);
  const other = await pay('70');
  expect(await t.admin.graph.userErrors(act('payment', 'Restore'), { id })).toEqual(['OVERPAYMENT amount']);
  expect(await t.admin.graph.userErrors(act('payment', 'Delete'), { id: other })).toEqual([]);
  expect(await t.admin.graph.userErrors(act('payment', 'Restore'), { id })).toEqual([]);
});

test('an automatic task does not come back beside another one of its kind', async () => {
  const { id: of } = await customer(t.admin, { name: '甲' });
  const add = (id: string): Promise<unknown> =>
    t.sql(
      "insert into success_task (tenant_id, id, customer_id, title, kind, auto_generated) select tenant_id, $1, id, '任务', 'RENEWAL', true from customer where id = $2 returning tenant_id",
      [id, of],
    );
  const [first, second] = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002'];
  await add(first!);
  expect(await t.admin.graph.userErrors(act('successTask', 'Delete'), { id: first })).toEqual([]);
  await add(second!);
  expect(await t.admin.graph.userErrors(act('successTask', 'Restore'), { id: first })).toEqual(['ALREADY_EXISTS kind']);
});
