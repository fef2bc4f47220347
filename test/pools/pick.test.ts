import { give, held, inPool, pool } from '../support/pools.js';
import { activity, customer } from '../support/records.js';
import { actor, tenant, type Actor, type TestTenant } from '../support/tenant.js';
import { tenantIn } from '../support/time.js';

const people = (t: TestTenant, count: number): Promise<Actor[]> =>
  Promise.all(Array.from({ length: count }, (_, place) => actor(`rep${place}`, t.code, ['sales'])));

const count = async (codes: ReadonlyArray<string | null>): Promise<Record<string, number>> =>
  Object.fromEntries([...new Set(codes)].map((code) => [String(code), codes.filter((one) => one === code).length]));

describe.each([
  ['customers', 'CUSTOMER', 'customer', 'owner_change', 'customer_id'],
  ['leads', 'LEAD', 'lead', 'lead_owner_change', 'lead_id'],
] as const)('%s', (kind, poolKind, table, ledger, column) => {
  test('fifty who pick one at the same moment: one gets it, the others hear that it is taken, nobody gets it twice', async () => {
    const t = await tenant();
    const all = await people(t, 50);
    const users = await Promise.all(all.map((one) => one.id()));
    const id = await pool(
      t,
      { kind: poolKind, dailyPickLimit: 1 },
      users.map((user) => ({ user })),
    );
    const [record, ...others] = await inPool(t, id, 6, kind);
    const outcomes = await Promise.all(all.map((one) => give(one, `${kind}Pick`, [record!])));
    expect(await count(outcomes.flat())).toEqual({ null: 1, ALREADY_PICKED: 49 });
    const winner = all[outcomes.findIndex(([code]) => code === null)]!;
    expect(await held(t, [record!], table)).toEqual([winner.subject]);
    expect(
      await t.sql(`select kind, to_owner_id from ${ledger} where ${column} = $1 order by number`, [record]),
    ).toEqual([
      { kind: 'RETURN', to_owner_id: null },
      { kind: 'PICK', to_owner_id: await winner.id() },
    ]);
    expect(await t.sql(`select subject from outbox where type = 'crm.${table}.picked'`)).toEqual([{ subject: record }]);
    // the one picked today is all that the winner may pick
    expect(await give(winner, `${kind}Pick`, [others[0]!])).toEqual(['PICK_LIMIT']);
  });

  test('one user who picks from many places at once gets no more than the limit of the day', async () => {
    const t = await tenant();
    const id = await pool(t, { kind: poolKind, dailyPickLimit: 3 }, [{ user: await t.sales.id() }]);
    const records = await inPool(t, id, 12, kind);
    const outcomes = await Promise.all(records.map((record) => give(t.sales, `${kind}Pick`, [record])));
    expect(await count(outcomes.flat())).toEqual({ null: 3, PICK_LIMIT: 9 });
    expect((await held(t, records, table)).filter((owner) => owner === 'sales')).toHaveLength(3);
  });

  test('overlapping picks of many in opposite orders wait for each other; each record has one owner', async () => {
    const t = await tenant();
    const id = await pool(t, { kind: poolKind }, [{ user: await t.sales.id() }, { user: await t.sales2.id() }]);
    const records = await inPool(t, id, 30, kind);
    const [one, two] = await Promise.all([
      give(t.sales, `${kind}Pick`, records),
      give(t.sales2, `${kind}Pick`, records.toReversed()),
    ]);
    const owners = await held(t, records, table);
    expect(records.map((_, place) => [one[place], two.toReversed()[place]])).toEqual(
      owners.map((owner) => (owner === 'sales' ? [null, 'ALREADY_PICKED'] : ['ALREADY_PICKED', null])),
    );
  });

  test('the ledger counts every pick of the day, also of what was given back; what was assigned does not count', async () => {
    const t = await tenant();
    const id = await pool(t, { kind: poolKind, dailyPickLimit: 2 }, [{ user: await t.sales.id() }]);
    const [a, b, c, d] = (await inPool(t, id, 4, kind)) as [string, string, string, string];
    expect(await give(t.admin, `${kind}Assign`, [d], { input: { owner: 'sales' } })).toEqual([null]);
    expect(await give(t.sales, `${kind}Pick`, [a])).toEqual([null]);
    expect(await give(t.sales, `${kind}Return`, [a], { pool: id })).toEqual([null]);
    expect(await give(t.sales, `${kind}Pick`, [b, c, a])).toEqual([null, 'PICK_LIMIT', 'PICK_LIMIT']);
    expect(await held(t, [a, b, c, d], table)).toEqual(['pool', 'sales', 'pool', 'sales']);
    // yesterday's count is of yesterday
    await t.sql(
      `update ${ledger} set created_at = (created_at at time zone 'UTC' - interval '1 day') at time zone 'UTC' where kind = 'PICK'`,
    );
    expect(await give(t.sales, `${kind}Pick`, [c, a])).toEqual([null, null]);
  });

  test.each(['Asia/Shanghai', 'America/New_York', 'Pacific/Kiritimati'])(
    'the day of a pick is that of the tenant, to the second: %s',
    async (zone) => {
      const t = await tenantIn(zone);
      const id = await pool(t, { kind: poolKind, dailyPickLimit: 1 }, [{ user: await t.sales.id() }]);
      const [a, b] = (await inPool(t, id, 2, kind)) as [string, string];
      expect(await give(t.sales, `${kind}Pick`, [a])).toEqual([null]);
      const pickedAt = (seconds: number): Promise<unknown> =>
        t.sql(
          `update ${ledger} set created_at = (date_trunc('day', now() at time zone $1) + make_interval(secs => $2)) at time zone $1 where kind = 'PICK'`,
          [zone, seconds],
        );
      await pickedAt(0);
      expect(await give(t.sales, `${kind}Pick`, [b])).toEqual(['PICK_LIMIT']);
      await pickedAt(-1);
      expect(await give(t.sales, `${kind}Pick`, [b])).toEqual([null]);
    },
  );

  test('whoever has looked after it in the last days cannot pick it, not only its last owner', async () => {
    const t = await tenant();
    const id = await pool(t, { kind: poolKind, formerOwnerDays: 7 }, [
      { user: await t.sales.id() },
      { user: await t.sales2.id() },
    ]);
    const [record] = (await inPool(t, id, 1, kind)) as [string];
    for (const owner of ['sales', 'sales2'])
      expect(await give(t.admin, `${kind}Assign`, [record], { input: { owner } })).toEqual([null]);
    expect(await give(t.admin, `${kind}Return`, [record], { pool: id })).toEqual([null]);
    expect(await give(t.sales, `${kind}Pick`, [record])).toEqual(['FORMER_OWNER']);
    expect(await give(t.sales2, `${kind}Pick`, [record])).toEqual(['FORMER_OWNER']);
    await t.sql(
      `update ${ledger} set created_at = (created_at at time zone 'UTC' - interval '8 days') at time zone 'UTC' where from_owner_id = $1`,
      [await t.sales.id()],
    );
    expect(await give(t.sales2, `${kind}Pick`, [record])).toEqual(['FORMER_OWNER']);
    expect(await give(t.sales, `${kind}Pick`, [record])).toEqual([null]);
  });

  test('what has just come rests; administrators of the pool and of the tenant do not wait, and have no limit', async () => {
    const t = await tenant();
    const id = await pool(t, { kind: poolKind, restHours: 2, dailyPickLimit: 0, formerOwnerDays: 30 }, [
      { user: await t.sales.id() },
      { user: await t.sales2.id(), role: 'ADMIN' },
    ]);
    const [a, b, c] = (await inPool(t, id, 3, kind)) as [string, string, string];
    expect(await give(t.sales, `${kind}Pick`, [a])).toEqual(['RESTING']);
    expect(await give(t.sales2, `${kind}Pick`, [a])).toEqual([null]);
    expect(await give(t.admin, `${kind}Pick`, [b])).toEqual([null]);
    await t.sql(
      `update ${table} set pooled_at = (pooled_at at time zone 'UTC' - interval '119 minutes') at time zone 'UTC' where id = $1`,
      [c],
    );
    expect(await give(t.sales, `${kind}Pick`, [c])).toEqual(['RESTING']);
    await t.sql(
      `update ${table} set pooled_at = (pooled_at at time zone 'UTC' - interval '2 minutes') at time zone 'UTC' where id = $1`,
      [c],
    );
    expect(await give(t.sales, `${kind}Pick`, [c])).toEqual(['PICK_LIMIT']);
  });

  test('of what the caller may not pick nothing is changed, and of what they never saw nothing is said', async () => {
    const t = await tenant();
    const mine = await pool(t, { kind: poolKind }, [{ user: await t.sales.id() }]);
    const other = await pool(t, { kind: poolKind, name: '华南公海' }, [{ user: await t.sales2.id() }]);
    const [a] = (await inPool(t, mine, 1, kind)) as [string];
    const [b, c] = (await inPool(t, other, 2, kind)) as [string, string];
    expect(await give(t.sales2, `${kind}Pick`, [c])).toEqual([null]);
    const make = { name: '自由' };
    const [free, owned] = await Promise.all(
      [{ ...make }, { name: '有主', owner: await t.sales2.id() }].map(async (input) => {
        const type = poolKind === 'LEAD' ? 'Lead' : 'Customer';
        const data = await t.admin.graph(
          `mutation ($input: ${type}Input!) { made: ${table}Create(input: $input) { ${table} { id } } }`,
          { input },
        );
        return data.made[table].id as string;
      }),
    );
    const unknown = '01900000-0000-7000-8000-000000000000';
    const ids = [a, a, b, c, free!, owned!, unknown, 'nothing'];
    expect(await give(t.sales, `${kind}Pick`, ids)).toEqual([
      null,
      'ALREADY_PICKED',
      'NOT_FOUND',
      'NOT_FOUND',
      'NOT_IN_POOL',
      'NOT_FOUND',
      'NOT_FOUND',
      'NOT_FOUND',
    ]);
    expect(await held(t, [a, b, c, free!, owned!], table)).toEqual(['sales', 'pool', 'sales2', null, 'sales2']);
    expect(await give(t.manager, `${kind}Pick`, [b, c, free!])).toEqual([
      'NOT_POOL_MEMBER',
      'ALREADY_PICKED',
      'NOT_IN_POOL',
    ]);
    expect(await give(t.outsider, `${kind}Pick`, [b])).toEqual(['NOT_FOUND']);
    const pick = `mutation ($ids: [ID!]!) { ${kind}Pick(ids: $ids) { results { id } userErrors { code } } }`;
    expect(await t.viewer.graph.refused(pick, { ids: [b] })).toEqual(['FORBIDDEN']);
    expect(await t.admin.graph.userErrors(pick, { ids: [] })).toEqual(['OUT_OF_RANGE']);
    await t.admin.graph(
      'mutation ($id: ID!) { poolUpdate(id: $id, input: { enabled: false }) { userErrors { code } } }',
      { id: other },
    );
    expect(await give(t.sales2, `${kind}Pick`, [b])).toEqual(['POOL_DISABLED']);
    expect(await held(t, [b], table)).toEqual(['pool']);
  });
});

test('an update takes nothing out of a pool for a member; it does for an administrator of the pool, and keeps the ledger', async () => {
  const t = await tenant();
  const id = await pool(t, {}, [{ user: await t.sales.id() }, { user: await t.sales2.id(), role: 'ADMIN' }]);
  const [a, b] = (await inPool(t, id, 2)) as [string, string];
  const update =
    'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { customer { owner { login } pool { id } pooledAt heldSince } userErrors { code field } } }';
  expect(await t.sales.graph.refused(update, { id: a, input: { owner: 'sales' } })).toEqual(['FORBIDDEN']);
  expect(await t.sales.graph.refused(update, { id: a, input: { industry: '软件' } })).toEqual(['FORBIDDEN']);
  expect(await held(t, [a])).toEqual(['pool']);
  const { customer: taken } = (await t.sales2.graph(update, { id: a, input: { owner: 'sales2' } })).customerUpdate;
  expect(taken).toEqual({ owner: { login: 'sales2' }, pool: null, pooledAt: null, heldSince: expect.any(String) });
  const { customer: freed } = (await t.admin.graph(update, { id: a, input: { owner: null } })).customerUpdate;
  expect(freed).toEqual({ owner: null, pool: null, pooledAt: null, heldSince: null });
  expect(
    (
      await t.admin.graph(
        'query ($id: ID!) { customer(id: $id) { ownerChanges { nodes { kind pool { id } fromOwner { login } toOwner { login } } } } }',
        { id: a },
      )
    ).customer.ownerChanges.nodes,
  ).toEqual([
    { kind: 'CHANGE', pool: null, fromOwner: { login: 'sales2' }, toOwner: null },
    { kind: 'CHANGE', pool: { id }, fromOwner: null, toOwner: { login: 'sales2' } },
    { kind: 'RETURN', pool: { id }, fromOwner: null, toOwner: null },
  ]);
  expect(await held(t, [b])).toEqual(['pool']);
});

test('what the last owner has planned with a customer goes to whoever picks it; what is done, and what others plan, stays', async () => {
  const t = await tenant();
  const id = await pool(t, {}, [{ user: await t.sales.id() }, { user: await t.sales2.id() }]);
  const { id: record } = await customer(t.sales, { name: '有计划' });
  const plan = { kind: 'CALL', customer: record, status: 'PLANNED' };
  const staff = await t.sales.id();
  await activity(t.admin, { ...plan, subject: '回访', staff });
  await activity(t.admin, { ...plan, subject: '已完成', staff, status: 'COMPLETED' });
  await activity(t.admin, { ...plan, subject: '别人的', staff: await t.manager.id() });
  await t.admin.graph(
    'mutation ($input: SuccessTaskInput!) { successTaskCreate(input: $input) { userErrors { code } } }',
    { input: { customer: record, title: '续约', kind: 'RENEWAL', priority: 'HIGH', assignee: staff } },
  );
  expect(await give(t.sales, 'customersReturn', [record], { pool: id })).toEqual([null]);
  expect(await give(t.sales2, 'customersPick', [record])).toEqual([null]);
  expect(
    await t.sql(
      'select a.subject, u.login from activity a join user_account u on u.tenant_id = a.tenant_id and u.id = a.staff_id order by 1',
    ),
  ).toEqual([
    { subject: '别人的', login: 'manager' },
    { subject: '回访', login: 'sales2' },
    { subject: '已完成', login: 'sales' },
  ]);
  expect(
    await t.sql(
      'select u.login from success_task s join user_account u on u.tenant_id = s.tenant_id and u.id = s.assignee_id',
    ),
  ).toEqual([{ login: 'sales2' }]);
});
