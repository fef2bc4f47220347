import { allModels, comparedIn } from '../../src/model/model.js';
import ormOptions from '../../mikro-orm.config.js';
import { openOrm } from '../../src/database/orm.js';
import { eventually } from '../support/eventually.js';
import { argumentsOf, Fresh } from '../support/mutations.js';
import { customer, opportunity } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { watched } from '../support/time.js';

// Exact numbers are compared in units of their last decimal, which stand beside them: written with them, and put right where a
// server of a release that knows nothing of units has written the number alone.

let t: TestTenant;
let fresh: Fresh;
beforeAll(async () => {
  openOrm(ormOptions, 'postgresql://localhost/none'); // loads the model of the entities
  t = await tenant();
  fresh = new Fresh(t);
});

const compared = (): Array<{ table: string; column: string; units: { column: string; scale: number } }> =>
  allModels().flatMap((model) =>
    comparedIn([model]).map(({ column, units }) => ({ table: model.table, column, units })),
  );

test('these are the numbers', () => {
  expect(
    compared()
      .map(({ table, column, units }) => [table, column, units.scale])
      .sort(),
  ).toEqual([
    ['campaign', 'planned_budget', 2],
    ['contract', 'agreed_amount', 2],
    ['customer', 'health_score', 1],
    ['customer_tag', 'confidence', 2],
    ['health_score', 'overall', 1],
    ['opportunity', 'expected_amount', 2],
    ['payment', 'paid_amount', 2],
  ]);
});

/** Rows whose units are not those of their number. */
const astray = async (): Promise<string[]> => {
  const found = [];
  for (const { table, column, units } of compared()) {
    const factor = 10 ** units.scale;
    const [row] = await t.sql(
      `select count(*)::int as count from ${table} where ${units.column} is distinct from (${column} * ${factor})::bigint`,
    );
    if (row!['count'] > 0) found.push(`${row!['count']} of ${table}`);
  }
  return found;
};

test.each([
  ['0.29', '29'],
  ['1.15', '115'],
  ['9999999999999.00', '999999999999900'],
  ['0', '0'],
])('%s is %s units, whether it is new or changed', async (amount, units) => {
  const { id } = await customer(t.admin, { name: fresh.name() });
  const input = { name: '项目', customer: id };
  const made = await opportunity(t.admin, { ...input, amount: { amount } });
  const changed = await opportunity(t.admin, input);
  const unitsOf = async (record: Data): Promise<string | null> =>
    (await t.sql('select expected_amount_units::text as units from opportunity where id = $1', [record.id]))[0]![
      'units'
    ];
  expect(await unitsOf(changed)).toBeNull();
  const change = (value: object | null): Promise<Data> =>
    t.admin.graph(
      'mutation($id: ID!, $input: OpportunityInput!) { opportunityUpdate(id: $id, input: $input) { userErrors { code } } }',
      { id: changed.id, input: { amount: value } },
    );
  await change({ amount });
  expect([await unitsOf(made), await unitsOf(changed)]).toEqual([units, units]);
  await change(null);
  expect(await unitsOf(changed)).toBeNull();
});

test('whatever changes records of these kinds leaves none astray', async () => {
  const mutations = Object.keys(argumentsOf).filter((name) =>
    /opportunit|contract|payment|campaign|tag|health|customer/i.test(name),
  );
  expect(mutations.length).toBeGreaterThan(30);
  for (const name of mutations) await fresh.mutate(name, await argumentsOf[name]!(fresh), '__typename');
  expect(await astray()).toEqual([]);
});

test('what a server without units has written gets its place in lists', async () => {
  const { admin, sql } = t;
  const { id: owner } = await customer(admin, { name: fresh.name() });
  const amounts = ['10.00', '20.00', '30.00', '40.00'];
  for (const amount of amounts) await opportunity(admin, { name: amount, customer: owner, amount: { amount } });
  const inOrder = async (): Promise<string[]> => {
    const names: string[] = [];
    for (let after: string | null = null, more = true; more && names.length < 10;) {
      const { opportunities } = (await admin.graph(
        'query($owner: ID!, $after: String) { opportunities(first: 1, after: $after, orderBy: [{field: AMOUNT}], filter: {customer: [$owner]}) { nodes { name } pageInfo { endCursor hasNextPage } } }',
        { owner, after },
      )) as Data;
      names.push(...opportunities.nodes.map(({ name }: Data) => name));
      ({ endCursor: after, hasNextPage: more } = opportunities.pageInfo);
    }
    return names;
  };
  expect(await inOrder()).toEqual(amounts);
  await sql("update opportunity set expected_amount = 25 where customer_id = $1 and name = '40.00'", [owner]);
  await sql(
    "insert into opportunity (tenant_id, id, code, customer_id, name, expected_amount) select tenant_id, gen_random_uuid(), 'OLD1', id, '5.00', 5 from customer where tenant_id = app_tenant() and id = $1 returning id",
    [owner],
  );
  // page after page each of them is there once, wherever it stands
  expect((await inOrder()).sort()).toEqual([...amounts, '5.00'].sort());
  await watched(t);
  await eventually(astray, (rows) => rows.length === 0);
  expect(await inOrder()).toEqual(['5.00', '10.00', '20.00', '40.00', '30.00']);
});
