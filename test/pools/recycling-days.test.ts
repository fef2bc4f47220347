import { seed, countOf, repeatable } from '../support/generated.js';
import { tenantIn } from '../support/time.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { computed, poolOf, ruleOf, storedAndDue } from './recycling.js';

const aDay = 86_400_000;

/** Random choices that follow from the seed of the run. */
function chance(of: number): {
  below: (n: number) => number;
  one: <T>(all: readonly T[]) => T;
  some: <T>(all: readonly T[]) => T[];
} {
  let state = of >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    below,
    one: (all) => all[below(all.length)]!,
    some: (all) => all.filter(() => next() < 0.4),
  };
}

const at = (days: number): string => new Date(Date.now() + days * aDay).toISOString();
const on = (days: number): string => at(days).slice(0, 10);

const tiers = ['BRONZE', 'SILVER', 'GOLD', 'PLATINUM'];
const regions = ['华北', '华东', 'a,"b\\ {}'];

class World {
  readonly random;
  pools: Record<'CUSTOMER' | 'LEAD', string> = { CUSTOMER: '', LEAD: '' };
  rules: string[] = [];
  done: string[] = [];
  /** days and rules that were stored */
  seen = new Set<string>();

  constructor(
    readonly t: TestTenant,
    of: number,
  ) {
    this.random = chance(of);
  }

  /** Carries a mutation out; what is refused is refused. */
  async act(mutation: string, type: string, args: Record<string, unknown>, shown = ''): Promise<Data> {
    const types: Record<string, string> = { id: 'ID!', input: `${type}!`, status: `${type}!`, version: 'Int' };
    const names = Object.keys(args);
    const data = await this.t.admin.graph(
      `mutation (${names.map((name) => `$${name}: ${types[name]}`).join(', ')}) { ${mutation}(${names.map((name) => `${name}: $${name}`).join(', ')}) { ${shown} userErrors { code field } } }`,
      args,
    );
    this.done.push(`${mutation} ${JSON.stringify(args)} ${JSON.stringify(data[mutation].userErrors)}`);
    return data[mutation];
  }

  async some(table: string, where = 'deleted_at is null'): Promise<string | undefined> {
    const rows = await this.t.sql(`select id from "${table}" where ${where} order by id`);
    return rows.length > 0 ? this.random.one(rows)['id'] : undefined;
  }

  rule(): Record<string, unknown> {
    const { random } = this;
    const kind = random.below(5) === 0 ? 'LEAD' : 'CUSTOMER';
    return {
      pool: this.pools[kind],
      name: '规则',
      position: random.below(3),
      days: 1 + random.below(40),
      reminderDays: random.some([1, 3, 7]),
      ...(kind === 'LEAD'
        ? {
            trigger: random.one(['HELD', 'NO_FOLLOW_UP']),
            leadStatuses: random.some(['NEW', 'QUALIFIED']),
            leadSources: random.some(['EVENT', 'OTHER']),
          }
        : {
            trigger: random.one(['NO_FOLLOW_UP', 'NO_OPEN_OPPORTUNITY', 'NOTHING_WON', 'HELD', 'CONTRACT_ENDED']),
            exemptions: random.some(['OPEN_OPPORTUNITY', 'CONTRACT_IN_FORCE', 'MONEY_OUTSTANDING']),
            tiers: random.below(4) === 0 ? random.some(tiers) : [],
            customerStatuses: random.below(5) === 0 ? random.some(['POTENTIAL', 'ACTIVE']) : [],
            regions: random.below(5) === 0 ? random.some(regions) : [],
          }),
    };
  }

  /** One thing that people do, chosen at random. */
  async next(): Promise<void> {
    const { random } = this;
    const customer = (await this.some('customer'))!;
    const lead = (await this.some('lead'))!;
    const one = random.one<object>([{ customer }, { customer }, { lead }]);
    const owner = random.one([null, await this.t.sales.id(), await this.t.sales2.id(), await this.t.sales2.id()]);
    const choices: Array<() => Promise<unknown>> = [
      () => this.act('customerUpdate', 'CustomerInput', { id: customer, input: { owner } }),
      () => this.act('customerUpdate', 'CustomerInput', { id: customer, input: { tier: random.one(tiers) } }),
      () =>
        this.act('customerUpdate', 'CustomerInput', {
          id: customer,
          input: { region: random.one([null, ...regions]), status: random.one(['POTENTIAL', 'ACTIVE', 'LOST']) },
        }),
      () =>
        this.act('activityCreate', 'ActivityInput', {
          input: {
            kind: random.one(['CALL', 'VISIT', 'NOTE']),
            subject: '跟进',
            ...one,
            status: random.one(['PLANNED', 'COMPLETED', 'COMPLETED']),
            startsAt: random.one([null, at(-random.below(20)), at(random.below(20))]),
          },
        }),
      async () => this.act('activityComplete', '', { id: (await this.some('activity')) ?? customer }),
      async () => this.act('activityDelete', '', { id: (await this.some('activity')) ?? customer }),
      async () =>
        this.act('activityUpdate', 'ActivityInput', {
          id: (await this.some('activity', 'opportunity_id is null and deleted_at is null')) ?? customer,
          input: random.one([one, { lead: null, customer }, { kind: 'NOTE' }, { startsAt: at(-random.below(20)) }]),
        }),
      () =>
        this.act('opportunityCreate', 'OpportunityInput', {
          input: { name: '商机', customer, stage: random.one(['PROSPECTING', 'CLOSED_WON', 'CLOSED_LOST']) },
        }),
      async () =>
        this.act('opportunityWin', 'OpportunityWinInput', {
          id: (await this.some('opportunity')) ?? customer,
          input: { closedOn: on(-1 - random.below(20)) },
        }),
      async () => this.act('opportunityLose', '', { id: (await this.some('opportunity')) ?? customer }),
      async () =>
        this.act('opportunityUpdate', 'OpportunityInput', {
          id: (await this.some('opportunity')) ?? customer,
          input: { stage: 'PROPOSAL' },
        }),
      async () => this.act('opportunityDelete', '', { id: (await this.some('opportunity')) ?? customer }),
      () =>
        this.act('contractCreate', 'ContractInput', {
          input: {
            name: '合同',
            customer,
            status: random.one(['DRAFT', 'IN_FORCE', 'IN_FORCE']),
            startsOn: on(-100),
            endsOn: random.one([null, on(-random.below(30)), on(random.below(60))]),
            amount: random.one([null, { amount: '100' }]),
          },
        }),
      async () => this.act('contractSign', '', { id: (await this.some('contract')) ?? customer }),
      async () =>
        this.act('contractChangeStatus', 'ContractStatus', {
          id: (await this.some('contract')) ?? customer,
          status: random.one(['TERMINATED', 'EXPIRED']),
        }),
      async () =>
        this.act('contractUpdate', 'ContractInput', {
          id: (await this.some('contract')) ?? customer,
          input: random.one([{ endsOn: on(random.below(90)) }, { endsOn: null }, { amount: { amount: '200' } }]),
        }),
      async () =>
        this.act('contractRenew', 'ContractRenewInput', {
          id: (await this.some('contract')) ?? customer,
          input: { endsOn: on(90 + random.below(90)), amount: { amount: '50' } },
        }),
      async () => this.act('contractDelete', '', { id: (await this.some('contract')) ?? customer }),
      async () =>
        this.act('paymentCreate', 'PaymentInput', {
          input: {
            contract: (await this.some('contract')) ?? customer,
            amount: { amount: random.one(['50', '100', '150']) },
          },
        }),
      async () => this.act('paymentDelete', '', { id: (await this.some('payment')) ?? customer }),
      () => this.act('leadUpdate', 'LeadInput', { id: lead, input: random.one([{ owner }, { source: 'EVENT' }]) }),
      () => this.act('leadChangeStatus', 'LeadStatus', { id: lead, status: random.one(['QUALIFIED', 'UNQUALIFIED']) }),
      () => this.act('leadConvert', 'LeadConvertInput', { id: lead, input: random.one([{ customer }, {}]) }),
      async () =>
        this.act('leadUndoConversion', '', {
          id: (await this.some('lead', "status = 'CONVERTED' and deleted_at is null")) ?? lead,
        }),
      async () => {
        const id = (await this.some('customer'))!;
        await this.act('customerDelete', '', { id });
        await this.agrees();
        await this.act('customerRestore', '', { id });
      },
      async () => {
        if (this.rules.length < 4) this.rules.push(await ruleOf(this.t, this.rule()));
      },
      async () => {
        if (this.rules.length === 0) return;
        await this.act('poolRuleUpdate', 'PoolRuleInput', {
          id: random.one(this.rules),
          input: random.one<object>([
            { enabled: false },
            { enabled: true },
            { days: 1 + random.below(40) },
            { position: random.below(3) },
            this.rule(),
          ]),
        });
        await computed(this.t);
      },
      async () => {
        if (random.below(3) > 0 || this.rules.length === 0) return;
        const id = random.one(this.rules);
        this.rules = this.rules.filter((one) => one !== id);
        await this.act('poolRuleDelete', '', { id });
        await computed(this.t);
      },
    ];
    await random.one(choices)();
  }

  /** What is stored is what it should be. */
  async agrees(): Promise<void> {
    const { stored, due } = await storedAndDue(this.t);
    for (const { recycleOn, recycleRule } of Object.values(stored))
      if (recycleOn) this.seen.add(`${recycleOn} ${recycleRule}`);
    try {
      expect(stored).toEqual(due);
    } catch (error) {
      (error as Error).message += `\n\nDone before:\n${this.done.slice(-8).join('\n')}`;
      throw error;
    }
  }
}

async function worldOf(t: TestTenant, of: number): Promise<World> {
  const world = new World(t, of);
  const { random } = world;
  const [one, other] = [await t.sales.id(), await t.sales2.id()];
  const owners = [null, one, one, other, other];
  world.pools = { CUSTOMER: await poolOf(t, 'CUSTOMER'), LEAD: await poolOf(t, 'LEAD') };
  for (let n = 0; n < 6; n += 1) {
    await world.act('customerCreate', 'CustomerInput', { input: { name: `客户${n}`, owner: random.one(owners) } });
    await world.act('leadCreate', 'LeadInput', { input: { name: `线索${n}`, owner: random.one(owners) } });
  }
  // held since long: nobody can say so through the graph
  await t.sql(
    `update customer set held_since = (created_at at time zone 'UTC' - make_interval(days => number % 50)) at time zone 'UTC', protected_until = case when number % 3 = 0 then $1::date + number % 40 end where owner_id is not null`,
    [on(0)],
  );
  await t.sql(
    `update lead set held_since = (created_at at time zone 'UTC' - make_interval(days => number % 50)) at time zone 'UTC' where owner_id is not null`,
  );
  return world;
}

test('whatever is done, the day on which a rule takes a record is what it should be', async () => {
  const worlds = countOf({ few: 2, all: 12 });
  let seen = 0;
  await repeatable(async () => {
    for (let n = 0; n < worlds; n += 1) {
      const zone = ['Asia/Shanghai', 'America/New_York', 'Pacific/Kiritimati'][n % 3]!;
      const world = await worldOf(await tenantIn(zone), seed + n);
      const { CUSTOMER: pool } = world.pools;
      world.rules.push(await ruleOf(world.t, { pool, name: '未跟进', trigger: 'NO_FOLLOW_UP', days: 30, position: 1 }));
      for (let more = 0; more < 2; more += 1) world.rules.push(await ruleOf(world.t, world.rule()));
      await world.agrees();
      for (let step = 0; step < 60; step += 1) {
        await world.next();
        await world.agrees();
      }
      seen += world.seen.size;
    }
  });
  expect(seen / worlds).toBeGreaterThan(5);
}, 300_000);

test('of what is done at the same moment with what hangs on one customer, nothing is passed over', async () => {
  const t = await tenant();
  const world = await worldOf(t, seed);
  for (const trigger of ['NO_FOLLOW_UP', 'NO_OPEN_OPPORTUNITY', 'CONTRACT_ENDED'])
    await ruleOf(t, {
      pool: world.pools.CUSTOMER,
      name: trigger,
      trigger,
      days: 5,
      exemptions: ['OPEN_OPPORTUNITY', 'CONTRACT_IN_FORCE'],
    });
  const { id: customer } = (
    await world.act(
      'customerCreate',
      'CustomerInput',
      { input: { name: '同时', owner: await t.sales.id() } },
      'customer { id }',
    )
  ).customer;
  for (let round = 0; round < countOf({ few: 10, all: 40 }); round += 1) {
    const ends = on(round + 1);
    const open = await world.act(
      'opportunityCreate',
      'OpportunityInput',
      { input: { name: '商机', customer } },
      'opportunity { id }',
    );
    await Promise.all([
      world.act('opportunityLose', '', { id: open.opportunity.id }),
      world.act('contractCreate', 'ContractInput', {
        input: { name: '合同', customer, status: 'IN_FORCE', endsOn: ends },
      }),
      world.act('activityCreate', 'ActivityInput', { input: { subject: '跟进', customer, status: 'COMPLETED' } }),
      ...[1, 2].map((n) =>
        world.act('contractCreate', 'ContractInput', {
          input: { name: '合同', customer, status: 'DRAFT', startsOn: on(-n) },
        }),
      ),
    ]);
    await world.agrees();
  }
}, 120_000);

test('days are of the time zone of the tenant, and follow it', async () => {
  const t = await tenant();
  const world = await worldOf(t, 1);
  await ruleOf(t, { pool: world.pools.CUSTOMER, name: '持有', trigger: 'HELD', days: 10 });
  await world.agrees();
  const before = (await storedAndDue(t)).stored;
  await t.sql('update customer set held_since = $1', [`${on(0)}T12:30:00Z`]);
  for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    await t.admin.graph(
      'mutation ($timeZone: String!) { tenantUpdate(input: { timeZone: $timeZone }) { userErrors { code } } }',
      { timeZone },
    );
    await computed(t);
    await world.agrees();
  }
  expect((await storedAndDue(t)).stored).not.toEqual(before);
});
