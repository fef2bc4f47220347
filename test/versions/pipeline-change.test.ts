import fc from 'fast-check';
import { countOf, repeatable, seed } from '../support/generated.js';
import { Fresh } from '../support/mutations.js';
import { customer, opportunity } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

let t: TestTenant;
let fresh: Fresh;
beforeAll(async () => {
  t = await tenant();
  fresh = new Fresh(t);
});

const sum = '{ amount currency otherCurrencies { amount currency } }';
const change = `query ($from: AsOf!, $until: AsOf, $closeFrom: Date, $closeUntil: Date, $filter: OpportunityFilter) {
  pipelineChange(from: $from, until: $until, closeFrom: $closeFrom, closeUntil: $closeUntil, filter: $filter) {
    from { at reconstructed } until { at } start { count amount ${sum} } end { count amount ${sum} }
    movements { kind adds count amount ${sum} opportunities(first: 500, orderBy: { field: NUMBER }) { totalCount nodes { id name amount { amount } } } } } }`;

const pause = (): Promise<void> => new Promise((done) => setTimeout(done, 4));
const moment = async (): Promise<{ at: string }> => {
  await pause();
  const at = new Date().toISOString();
  await pause();
  return { at };
};

/** Cents by currency. */
const centsOf = ({ amount, currency, otherCurrencies }: Data): Map<string, bigint> =>
  new Map(
    [{ amount, currency }, ...otherCurrencies].map((one: Data) => [one.currency, BigInt(one.amount.replace('.', ''))]),
  );

/** What is left of a change where the start and all movements are added up, less the end: nothing. */
function rest({ start, end, movements }: Data): Array<[string, bigint]> {
  const left = new Map<string, bigint>();
  const add = (one: Data, sign: bigint): void => {
    for (const [currency, cents] of centsOf(one.amount)) left.set(currency, (left.get(currency) ?? 0n) + sign * cents);
  };
  add(start, 1n);
  add(end, -1n);
  for (const movement of movements) add(movement, movement.adds ? 1n : -1n);
  return [...left].filter(([, cents]) => cents !== 0n);
}

const byKind = (answer: Data): Data =>
  Object.fromEntries(
    answer.pipelineChange.movements
      .filter(({ count }: Data) => count > 0)
      .map(({ kind, amount, opportunities }: Data) => [
        kind,
        [amount.amount, opportunities.nodes.map(({ name }: Data) => name)],
      ]),
  );

test('each way in which a pipeline grows or shrinks has its opportunities, and all of them add up', async () => {
  const { id: of } = await customer(t.admin, { name: '华信' });
  const add = async (name: string, amount: string, expectedCloseOn: string | null = '2027-02-01'): Promise<string> =>
    (await opportunity(t.admin, { name, customer: of, amount: { amount }, expectedCloseOn })).id;
  const update = (id: string, input: object): Promise<unknown> =>
    fresh.mutate('opportunityUpdate', { id, input }, 'id');
  const [stays, grows, shrinks, pushed, pulled, won, lost, deleted, reopened, back, given] = [
    await add('不变', '1'),
    await add('增加', '100'),
    await add('减少', '200'),
    await add('推迟', '300'),
    await add('提前', '400', '2028-01-01'),
    await add('赢', '500'),
    await add('输', '600'),
    await add('删除', '700'),
    await add('重开', '800'),
    await add('恢复', '900'),
    await add('转入', '1000'),
  ];
  await fresh.mutate('opportunityLose', { id: reopened, input: {} }, 'id');
  await fresh.mutate('opportunityDelete', { id: back }, 'id');
  const from = await moment();
  await update(grows!, { amount: { amount: '150.25' } });
  await update(shrinks!, { amount: { amount: '120.50' } });
  await update(pushed!, { expectedCloseOn: '2028-01-01' });
  await update(pulled!, { expectedCloseOn: '2027-03-01' });
  await update(won!, { amount: { amount: '550' } });
  await fresh.mutate('opportunityWin', { id: won, input: { amount: { amount: '540' } } }, 'id');
  await fresh.mutate('opportunityLose', { id: lost, input: {} }, 'id');
  await fresh.mutate('opportunityDelete', { id: deleted }, 'id');
  await fresh.mutate('opportunityChangeStage', { id: reopened, stage: 'PROPOSAL' }, 'id');
  await fresh.mutate('opportunityRestore', { id: back }, 'id');
  await update(given!, { name: '转入 2' });
  await add('新建', '50');
  await fresh.mutate('opportunityWin', { id: await add('新赢', '60'), input: {} }, 'id');
  const until = await moment();
  await update(stays!, { amount: { amount: '9' } });

  const window = { closeFrom: '2027-01-01', closeUntil: '2027-12-31' };
  for (const executor of ['compiled', 'plain']) {
    const { body } = await t.admin.graph.raw(change, { from, until, ...window }, { 'x-crm-executor': executor });
    expect(body.errors).toBeUndefined();
    expect(byKind(body.data)).toEqual({
      CREATED: ['110.00', ['新建', '新赢']],
      REOPENED: ['800.00', ['重开']],
      RESTORED: ['900.00', ['恢复']],
      PULLED_IN: ['400.00', ['提前']],
      INCREASED: ['100.25', ['增加', '赢']],
      DECREASED: ['79.50', ['减少']],
      PUSHED_OUT: ['300.00', ['推迟']],
      DELETED: ['700.00', ['删除']],
      LOST: ['600.00', ['输']],
      WON: ['610.00', ['赢', '新赢']],
    });
    expect(rest(body.data.pipelineChange)).toEqual([]);
    expect(body.data.pipelineChange.start.amount.amount).toBe('3401.00');
    expect(body.data.pipelineChange.end.amount.amount).toBe('3421.75');
  }
  const named = { from, until, ...window, filter: { search: '转入 2' } };
  expect(byKind(await t.admin.graph(change, named))).toEqual({ ENTERED: ['1000.00', ['转入 2']] });
  const viewer = (await t.viewer.graph(change, { from, until, ...window })).pipelineChange;
  expect(viewer.start).toEqual({ count: 8, amount: null });
  expect(viewer.movements.filter(({ kind }: Data) => /CREASED/.test(kind)).map(({ count }: Data) => count)).toEqual([
    0, 0,
  ]);
});

test('an end before the beginning, or in the future, is refused', async () => {
  for (const executor of ['compiled', 'plain'])
    for (const [until, field] of [
      [{ day: '2020-01-01' }, ['until']],
      [{ day: '2999-01-01' }, ['until', 'day']],
    ] as const) {
      const { body } = await t.admin.graph.raw(
        change,
        { from: { day: '2020-01-02' }, until },
        { 'x-crm-executor': executor },
      );
      expect(body.errors[0].extensions).toEqual(expect.objectContaining({ code: 'INVALID', field }));
    }
});

test('whatever happens between any two moments, start and movements add up to the end in each currency', () =>
  repeatable(async () => {
    const [{ id: one }, { id: two }] = [
      await customer(t.admin, { name: '甲' }),
      await customer(t.admin, { name: '乙' }),
    ];
    const moments = [await moment()];
    const ids: string[] = [];
    const random = fc.sample(fc.nat({ max: 1_000_000 }), { numRuns: 2 * countOf({ few: 60, all: 600 }), seed });
    const at = <T>(values: readonly T[], n: number): T => values[n % values.length]!;
    for (let step = 0; step + 1 < random.length; step += 2) {
      const n = random[step + 1]!;
      const id = ids.length === 0 ? undefined : at(ids, n >> 4);
      const amount = { amount: at(['1000.01', '20.20', '99999999.99', '0'], n), currency: at(['CNY', 'USD'], n >> 1) };
      const steps: Array<() => Promise<unknown>> = [
        async () => {
          const input = {
            name: `新 ${n}`,
            customer: at([one, two], n),
            amount,
            expectedCloseOn: at(['2027-02-01', '2028-02-01', null], n >> 3),
          };
          const { body } = await fresh.mutate('opportunityCreate', { input }, 'id');
          if (body.data.opportunityCreate.opportunity) ids.push(body.data.opportunityCreate.opportunity.id);
        },
        () => fresh.mutate('opportunityUpdate', { id, input: { amount: { amount: amount.amount } } }, 'id'),
        () => fresh.mutate('opportunityUpdate', { id, input: { amount: null } }, 'id'),
        () => fresh.mutate('opportunityUpdate', { id, input: { amount } }, 'id'),
        () =>
          fresh.mutate(
            'opportunityUpdate',
            { id, input: { expectedCloseOn: at(['2027-02-01', '2028-02-01', null], n) } },
            'id',
          ),
        () => fresh.mutate('opportunityChangeStage', { id, stage: at(['PROPOSAL', 'NEGOTIATION'], n) }, 'id'),
        () => fresh.mutate(at(['opportunityWin', 'opportunityLose'], n), { id, input: {} }, 'id'),
        () => fresh.mutate(at(['opportunityDelete', 'opportunityRestore'], n), { id }, 'id'),
        () => fresh.mutate(at(['customerDelete', 'customerRestore'], n), { id: two, input: {} }, 'id'),
        () => fresh.mutate('opportunityUpdate', { id, input: { name: at(['甲 商机', '乙 商机'], n) } }, 'id'),
      ];
      await steps[id === undefined || random[step]! % 3 === 0 ? 0 : random[step]! % steps.length]!();
      if (step % 6 === 0) moments.push(await moment());
    }
    const wrong: unknown[] = [];
    for (const [place, n] of random.entries()) {
      if (place >= countOf({ few: 30, all: 300 })) break;
      const [from, until] = [at(moments, n), at(moments, n >> 7)].toSorted((a, b) => (a.at < b.at ? -1 : 1));
      const window = n % 2 ? { closeFrom: '2027-01-01', closeUntil: '2027-12-31' } : {};
      const filter = n % 3 ? {} : { filter: { search: '甲' } };
      const { pipelineChange } = await t.admin.graph(change, { from, until, ...window, ...filter });
      const counts = pipelineChange.movements.filter(
        ({ count, opportunities }: Data) => count !== opportunities.totalCount || count !== opportunities.nodes.length,
      );
      if (rest(pipelineChange).length > 0 || counts.length > 0)
        wrong.push({ from, until, rest: String(rest(pipelineChange)), counts });
    }
    expect(wrong).toEqual([]);
  }));
