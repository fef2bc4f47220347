import { argumentsOf, Fresh, mutations } from '../support/mutations.js';
import { customer, written } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

/** Mutations of one record that compare no version, and why. */
const withoutVersion: Record<string, string> = {
  contactUnlinkCustomers: 'names every link that it removes',
  customerUnlinkContacts: 'names every link that it removes',
  customerMemberDelete: 'a collaborator has no version; the last change counts',
  customerMemberUpdate: 'a collaborator has no version; the last change counts',
  userHandOver: 'hands over what there is by then',
  customerCalculateHealth: 'takes nothing from the caller',
  customerRelationDelete: 'a relation is never changed, so it has no version',
  webhookReplay: 'says where to begin again, whatever was before',
  webhookRetry: 'tries again what is dead by then',
  webhookRotateSecret: 'takes nothing from the caller',
  tenantUpdate: 'a tenant has no version; the last change counts',
  customerTagDelete: 'a tag is never changed, so it has no version',
};

/** Mutations of many records that compare no versions, and why. */
const manyWithoutVersion: Record<string, string> = {
  customersDelete: 'takes ids alone; customerDelete compares the version',
  ...Object.fromEntries(
    ['customers', 'leads'].flatMap((records) =>
      ['Assign', 'MovePool', 'Pick', 'Protect', 'Return', 'Reveal', 'Transfer'].map((verb) => [
        records + verb,
        'says who is to look after records, whatever else was changed in them',
      ]),
    ),
  ),
};

const comparing = Object.values(mutations)
  .filter(({ args }) => args.some(({ name }) => name === 'version'))
  .map(({ name }) => name);

test('whatever changes one record takes the version that the change was made from, or is listed here', () => {
  const ofOne = Object.values(mutations)
    .filter(({ args }) => args.some(({ name }) => name === 'id'))
    .map(({ name }) => name);
  expect(ofOne.filter((name) => !comparing.includes(name)).toSorted()).toEqual(Object.keys(withoutVersion).toSorted());
  const ofMany = Object.values(mutations)
    .filter(({ args }) =>
      args.some(({ name, type }) => name === 'ids' || (name === 'inputs' && /Edit/.test(String(type)))),
    )
    .map(({ name }) => name);
  expect(ofMany.toSorted()).toEqual(['customersUpdate', ...Object.keys(manyWithoutVersion)].toSorted());
  expect(comparing.filter((name) => !/VERSION_CONFLICT/.test(mutations[name]!.description ?? ''))).toEqual([]);
});

describe('a change of a record that was changed meanwhile', () => {
  let t: TestTenant;
  let fresh: Fresh;
  beforeAll(async () => {
    t = await tenant();
    fresh = new Fresh(t);
  });

  /** deleted records are shown to nobody by their id alone */
  const hidden = comparing.filter((mutation) => mutation.endsWith('Restore'));

  test.each(comparing)(
    '%s is refused, does nothing, and shows the record as it is; with its version it is made',
    async (mutation) => {
      const args = await argumentsOf[mutation]!(fresh);
      const before = await written(t);
      const refused = await fresh.mutate(mutation, { ...args, version: 99 }, 'id version');
      const payload = refused.body.data[mutation];
      expect(payload.userErrors).toEqual([
        {
          code: 'VERSION_CONFLICT',
          field: ['version'],
          message: expect.stringMatching(/^The record has been changed: its version is \d+, you sent 99\.$/),
        },
      ]);
      const { version } = /its version is (?<version>\d+),/.exec(payload.userErrors[0].message)!.groups!;
      const shown = Object.values(payload).filter(
        (value) => value !== null && typeof value === 'object' && 'version' in (value as object),
      );
      expect(shown).toEqual(hidden.includes(mutation) ? [] : [{ id: args['id'], version: Number(version) }]);
      expect(await written(t)).toEqual(before);
      const made = await fresh.mutate(mutation, { ...args, version: Number(version) }, 'id version');
      expect([made.body.errors, made.body.data[mutation].userErrors]).toEqual([undefined, []]);
      expect((await written(t)).audit).toBeGreaterThan(before.audit);
    },
  );
});

const rename =
  'mutation ($id: ID!, $name: String, $version: Int) { customerUpdate(id: $id, input: { name: $name }, version: $version) { customer { name phone version } userErrors { code } } }';

test('the record that is shown is masked as its reader sees it, by the engine and by the plain executor', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '华信', phone: '13800138000' });
  for (const executor of ['compiled', 'plain']) {
    const { body } = await t.sales.graph.raw(rename, { id, name: '改', version: 7 }, { 'x-crm-executor': executor });
    expect(body.data.customerUpdate).toEqual({
      customer: { name: '华信', phone: '138****8000', version: 1 },
      userErrors: [{ code: 'VERSION_CONFLICT' }],
    });
  }
});

test('of many changes at once the one that was overtaken is left out and shows its record as it is', async () => {
  const t = await tenant();
  const [one, two] = [await customer(t.admin, { name: '甲' }), await customer(t.admin, { name: '乙' })];
  const { customersUpdate } = await t.admin.graph(
    'mutation ($inputs: [CustomerEdit!]!) { customersUpdate(inputs: $inputs) { results { id customer { name version } userErrors { code } } } }',
    {
      inputs: [
        { id: one.id, version: 1, input: { name: '甲二' } },
        { id: two.id, version: 5, input: { name: '乙二' } },
      ],
    },
  );
  expect(customersUpdate.results).toEqual([
    { id: one.id, customer: { name: '甲二', version: 2 }, userErrors: [] },
    { id: null, customer: { name: '乙', version: 1 }, userErrors: [{ code: 'VERSION_CONFLICT' }] },
  ]);
});

test('of each of a hundred pairs that race with the same version one wins, the other is shown what the winner wrote, and nothing is lost', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '0' });
  const winners: string[] = [];
  for (let version = 1; version <= 100; version += 1) {
    const pair = await Promise.all(
      [t.admin, t.manager].map((by) => by.graph(rename, { id, name: `${by.subject} ${version}`, version })),
    );
    const [won, lost] = pair
      .map(({ customerUpdate }) => customerUpdate)
      .toSorted((a: Data, b: Data) => a.userErrors.length - b.userErrors.length);
    expect(won).toEqual({
      customer: { name: expect.stringContaining(` ${version}`), phone: null, version: version + 1 },
      userErrors: [],
    });
    expect(lost).toEqual({ customer: won.customer, userErrors: [{ code: 'VERSION_CONFLICT' }] });
    winners.push(won.customer.name);
  }
  const { customer: record } = await t.admin.graph(
    'query ($id: ID!) { customer(id: $id) { version history(first: 200, orderBy: { field: NUMBER }) { nodes { changes { field after } } } } }',
    { id },
  );
  expect(record.version).toBe(101);
  expect(record.history.nodes.slice(1).map(({ changes }: Data) => changes.map(({ after }: Data) => after))).toEqual(
    winners.map((name) => [name]),
  );
});
