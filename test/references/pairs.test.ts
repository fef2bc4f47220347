import { allModels } from '../../src/model/model.js';
import { openOrm } from '../../src/database/orm.js';
import config from '../../mikro-orm.config.js';
import { pairsOf } from '../../src/model/references.js';
import { ownerUrl } from '../support/http.js';
import { contract, contact, customer, opportunity, written } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// An entity that refers to a record and to whom that record belongs must not tear the two apart.

const createOf = (record: string): string =>
  `mutation ($input: ${type(record)}Input!) { ${record}Create(input: $input) { ${record} { id } userErrors { code field } } }`;
const updateOf = (record: string): string =>
  `mutation ($id: ID!, $input: ${type(record)}Input!) { ${record}Update(id: $id, input: $input) { userErrors { code field } } }`;
const type = (record: string): string => `${record[0]!.toUpperCase()}${record.slice(1)}`;

/** What a record needs beside its references. */
const required: Record<string, object> = {
  contract: { name: '合同' },
  case: { subject: '故障' },
  activity: { subject: '拜访' },
};

/** Makes a record that belongs to a customer. */
const belonging: Record<string, (by: Actor, of: string) => Promise<Data>> = {
  opportunity: (by, of) => opportunity(by, { name: '商机', customer: of }),
  contact: (by, of) => contact(by, { name: '张三', customer: of }),
};

/** Records that callers cannot give references of: leads have theirs from their conversion alone. */
const unwritten = ['lead'];

const orm = openOrm(config, ownerUrl());
afterAll(() => orm.close());
const nameOf = (record: string): string => `${record[0]!.toLowerCase()}${record.slice(1)}`;
/** Every pair of references that callers can give, as the model has them: record, child, parent. */
const pairs = allModels()
  .flatMap((model) =>
    pairsOf(model).map(
      ({ child, parent }) => [nameOf(model.name), child.property, parent.property] as [string, string, string],
    ),
  )
  .filter(([record]) => !unwritten.includes(record));

let t: TestTenant;
let ours: string;
let others: string;
beforeEach(async () => {
  t = await tenant();
  [ours, others] = [(await customer(t.admin, { name: '甲' })).id, (await customer(t.admin, { name: '乙' })).id];
});

test('these are the pairs', () => {
  expect(pairs.map((pair) => pair.join(' ')).toSorted()).toEqual([
    'activity contact customer',
    'activity opportunity customer',
    'case contact customer',
    'contract opportunity customer',
  ]);
});

describe.each(pairs)('%s: %s and %s', (record, child, parent) => {
  const made = async (input: object): Promise<string> => {
    const data = (await t.admin.graph(createOf(record), { input: { ...required[record], ...input } }))[
      `${record}Create`
    ];
    expect(data.userErrors).toEqual([]);
    return data[record].id as string;
  };
  const stored = async (id: string): Promise<Data> =>
    (await t.admin.graph(`query ($id: ID!) { ${record}(id: $id) { ${child} { id } ${parent} { id } } }`, { id }))[
      record
    ];

  test('are refused where they do not agree, by whichever is given, and nothing is changed', async () => {
    const [mine, foreign] = [await belonging[child]!(t.admin, ours), await belonging[child]!(t.admin, others)];
    const before = await written(t);
    for (const key of [foreign.id, String(foreign.number)])
      expect(
        await t.admin.graph.userErrors(createOf(record), {
          input: { ...required[record], [parent]: ours, [child]: key },
        }),
      ).toEqual([`INVALID ${child}`]);
    expect(await written(t)).toEqual(before);
    const id = await made({ [parent]: ours, [child]: mine.id });
    const after = await written(t);
    const state = await stored(id);
    expect(
      await t.admin.graph.userErrors(updateOf(record), { id, input: { [child]: foreign.id, [parent]: ours } }),
    ).toEqual([`INVALID ${child}`]);
    expect(await t.admin.graph.userErrors(updateOf(record), { id, input: { [parent]: others } })).toEqual([
      `INVALID ${parent}`,
    ]);
    expect([await written(t), await stored(id)]).toEqual([after, state]);
    expect(state).toEqual({ [child]: { id: mine.id }, [parent]: { id: ours } });
  });

  test('go together to another one, and either way are as good as before', async () => {
    const [mine, foreign] = [await belonging[child]!(t.admin, ours), await belonging[child]!(t.admin, others)];
    const id = await made({ [parent]: ours, [child]: mine.id });
    expect(
      await t.admin.graph.userErrors(updateOf(record), { id, input: { [child]: foreign.id, [parent]: others } }),
    ).toEqual([]);
    expect(await stored(id)).toEqual({ [child]: { id: foreign.id }, [parent]: { id: others } });
    expect(await t.admin.graph.userErrors(updateOf(record), { id, input: { [child]: null, [parent]: ours } })).toEqual(
      [],
    );
  });

  test('agree still when the record is brought back', async () => {
    const mine = await belonging[child]!(t.admin, ours);
    const id = await made({ [parent]: ours, [child]: mine.id });
    const act = (what: string, of = record, key = id): Promise<string[]> =>
      t.admin.graph.userErrors(`mutation ($id: ID!) { ${of}${what}(id: $id) { userErrors { code field } } }`, {
        id: key,
      });
    expect(await act('Delete')).toEqual([]);
    if (child === 'opportunity') {
      expect(await t.admin.graph.userErrors(updateOf(child), { id: mine.id, input: { customer: others } })).toEqual([]);
      expect(await act('Restore')).toEqual([`INVALID ${child}`]);
      expect(await t.admin.graph.userErrors(updateOf(child), { id: mine.id, input: { customer: ours } })).toEqual([]);
    } else expect(await act('Delete', 'customerContact', mine.link.id)).toEqual([]); // it was about this person all the same
    expect(await act('Restore')).toEqual([]);
    expect(await stored(id)).toEqual({ [child]: { id: mine.id }, [parent]: { id: ours } });
  });
});

test('an opportunity that others refer to does not go to another customer without them', async () => {
  const { id } = await opportunity(t.admin, { name: '商机', customer: ours });
  const moved = (): Promise<string[]> =>
    t.admin.graph.userErrors(updateOf('opportunity'), { id, input: { customer: others } });
  const { id: contractId } = await contract(t.admin, { name: '合同', customer: ours, opportunity: id });
  const before = await written(t);
  expect(await moved()).toEqual(['IN_USE customer']);
  expect(await written(t)).toEqual(before);
  expect(
    await t.admin.graph.userErrors(updateOf('contract'), { id: contractId, input: { opportunity: null } }),
  ).toEqual([]);
  expect(await moved()).toEqual([]);
});

test('of a contract that is made and an opportunity that goes elsewhere at the same moment one is refused', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { id } = await opportunity(t.admin, { name: `商机${round}`, customer: ours });
    const [made, moved] = await Promise.all([
      t.admin.graph.userErrors(createOf('contract'), { input: { name: '合同', customer: ours, opportunity: id } }),
      t.admin.graph.userErrors(updateOf('opportunity'), { id, input: { customer: others } }),
    ]);
    expect([
      [[], ['IN_USE customer']],
      [['INVALID opportunity'], []],
    ]).toContainEqual([made, moved]);
  }
  expect(
    await t.sql(
      'select 1 from contract c join opportunity o on o.tenant_id = c.tenant_id and o.id = c.opportunity_id where o.customer_id <> c.customer_id',
    ),
  ).toEqual([]);
});
