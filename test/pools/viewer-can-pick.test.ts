import { give, inPool, pool } from '../support/pools.js';
import { customer, lead } from '../support/records.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// What a record says of picking is what picking then does.

const say = 'viewerCanPick { allowed reason message }';

describe.each([
  ['customers', 'CUSTOMER', 'customer'],
  ['leads', 'LEAD', 'lead'],
] as const)('%s', (kind, poolKind, table) => {
  const make = (t: TestTenant, input: object): Promise<Data> =>
    kind === 'leads' ? lead(t.admin, { name: '线索', ...input }) : customer(t.admin, { name: '客户', ...input });

  /** What each record says to somebody, in a list; both executors say the same. */
  async function said(by: Actor, ids: readonly string[]): Promise<Data[]> {
    const query = `{ ${kind}(first: 50) { nodes { id ${say} } } }`;
    const list = await by.graph.raw(query);
    expect(list.headers.get('x-crm-executor')).toBe('compiled');
    expect(list.statements).toBe(1);
    const nodes: Data[] = list.body.data[kind].nodes;
    const plain = await by.graph.raw(query, {}, { 'x-crm-executor': 'plain' });
    expect([plain.headers.get('x-crm-executor'), plain.body]).toEqual(['plain; as asked', list.body]);
    const found = ids.map((id) => nodes.find((one) => one.id === id)?.viewerCanPick ?? null);
    return found;
  }

  test('says why not, and then the mutation refuses it for that', async () => {
    const t = await tenant();
    const me = await t.sales.id();
    const pooled = async (
      name: string,
      input: object,
      members: Data[] = [{ user: me }],
      count = 1,
    ): Promise<string[]> => inPool(t, await pool(t, { kind: poolKind, name, ...input }, members), count, kind);
    const [free] = await pooled('可领', {});
    const [resting] = await pooled('冷却', { restHours: 2 });
    const [limited, first] = await pooled('限额', { dailyPickLimit: 1 }, undefined, 2);
    const [administered] = await pooled('管理', { restHours: 2, dailyPickLimit: 0 }, [{ user: me, role: 'ADMIN' }]);
    const formerPool = await pool(t, { kind: poolKind, name: '前负责', formerOwnerDays: 3 }, [{ user: me }]);
    const former = (await make(t, { name: '前负责人的', owner: me })).id;
    expect(await give(t.admin, `${kind}Return`, [former], { pool: formerPool })).toEqual([null]);
    const disabledPool = await pool(t, { kind: poolKind, name: '停用' }, [{ user: me }]);
    const [disabled] = await inPool(t, disabledPool, 1, kind);
    await t.admin.graph(
      'mutation ($id: ID!) { poolUpdate(id: $id, input: { enabled: false }) { userErrors { code } } }',
      { id: disabledPool },
    );
    const loose = (await make(t, { name: '无主' })).id;
    const mine = (await make(t, { name: '我的', owner: me })).id;
    const [taken] = await pooled('已领', {});
    expect(await give(t.sales, `${kind}Pick`, [taken!])).toEqual([null]);
    expect(await give(t.sales, `${kind}Pick`, [first!])).toEqual([null]);
    const ids = [free, resting, limited, administered, former, disabled, loose, mine, taken].map(String);
    const expected = [
      null,
      'RESTING',
      'PICK_LIMIT',
      null,
      'FORMER_OWNER',
      'POOL_DISABLED',
      'NOT_IN_POOL',
      'NOT_IN_POOL',
      'ALREADY_PICKED',
    ];
    const answers = await said(t.sales, ids);
    expect(answers.map(({ allowed, reason }) => [allowed, reason])).toEqual(
      expected.map((code) => [code === null, code]),
    );
    expect(answers.every(({ reason, message }) => (reason === null) === (message === null))).toBe(true);
    // those who administer the tenant, whoever works with no pool, and who may not write
    expect((await said(t.admin, ids)).map(({ reason }) => reason)).toEqual([
      null,
      null,
      null,
      null,
      null,
      'POOL_DISABLED',
      'NOT_IN_POOL',
      'NOT_IN_POOL',
      'ALREADY_PICKED',
    ]);
    const manager = (await said(t.manager, ids)).map(({ reason }) => reason);
    expect(manager).toEqual([
      'NOT_POOL_MEMBER',
      'NOT_POOL_MEMBER',
      'NOT_POOL_MEMBER',
      'NOT_POOL_MEMBER',
      'NOT_POOL_MEMBER',
      'POOL_DISABLED',
      'NOT_IN_POOL',
      'NOT_IN_POOL',
      'ALREADY_PICKED',
    ]);
    expect(await give(t.manager, `${kind}Pick`, ids)).toEqual(manager);
    expect(new Set((await said(t.viewer, ids)).map(({ reason }) => reason))).toEqual(new Set(['MISSING_ROLE']));
    expect(await said(t.sales2, ids)).toEqual(
      ids.map((id) => (id === loose ? expect.objectContaining({ reason: 'NOT_IN_POOL' }) : null)),
    );
    // at the holding limit, whatever else would allow it
    const limit = { kind: poolKind, user: me, max: 3 };
    const { holdingLimitCreate } = await t.admin.graph(
      'mutation ($input: HoldingLimitInput!) { holdingLimitCreate(input: $input) { userErrors { code } } }',
      { input: limit },
    );
    expect(holdingLimitCreate.userErrors).toEqual([]);
    const atLimit = expected.map((code) => code ?? 'HOLDING_LIMIT');
    expect((await said(t.sales, ids)).map(({ reason }) => reason)).toEqual(atLimit);
    expect(await give(t.sales, `${kind}Pick`, ids)).toEqual(atLimit);
  });

  test('says it in Chinese, and to services by their scopes', async () => {
    const t = await tenant();
    const [id] = await inPool(
      t,
      await pool(t, { kind: poolKind, restHours: 2 }, [{ user: await t.sales.id() }]),
      1,
      kind,
    );
    const { body } = await t.sales.graph.raw(
      `query ($id: ID!) { ${table}(id: $id) { ${say} } }`,
      { id },
      { 'accept-language': 'zh' },
    );
    expect(body.data[table].viewerCanPick).toEqual({
      allowed: false,
      reason: 'RESTING',
      message: '该记录刚进入公海，暂不能领取',
    });
    const reader = await actor('reader', t.code, ['service'], { scope: 'crm:read' });
    expect((await said(reader, [id!]))[0].reason).toBe('MISSING_SCOPE');
  });
});
