import { customer } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';
import { dayIn, plus, poolOf, ruleOf } from './recycling.js';

// What moves the day on which a rule takes a customer, step by step. Each customer was given to its owner 20 days ago.

let t: TestTenant;
let pool: string;
beforeAll(async () => {
  t = await tenant();
  pool = await poolOf(t, 'CUSTOMER');
});

const aDay = 86_400_000;
const today = dayIn('Asia/Shanghai', new Date());
const on = (days: number): string => plus(today, days);
const at = (days: number): string => new Date(Date.now() + days * aDay).toISOString();

/** Does something with the customer of a case; records that it makes are known by names that the steps give. */
type Step = (c: Case) => Promise<unknown>;

class Case {
  readonly made = new Map<string, string>();

  constructor(
    readonly id: string,
    readonly other: string,
  ) {}

  private async act(mutation: string, type: string, args: Record<string, unknown>, record = ''): Promise<Data> {
    const types: Record<string, string> = { id: 'ID!', input: `${type}!`, status: `${type}!`, reason: 'String' };
    const names = Object.keys(args);
    const { [mutation]: payload } = await t.admin.graph(
      `mutation (${names.map((name) => `$${name}: ${types[name]}`).join(', ')}) { ${mutation}(${names.map((name) => `${name}: $${name}`).join(', ')}) { ${record && `${record} { id }`} userErrors { code field } } }`,
      args,
    );
    expect([mutation, payload.userErrors]).toEqual([mutation, []]);
    return payload;
  }

  async add(record: 'activity' | 'opportunity' | 'contract' | 'payment', name: string, input: object): Promise<void> {
    const type = `${record[0]!.toUpperCase()}${record.slice(1)}Input`;
    const payload = await this.act(`${record}Create`, type, { input }, record);
    this.made.set(name, payload[record].id);
  }

  /** A mutation of a record that was made; without a type it takes the id alone. */
  on(name: string, mutation: string, type = '', args: Record<string, unknown> = {}): Promise<unknown> {
    return this.act(mutation, type, { id: this.made.get(name) ?? this.id, ...args });
  }

  async days(id = this.id): Promise<number | null> {
    const { customer: found } = await t.admin.graph('query ($id: ID!) { customer(id: $id) { recycleOn } }', { id });
    const { recycleOn } = found ?? {};
    return recycleOn ? Math.round((Date.parse(recycleOn) - Date.parse(today)) / aDay) : null;
  }
}

const activity =
  (name: string, input: object): Step =>
  (c) =>
    c.add('activity', name, { subject: '跟进', kind: 'CALL', status: 'COMPLETED', customer: c.id, ...input });
const opportunity =
  (name: string, input: object = {}): Step =>
  (c) =>
    c.add('opportunity', name, { name, customer: c.id, ...input });
const contract =
  (name: string, input: object): Step =>
  (c) =>
    c.add('contract', name, { name, customer: c.id, status: 'IN_FORCE', startsOn: on(-300), ...input });
const pay =
  (name: string, of: string, amount: string, kind = 'PAYMENT'): Step =>
  (c) =>
    c.add('payment', name, { contract: c.made.get(of), amount: { amount }, kind });
const done =
  (name: string, mutation: string, type?: string, args?: Record<string, unknown>): Step =>
  (c) =>
    c.on(name, mutation, type, args);
const changed = (input: object): Step => done('', 'customerUpdate', 'CustomerInput', { input });

const until =
  (day: string | null): Step =>
  async ({ id }) => {
    const { customersProtect } = await t.admin.graph(
      'mutation ($ids: [ID!]!, $until: Date) { customersProtect(ids: $ids, until: $until) { results { userErrors { code } } userErrors { code field } } }',
      { ids: [id], until: day },
    );
    expect(customersProtect).toEqual({ results: [{ userErrors: [] }], userErrors: [] });
  };

/** Days from today after each step; null where the rule does not take the customer. */
type Steps = Array<[what: string, step: Step, days: number | null]>;

const cases: Array<[name: string, rule: object, first: number | null, steps: Steps]> = [
  [
    'no follow-up',
    { trigger: 'NO_FOLLOW_UP', days: 30 },
    10,
    [
      ['a note', activity('note', { kind: 'NOTE' }), 10],
      ['a planned call', activity('planned', { status: 'PLANNED' }), 10],
      ['a call five days ago', activity('call', { startsAt: at(-5) }), 25],
      ['a call thirty days ago', activity('old', { startsAt: at(-30) }), 25],
      ['a completed visit that was to begin in three days', activity('visit', { kind: 'VISIT', startsAt: at(3) }), 30],
      ['the visit is deleted', done('visit', 'activityDelete'), 25],
      ['the visit is back', done('visit', 'activityRestore'), 30],
      ['the visit becomes a note', done('visit', 'activityUpdate', 'ActivityInput', { input: { kind: 'NOTE' } }), 25],
      [
        'the call was six days ago',
        done('call', 'activityUpdate', 'ActivityInput', { input: { startsAt: at(-6) } }),
        24,
      ],
      ['the planned call is completed', done('planned', 'activityComplete'), 30],
      [
        'it was with another customer',
        async (c) => {
          await c.on('planned', 'activityUpdate', 'ActivityInput', { input: { customer: c.other } });
          expect(await c.days(c.other)).toBe(30);
        },
        24,
      ],
    ],
  ],
  [
    'no open opportunity',
    { trigger: 'NO_OPEN_OPPORTUNITY', days: 30 },
    10,
    [
      ['an open one', opportunity('one'), null],
      ['it is lost', done('one', 'opportunityLose', '', {}), 30],
      ['another one that was won a week ago', opportunity('two', { stage: 'CLOSED_WON', closedOn: on(-7) }), 30],
      ['the lost one is deleted', done('one', 'opportunityDelete'), 23],
      [
        'the won one is taken up again',
        done('two', 'opportunityUpdate', 'OpportunityInput', { input: { stage: 'PROPOSAL' } }),
        null,
      ],
      ['and deleted', done('two', 'opportunityDelete'), 10],
    ],
  ],
  [
    'nothing won',
    { trigger: 'NOTHING_WON', days: 30 },
    10,
    [
      ['a lost one', opportunity('lost', { stage: 'CLOSED_LOST' }), 10],
      ['one won the day before it was given', opportunity('before', { stage: 'CLOSED_WON', closedOn: on(-21) }), 10],
      ['one won on that day', opportunity('won', { stage: 'CLOSED_WON', closedOn: on(-20) }), null],
      [
        'it is corrected to the day before',
        done('won', 'opportunityCorrect', 'OpportunityCorrectInput', { input: { closedOn: on(-21) } }),
        10,
      ],
    ],
  ],
  [
    'held',
    { trigger: 'HELD', days: 30 },
    10,
    [
      ['a call', activity('call', {}), 10],
      ['another owner', async (c) => changed({ owner: await t.sales2.id() })(c), 30],
      ['no owner', changed({ owner: null }), null],
    ],
  ],
  [
    'contract ended',
    { trigger: 'CONTRACT_ENDED', days: 30 },
    null,
    [
      ['a draft', contract('draft', { status: 'DRAFT', endsOn: on(5) }), null],
      ['one that ended before it was given', contract('old', { endsOn: on(-40) }), 10],
      ['one that ended five days ago', contract('ended', { endsOn: on(-5) }), 25],
      ['one without an end', contract('endless', {}), null],
      ['which ends in ten days', done('endless', 'contractUpdate', 'ContractInput', { input: { endsOn: on(10) } }), 40],
      [
        'and is terminated, unsigned',
        done('endless', 'contractChangeStatus', 'ContractStatus', { status: 'TERMINATED' }),
        25,
      ],
      ['the draft is signed', done('draft', 'contractSign'), 35],
      ['and terminated', done('draft', 'contractChangeStatus', 'ContractStatus', { status: 'TERMINATED' }), 35],
      [
        'the ended one is renewed',
        done('ended', 'contractRenew', 'ContractRenewInput', { input: { endsOn: on(50) } }),
        80,
      ],
      ['and deleted', done('ended', 'contractDelete'), 35],
    ],
  ],
  [
    'an open opportunity exempts',
    { trigger: 'HELD', days: 10, exemptions: ['OPEN_OPPORTUNITY'] },
    -10,
    [
      ['an open one', opportunity('one'), null],
      ['it is lost', done('one', 'opportunityLose', '', {}), -10],
      ['a won one', opportunity('two', { stage: 'CLOSED_WON' }), -10],
    ],
  ],
  [
    'a contract in force exempts',
    { trigger: 'HELD', days: 10, exemptions: ['CONTRACT_IN_FORCE'] },
    -10,
    [
      ['a draft', contract('draft', { status: 'DRAFT', endsOn: on(90) }), -10],
      ['one in force', contract('one', { endsOn: on(40) }), 41],
      ['it is marked as expired', done('one', 'contractChangeStatus', 'ContractStatus', { status: 'EXPIRED' }), 41],
      ['and renewed', done('one', 'contractRenew', 'ContractRenewInput', { input: { endsOn: on(60) } }), 61],
      ['without an end', done('one', 'contractUpdate', 'ContractInput', { input: { endsOn: null } }), null],
      ['terminated', done('one', 'contractChangeStatus', 'ContractStatus', { status: 'TERMINATED' }), -10],
    ],
  ],
  [
    'money outstanding exempts',
    { trigger: 'HELD', days: 10, exemptions: ['MONEY_OUTSTANDING'] },
    -10,
    [
      ['a contract without an amount', contract('free', { endsOn: on(90) }), -10],
      ['one with an amount', contract('one', { endsOn: on(90), amount: { amount: '100' } }), null],
      ['a part is paid', pay('first', 'one', '60'), null],
      ['the rest is paid', pay('second', 'one', '40'), -10],
      ['some is paid back', pay('refund', 'one', '10', 'REFUND'), null],
      ['that was a mistake', done('refund', 'paymentDelete'), -10],
      ['it costs more', done('one', 'contractUpdate', 'ContractInput', { input: { amount: { amount: '120' } } }), null],
      ['which is paid', pay('third', 'one', '20'), -10],
      [
        'it is renewed',
        done('one', 'contractRenew', 'ContractRenewInput', { input: { endsOn: on(200), amount: { amount: '5' } } }),
        null,
      ],
      ['and paid', pay('fourth', 'one', '5'), -10],
      ['a payment was a mistake', done('fourth', 'paymentDelete'), null],
      ['the contract is deleted', done('one', 'contractDelete'), -10],
    ],
  ],
  [
    'only some customers',
    {
      trigger: 'HELD',
      days: 10,
      tiers: ['GOLD'],
      customerStatuses: ['ACTIVE', 'LOST'],
      sizes: ['LARGE'],
      industries: ['软件'],
      sources: ['展会'],
      customerKinds: ['GOVERNMENT'],
    },
    null,
    [
      [
        'all but one',
        changed({ tier: 'GOLD', status: 'ACTIVE', size: 'LARGE', industry: '软件', source: '展会' }),
        null,
      ],
      ['the last one', changed({ kind: 'GOVERNMENT' }), -10],
      ['another industry', changed({ industry: '软件业' }), null],
      ['none', changed({ industry: null }), null],
      ['the right one', changed({ industry: '软件' }), -10],
      ['another source', changed({ source: '电话' }), null],
      ['the right one', changed({ source: '展会' }), -10],
      ['another size', changed({ size: 'SMALL' }), null],
      ['the right one', changed({ size: 'LARGE' }), -10],
      ['another state of several', done('', 'customerChangeStatus', 'CustomerStatus', { status: 'LOST' }), -10],
      ['one that is not among them', done('', 'customerChangeStatus', 'CustomerStatus', { status: 'INACTIVE' }), null],
      ['another tier and the right state', changed({ tier: 'SILVER', status: 'ACTIVE' }), null],
      ['another region', changed({ tier: 'GOLD', region: '别处' }), null],
    ],
  ],
  [
    'protected customers',
    { trigger: 'HELD', days: 10 },
    -10,
    [
      ['until a day', until(on(7)), 8],
      ['until a day that has passed', until(on(-30)), -10],
      ['until the last day of all', until('9999-12-31'), expect.any(Number)],
      ['no more', until(null), -10],
    ],
  ],
  [
    'deleted customers',
    { trigger: 'HELD', days: 10 },
    -10,
    [
      ['deleted', done('', 'customerDelete'), null],
      ['back', done('', 'customerRestore'), -10],
    ],
  ],
];

test.each(cases)('%s', async (name, rule, first, steps) => {
  const owner = await t.sales.id();
  const [one, other] = [`${name} 一`, `${name} 二`];
  const c = new Case(
    (await customer(t.admin, { name: one, owner, region: name })).id,
    (await customer(t.admin, { name: other, owner, region: name })).id,
  );
  await t.sql("update customer set held_since = now() - interval '20 days' where region = $1", [name]);
  // each rule is for the customers of its own case
  await ruleOf(t, { pool, name, regions: [name], ...rule });
  expect(await c.days()).toBe(first);
  const found: unknown[] = [];
  for (const [what, step] of steps) {
    await step(c);
    found.push([what, await c.days()]);
  }
  expect(found).toEqual(steps.map(([what, , days]) => [what, days]));
});
