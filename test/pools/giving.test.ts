import { give, given, held, inPool, pool } from '../support/pools.js';
import { contact, contract, customer, opportunity, written } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

/** Customers of somebody, or of nobody. */
const customersOf = async (
  t: TestTenant,
  owner: string | null,
  count: number,
  input: object = {},
): Promise<string[]> => {
  const ids: string[] = [];
  for (let place = 0; place < count; place += 1)
    ids.push((await customer(t.admin, { name: `${owner}的客户${place}${JSON.stringify(input)}`, owner, ...input })).id);
  return ids;
};

const limit = (t: TestTenant, input: object): Promise<Data> =>
  t.admin.graph(
    'mutation ($input: HoldingLimitInput!) { holdingLimitCreate(input: $input) { holdingLimit { id } userErrors { code field } } }',
    { input: { kind: 'CUSTOMER', ...input } },
  );

describe('giving back', () => {
  test('is for whoever may change the record; the reason is kept, and the event says who and which pool', async () => {
    const t = await tenant();
    const [sales, manager] = [await t.sales.id(), await t.manager.id()];
    const id = await pool(t, {}, [{ user: await t.sales2.id() }]);
    const [a] = (await customersOf(t, 'sales', 1)) as [string];
    const [b] = (await customersOf(t, 'sales2', 1)) as [string];
    const [c] = await inPool(t, id, 1);
    expect(await give(t.sales, 'customersReturn', [a, b, c!], { pool: id, reason: '三次未接' })).toEqual([
      null,
      'NOT_FOUND',
      'NOT_FOUND',
    ]);
    expect(await give(t.manager, 'customersReturn', [b, c!], { pool: id })).toEqual([null, 'IN_POOL']);
    expect(await held(t, [a, b])).toEqual(['pool', 'pool']);
    const history =
      'query ($id: ID!) { customer(id: $id) { pool { id } owner { id } heldSince pooledAt ownerChanges { nodes { kind reason fromOwner { id } toOwner { id } pool { id } changedBy { id } } } } }';
    expect((await t.sales2.graph(history, { id: a })).customer).toEqual({
      pool: { id },
      owner: null,
      heldSince: null,
      pooledAt: expect.stringMatching(/^2\d{3}-/),
      ownerChanges: {
        nodes: [
          {
            kind: 'RETURN',
            reason: '三次未接',
            fromOwner: { id: sales },
            toOwner: null,
            pool: { id },
            changedBy: { id: sales },
          },
        ],
      },
    });
    expect(
      await t.sql("select subject, data from outbox where type = 'crm.customer.returned' order by seq desc limit 2"),
    ).toEqual([
      {
        subject: b,
        data: {
          changed: ['owner', 'pool', 'heldSince', 'pooledAt'],
          fromOwner: await t.sales2.id(),
          toOwner: null,
          pool: id,
          reason: null,
        },
      },
      {
        subject: a,
        data: {
          changed: ['owner', 'pool', 'heldSince', 'pooledAt'],
          fromOwner: sales,
          toOwner: null,
          pool: id,
          reason: '三次未接',
        },
      },
    ]);
    expect(
      await t.sql(
        'select operation, reason from (select act as operation, reason, record, actor from audit_entry) e where record = $1 and actor = $2',
        [b, manager],
      ),
    ).toEqual([{ operation: 'customer.return', reason: null }]);
  });

  test('into a pool of leads, one that is not enabled or none at all is refused, and nothing is changed', async () => {
    const t = await tenant();
    const leads = await pool(t, { kind: 'LEAD' });
    const closed = await pool(t, { name: '停用', enabled: false });
    await t.sales.id();
    const ids = await customersOf(t, 'sales', 1);
    const before = await written(t);
    const refusal = async (args: object): Promise<string[]> =>
      (await given(t.sales, 'customersReturn', ids, args)).userErrors.map(
        ({ code, field }: Data) => `${code} ${field.join('.')}`,
      );
    expect(await refusal({ pool: leads })).toEqual(['INVALID pool']);
    expect(await refusal({ pool: closed })).toEqual(['POOL_DISABLED pool']);
    expect(await refusal({ pool: ids[0] })).toEqual(['UNKNOWN_REFERENCE pool']);
    expect(await refusal({ pool: leads, reason: 'x'.repeat(501) })).toEqual(['TOO_LONG reason']);
    expect([await written(t), await held(t, ids)]).toEqual([before, ['sales']]);
  });
});

describe('assigning', () => {
  test('evenly gives each as many as the others, at most one more, in the order named; what is refused counts for nobody', async () => {
    const t = await tenant();
    await Promise.all([t.sales.id(), t.sales2.id(), t.manager.id()]);
    const ids = await customersOf(t, null, 7);
    const missing = '01900000-0000-7000-8000-000000000000';
    const evenlyAmong = ['sales2', 'sales', 'manager', 'sales'];
    expect(
      await give(t.admin, 'customersAssign', [ids[0]!, missing, ...ids.slice(1)], { input: { evenlyAmong } }),
    ).toEqual([null, 'NOT_FOUND', null, null, null, null, null, null]);
    expect(await held(t, ids)).toEqual(['sales2', 'sales', 'manager', 'sales2', 'sales', 'manager', 'sales2']);
  });

  test('is for those who may change the record, to active people alone', async () => {
    const t = await tenant();
    const id = await pool(t, {}, [{ user: await t.sales.id() }, { user: await t.sales2.id(), role: 'ADMIN' }]);
    const ids = await inPool(t, id, 2);
    expect(await give(t.sales, 'customersAssign', ids, { input: { owner: 'sales' } })).toEqual([
      'FORBIDDEN',
      'FORBIDDEN',
    ]);
    expect(await held(t, ids)).toEqual(['pool', 'pool']);
    expect(await give(t.sales2, 'customersAssign', ids, { input: { owner: 'sales' }, reason: '按区域' })).toEqual([
      null,
      null,
    ]);
    expect(await held(t, ids)).toEqual(['sales', 'sales']);
    await t.sql("update user_account set active = false where login = 'sales2'");
    const refusal = async (to: object): Promise<string[]> =>
      (await given(t.admin, 'customersAssign', ids, { input: to })).userErrors.map(
        ({ code, field }: Data) => `${code} ${field.join('.')}`,
      );
    expect(await refusal({ owner: 'sales2' })).toEqual(['INVALID input.owner']);
    expect(await refusal({ evenlyAmong: ['sales', 'nobody'] })).toEqual(['UNKNOWN_REFERENCE input.evenlyAmong.1']);
    expect(await refusal({ evenlyAmong: [] })).toEqual(['OUT_OF_RANGE input.evenlyAmong']);
    expect(await t.sql("select reason, kind from owner_change where kind = 'ASSIGN'")).toEqual([
      { reason: '按区域', kind: 'ASSIGN' },
      { reason: '按区域', kind: 'ASSIGN' },
    ]);
  });
});

test('moving into another pool is for administrators of the first; what lies in none is refused', async () => {
  const t = await tenant();
  const one = await pool(t, {}, [{ user: await t.sales.id() }, { user: await t.sales2.id(), role: 'ADMIN' }]);
  const other = await pool(t, { name: '华南' });
  const [a, b] = (await inPool(t, one, 2)) as [string, string];
  const [owned] = (await customersOf(t, 'sales2', 1)) as [string];
  expect(await give(t.sales, 'customersMovePool', [a], { pool: other })).toEqual(['FORBIDDEN']);
  expect(await give(t.sales2, 'customersMovePool', [a, owned], { pool: other })).toEqual([null, 'NOT_IN_POOL']);
  expect(await t.sql('select id, pool_id from customer where id = any($1) order by number', [[a, b, owned]])).toEqual([
    { id: a, pool_id: other },
    { id: b, pool_id: one },
    { id: owned, pool_id: null },
  ]);
  // gone from the sight of those who work with the first alone
  expect((await t.sales2.graph('query ($id: ID!) { customer(id: $id) { id } }', { id: a })).customer).toBeNull();
  // a pool with something in it is deleted only with a place for it
  const remove =
    'mutation ($id: ID!, $moveTo: ID) { poolDelete(id: $id, moveTo: $moveTo) { deletedId userErrors { code field } } }';
  expect(await t.admin.graph.userErrors(remove, { id: other })).toEqual(['IN_USE']);
  expect(await t.admin.graph.userErrors(remove, { id: other, moveTo: other })).toEqual(['INVALID moveTo']);
  expect(await t.manager.graph.refused(remove, { id: other, moveTo: one })).toEqual(['FORBIDDEN']);
  expect((await t.admin.graph(remove, { id: other, moveTo: one })).poolDelete).toEqual({
    deletedId: other,
    userErrors: [],
  });
  expect(await t.sql('select distinct pool_id from customer where pool_id is not null')).toEqual([{ pool_id: one }]);
  expect(
    (await t.admin.graph('{ pools { nodes { id members { nodes { role user { login } } } } } }')).pools.nodes,
  ).toEqual([
    {
      id: one,
      members: {
        nodes: [
          { role: 'MEMBER', user: { login: 'sales' } },
          { role: 'ADMIN', user: { login: 'sales2' } },
        ],
      },
    },
  ]);
});

test('a transfer takes along what is named, as far as it is the former owner’s; contracts and contacts follow the customer', async () => {
  const t = await tenant();
  await t.sales2.id();
  const { id } = await customer(t.sales, { name: '转移' });
  const { id: other } = await customer(t.sales, { name: '仅客户' });
  await contact(t.sales, { name: '张三', customer: id });
  await contract(t.sales, { name: '合同', customer: id, amount: { amount: '100' } });
  const mine = await opportunity(t.sales, { name: '我的', customer: id });
  const won = await opportunity(t.sales, { name: '已赢', customer: id });
  await t.sales.graph(
    'mutation ($id: ID!) { opportunityWin(id: $id, input: { amount: { amount: "1" } }) { userErrors { code } } }',
    { id: won.id },
  );
  await opportunity(t.admin, { name: '别人的', customer: id, owner: await t.manager.id() });
  await opportunity(t.sales, { name: '留下', customer: other });
  expect(
    await give(t.sales, 'customersTransfer', [id], { to: 'sales2', with: ['OPPORTUNITIES'], reason: '调岗' }),
  ).toEqual([null]);
  expect(await give(t.sales, 'customersTransfer', [other], { to: 'sales2' })).toEqual([null]);
  expect(await held(t, [id, other])).toEqual(['sales2', 'sales2']);
  expect(
    await t.sql(
      'select o.name, u.login from opportunity o join user_account u on u.tenant_id = o.tenant_id and u.id = o.owner_id order by o.number',
    ),
  ).toEqual([
    { name: '我的', login: 'sales2' },
    { name: '已赢', login: 'sales' },
    { name: '别人的', login: 'manager' },
    { name: '留下', login: 'sales' },
  ]);
  expect(mine.id).toBeDefined();
  const seen = '{ contracts { totalCount } contacts { totalCount } }';
  expect(await t.sales2.graph(seen)).toEqual({ contracts: { totalCount: 1 }, contacts: { totalCount: 1 } });
});

test('a former owner who is kept as a collaborator goes on to see the customer, and changes it only as a writer', async () => {
  const t = await tenant();
  await t.sales2.id();
  const { id: read } = await customer(t.sales, { name: '只读' });
  const { id: write } = await customer(t.sales, { name: '可写' });
  const { id: none } = await customer(t.sales, { name: '不留' });
  await give(t.sales, 'customersTransfer', [read], { to: 'sales2', keepFormerAs: 'READ' });
  await give(t.sales, 'customersTransfer', [write], { to: 'sales2', keepFormerAs: 'WRITE' });
  await give(t.sales, 'customersTransfer', [none], { to: 'sales2' });
  expect(await held(t, [read, write, none])).toEqual(['sales2', 'sales2', 'sales2']);
  const update =
    'mutation ($id: ID!) { customerUpdate(id: $id, input: { region: "华东" }) { userErrors { code field } } }';
  expect(await t.sales.graph.refused(update, { id: read })).toEqual(['FORBIDDEN']);
  expect(await t.sales.graph.userErrors(update, { id: write })).toEqual([]);
  expect(await t.sales.graph.userErrors(update, { id: none })).toEqual(['NOT_FOUND id']);
  expect(
    (await t.sales.graph('{ customers(orderBy: [{ field: NUMBER }]) { nodes { name } } }')).customers.nodes,
  ).toEqual([{ name: '只读' }, { name: '可写' }]);
});

test('a pool says how many picks are left today: none for who does not work with it, any number for who has no limit', async () => {
  const t = await tenant();
  const members = [{ user: await t.sales.id() }, { user: await t.sales2.id(), role: 'ADMIN' as const }];
  const id = await pool(t, { dailyPickLimit: 3 }, members);
  await pool(t, { name: '不限', position: 1 }, members);
  const [a, b] = (await inPool(t, id, 2)) as [string, string];
  const left = async (by: typeof t.sales): Promise<number[]> =>
    (await by.graph('{ pools { nodes { viewerPicksLeft } } }')).pools.nodes.map(
      ({ viewerPicksLeft }: Data) => viewerPicksLeft,
    );
  expect(await left(t.sales)).toEqual([3, null]);
  await give(t.sales, 'customersPick', [a, b]);
  await give(t.sales, 'customersReturn', [b], { pool: id });
  expect(await left(t.sales)).toEqual([1, null]);
  expect(await left(t.sales2)).toEqual([null, null]);
  expect(await left(t.admin)).toEqual([null, null]);
  expect(await left(t.manager)).toEqual([0, 0]);
});

test('a preview of a holding limit says who would be over it and by how much, and changes nothing', async () => {
  const t = await tenant();
  const make =
    'mutation ($input: DepartmentCreateInput!) { departmentCreate(input: $input) { department { id } userErrors { code } } }';
  const above = (await t.admin.graph(make, { input: { name: '销售' } })).departmentCreate.department.id;
  const below = (await t.admin.graph(make, { input: { name: '华东', parent: above } })).departmentCreate.department.id;
  const [sales, sales2, outsider] = [await t.sales.id(), await t.sales2.id(), await t.manager.id()];
  for (const [id, department] of [
    [sales, above],
    [sales2, below],
  ] as const)
    await t.admin.graph(
      'mutation ($id: ID!, $department: ID!) { userUpdate(id: $id, input: { department: $department }) { userErrors { code } } }',
      { id, department },
    );
  await customersOf(t, 'sales', 3);
  await customersOf(t, 'sales2', 5);
  const query =
    'query ($id: ID, $input: HoldingLimitInput) { holdingLimitPreview(id: $id, input: $input) { kind total overCount holders { userId name held over } } }';
  const shown = async (variables: object): Promise<Data> => (await t.admin.graph(query, variables)).holdingLimitPreview;
  const described = (input: object): Promise<Data> => shown({ input: { kind: 'CUSTOMER', ...input } });
  const over = (userId: string, name: string, held: number, more: number): object => ({
    userId,
    name,
    held,
    over: more,
  });
  const before = await t.sql('select count(*)::int n from outbox');
  expect(await described({ department: above, max: 2 })).toEqual({
    kind: 'CUSTOMER',
    total: 2,
    overCount: 2,
    holders: [over(sales2, 'sales2', 5, 3), over(sales, 'sales', 3, 1)],
  });
  expect(await described({ department: above, max: 2, uncountedTiers: ['BRONZE'] })).toMatchObject({ overCount: 0 });
  expect(await described({ user: sales2, max: 4 })).toMatchObject({
    total: 1,
    holders: [over(sales2, 'sales2', 5, 1)],
  });
  expect(await described({ user: outsider, max: 0 })).toEqual({
    kind: 'CUSTOMER',
    total: 1,
    overCount: 0,
    holders: [],
  });
  expect(await described({ department: above, user: sales, max: 0 })).toBeNull();
  expect(await shown({ input: { kind: 'LEAD', department: above, max: 0 } })).toMatchObject({ total: 2, overCount: 0 });
  expect(await t.sql('select count(*)::int n from outbox')).toEqual(before);
  // one of a nearer department, or of the user, goes before
  const { holdingLimit } = (await limit(t, { department: below, max: 5 })).holdingLimitCreate;
  expect(await described({ department: above, max: 2 })).toMatchObject({
    total: 1,
    holders: [over(sales, 'sales', 3, 1)],
  });
  expect(await shown({ id: holdingLimit.id })).toEqual({ kind: 'CUSTOMER', total: 1, overCount: 0, holders: [] });
  await limit(t, { user: 'sales2', max: 4 });
  expect(await shown({ id: holdingLimit.id })).toMatchObject({ total: 0 });
  expect(await t.sales.graph.refused(query, { id: holdingLimit.id })).toEqual(['FORBIDDEN']);
});

describe('a holding limit', () => {
  test('holds however somebody comes to look after a customer; what does not count, does not', async () => {
    const t = await tenant();
    const [sales] = [await t.sales.id(), await t.sales2.id()];
    expect(
      (await limit(t, { user: 'sales', max: 2, uncountedTiers: ['PLATINUM'], uncountedInForce: true }))
        .holdingLimitCreate.userErrors,
    ).toEqual([]);
    const id = await pool(t, {}, [{ user: sales }]);
    const [a, b, c] = (await inPool(t, id, 3)) as [string, string, string];
    const [vip] = (await inPool(t, id, 1, 'customers', { name: '大客户', tier: 'PLATINUM' })) as [string];
    const signed = await customer(t.admin, { name: '已签' });
    const { id: contractId } = await contract(t.admin, {
      name: '年框',
      customer: signed.id,
      amount: { amount: '10' },
      startsOn: '2020-01-01',
      endsOn: '2099-01-01',
    });
    await t.admin.graph('mutation ($id: ID!) { contractSign(id: $id) { userErrors { code } } }', { id: contractId });
    expect(await t.sql('select status from contract')).toEqual([{ status: 'IN_FORCE' }]);
    expect(await give(t.sales, 'customersPick', [a, vip, b, c])).toEqual([null, null, null, 'HOLDING_LIMIT']);
    expect(await give(t.admin, 'customersAssign', [c, signed.id], { input: { owner: 'sales' } })).toEqual([
      'HOLDING_LIMIT',
      null,
    ]);
    // whoever is full is passed over where others are there
    expect(await give(t.admin, 'customersAssign', [c], { input: { evenlyAmong: ['sales', 'sales2'] } })).toEqual([
      null,
    ]);
    expect(await held(t, [a, b, c, vip, signed.id])).toEqual(['sales', 'sales', 'sales2', 'sales', 'sales']);
    const create =
      'mutation ($input: CustomerInput!) { customerCreate(input: $input) { customer { id } userErrors { code field } } }';
    const update =
      'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { userErrors { code field } } }';
    const before = await written(t);
    expect(await t.sales.graph.userErrors(create, { input: { name: '多一个' } })).toEqual(['HOLDING_LIMIT owner']);
    expect(await t.admin.graph.userErrors(update, { id: c, input: { owner: 'sales' } })).toEqual([
      'HOLDING_LIMIT owner',
    ]);
    expect(await give(t.admin, 'customersTransfer', [c], { to: 'sales' })).toEqual(['HOLDING_LIMIT']);
    expect(await written(t)).toEqual(before);
    expect(await t.sales.graph.userErrors(create, { input: { name: '大', tier: 'PLATINUM' } })).toEqual([]);
    // of many, those that are too many are refused alone
    const many =
      'mutation ($inputs: [CustomerEdit!]!) { customersUpdate(inputs: $inputs) { results { userErrors { code } } userErrors { code } } }';
    expect(await give(t.sales, 'customersReturn', [a], { pool: id })).toEqual([null]);
    const { results } = (
      await t.admin.graph(many, { inputs: [c, a].map((one) => ({ id: one, input: { owner: 'sales' } })) })
    ).customersUpdate;
    expect(results.map(({ userErrors }: Data) => userErrors.map(({ code }: Data) => code))).toEqual([
      [],
      ['HOLDING_LIMIT'],
    ]);
  });

  test('of fifty who are given one each at once by others, nobody gets more than the limit', async () => {
    const t = await tenant();
    await t.sales.id();
    await limit(t, { user: 'sales', max: 5 });
    const ids = await customersOf(t, null, 20);
    const outcomes = await Promise.all(
      ids.map((id, place) =>
        place % 2 === 0
          ? give(t.admin, 'customersAssign', [id], { input: { owner: 'sales' } })
          : t.manager.graph
              .userErrors(
                'mutation ($id: ID!) { customerUpdate(id: $id, input: { owner: "sales" }) { userErrors { code field } } }',
                { id },
              )
              .then(([code]) => [code?.split(' ')[0] ?? null]),
      ),
    );
    expect(outcomes.flat().filter((code) => code === null)).toHaveLength(5);
    expect(outcomes.flat().filter((code) => code === 'HOLDING_LIMIT')).toHaveLength(15);
    expect((await held(t, ids)).filter((owner) => owner === 'sales')).toHaveLength(5);
  });

  test('of the user wins over that of the nearest department, and that over those above', async () => {
    const t = await tenant();
    const department = async (name: string, parent?: string): Promise<string> =>
      (
        await t.admin.graph(
          'mutation ($input: DepartmentCreateInput!) { departmentCreate(input: $input) { department { id } userErrors { code field } } }',
          { input: { name, ...(parent && { parent }) } },
        )
      ).departmentCreate.department.id as string;
    const all = await department('销售中心');
    const east = await department('华东', all);
    await t.sales.id();
    await t.admin.graph(
      'mutation ($id: ID!, $department: ID!) { userUpdate(id: $id, input: { department: $department }) { userErrors { code field } } }',
      { id: await t.sales.id(), department: east },
    );
    const ids = await customersOf(t, null, 4);
    const room = async (): Promise<Array<string | null>> => {
      const outcome = await give(t.admin, 'customersAssign', ids, { input: { owner: 'sales' } });
      const update = 'mutation ($id: ID!) { customerUpdate(id: $id, input: { owner: null }) { userErrors { code } } }';
      for (const [place, code] of outcome.entries()) if (code === null) await t.admin.graph(update, { id: ids[place] });
      return outcome;
    };
    const full = 'HOLDING_LIMIT';
    await limit(t, { department: all, max: 1 });
    expect(await room()).toEqual([null, full, full, full]);
    await limit(t, { department: east, max: 2 });
    expect(await room()).toEqual([null, null, full, full]);
    await limit(t, { user: 'sales', max: 3 });
    expect(await room()).toEqual([null, null, null, full]);
    expect((await limit(t, { user: 'sales', max: 9 })).holdingLimitCreate.userErrors).toEqual([
      { code: 'ALREADY_EXISTS', field: ['input', 'user'] },
    ]);
    expect(await t.manager.graph.refused('{ holdingLimits { totalCount } }')).toEqual(['FORBIDDEN']);
  });

  test('of leads does not count those that have been converted', async () => {
    const t = await tenant();
    const sales = await t.sales.id();
    await limit(t, { kind: 'LEAD', user: sales, max: 1, uncountedLeadStatuses: ['UNQUALIFIED'] });
    const id = await pool(t, { kind: 'LEAD' }, [{ user: sales }]);
    const [a, b] = (await inPool(t, id, 2, 'leads')) as [string, string];
    expect(await give(t.sales, 'leadsPick', [a, b])).toEqual([null, 'HOLDING_LIMIT']);
    await t.sales.graph(
      'mutation ($id: ID!) { leadConvert(id: $id, input: { createCustomer: true }) { userErrors { code } } }',
      { id: a },
    );
    expect(await give(t.sales, 'leadsPick', [b])).toEqual([null]);
  });
});

test('a thousand are given at once, and each of three gets as many as the others', async () => {
  const t = await tenant();
  await Promise.all([t.sales.id(), t.sales2.id(), t.manager.id()]);
  const id = await pool(t);
  await t.sql(
    "insert into customer (tenant_id, id, account_no, code, name, pool_id, pooled_at) select app_tenant(), gen_random_uuid(), 'B' || n, 'B' || n, '批量' || n, $1, now() from generate_series(1, 1000) n returning id",
    [id],
  );
  const ids = (await t.sql('select id from customer order by number')).map((row) => row['id'] as string);
  const evenlyAmong = ['sales', 'sales2', 'manager'];
  expect((await give(t.admin, 'customersAssign', ids, { input: { evenlyAmong } })).filter(Boolean)).toEqual([]);
  expect(await t.sql('select count(*)::int n from customer group by owner_id order by 1')).toEqual([
    { n: 333 },
    { n: 333 },
    { n: 334 },
  ]);
});
