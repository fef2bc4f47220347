// On which day which rule takes a customer or lead, worked out once more from what is stored: apart from the program's own SQL,
// record by record, as the descriptions of triggers and exemptions say it.
import { jobIn } from '../support/database.js';
import { ownerUrl, serverUrl } from '../support/http.js';
import { pool } from '../support/pools.js';
import type { Data, TestTenant } from '../support/tenant.js';

const aDay = 86_400_000;

/** The calendar day of an instant in a time zone. */
export const dayIn = (timeZone: string, instant: Date): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(instant);

export const plus = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * aDay).toISOString().slice(0, 10);

const latest = (days: ReadonlyArray<string | null | undefined>): string | null =>
  days
    .filter((day): day is string => typeof day === 'string')
    .toSorted()
    .at(-1) ?? null;

export interface Taken {
  recycleOn: string | null;
  recycleRule: string | null;
}

interface Stored {
  zone: string;
  activity: Data[];
  opportunity: Data[];
  contract: Data[];
  contract_renewal: Data[];
  payment: Data[];
  rules: Data[];
}

function sinceOf(rule: Data, record: Data, all: Stored): string | null {
  const day = (instant: Date): string => dayIn(all.zone, instant);
  const held = day(record.held_since ?? record.created_at);
  const own = (rows: Data[]): Data[] =>
    rows.filter((row) => [row.customer_id, row.lead_id].includes(record.id) && row.deleted_at === null);
  const opportunities = own(all.opportunity);
  const isClosed = ({ stage }: Data): boolean => stage.startsWith('CLOSED_');
  switch (rule.trigger) {
    case 'HELD':
      return held;
    case 'NO_FOLLOW_UP': {
      const done = own(all.activity).filter(({ status, kind }) => status === 'COMPLETED' && kind !== 'NOTE');
      const days = done.map(({ starts_at: begun, completed_at: completed }) =>
        day(begun !== null && begun < completed ? begun : completed),
      );
      return latest([held, ...days]);
    }
    case 'NO_OPEN_OPPORTUNITY':
      if (!opportunities.every(isClosed)) return null;
      return latest([held, ...opportunities.map((one) => one.closed_at && day(one.closed_at))]);
    case 'NOTHING_WON':
      return opportunities.some((one) => one.stage === 'CLOSED_WON' && day(one.closed_at) >= held) ? null : held;
    case 'CONTRACT_ENDED': {
      const counted = own(all.contract).filter(
        ({ status, signed_on }) =>
          status === 'IN_FORCE' || status === 'EXPIRED' || (status === 'TERMINATED' && signed_on !== null),
      );
      if (counted.some(({ status, ends_on }) => status === 'IN_FORCE' && ends_on === null)) return null;
      const end = latest(counted.map(({ ends_on }) => ends_on));
      return end && latest([held, end]);
    }
    default:
      throw new Error(`No such trigger: ${rule.trigger}`);
  }
}

const cents = (amount: string | null): bigint => BigInt((amount ?? '0').replace('.', ''));

function owes(contract: Data, all: Stored): boolean {
  const terms = [
    contract.agreed_amount,
    ...(contract.term > 1
      ? all.contract_renewal.filter((one) => one.contract_id === contract.id).map((one) => one.old_amount)
      : []),
  ];
  if (terms.every((amount) => amount === null)) return false;
  const paid = all.payment
    .filter((one) => one.contract_id === contract.id && one.deleted_at === null)
    .map(({ kind, paid_amount }) => (kind === 'REFUND' ? -cents(paid_amount) : cents(paid_amount)));
  return terms.map(cents).reduce((a, b) => a + b, 0n) > paid.reduce((a, b) => a + b, 0n);
}

/** The day on which a rule takes a customer; null if it does not. */
function dueOf(rule: Data, record: Data, all: Stored): string | null {
  const since = sinceOf(rule, record, all);
  if (since === null) return null;
  const contracts = all.contract.filter((row) => row.customer_id === record.id && row.deleted_at === null);
  const binding = contracts.filter(({ status }) => status === 'IN_FORCE' || status === 'EXPIRED');
  const exempt = (exemption: string): boolean => rule.exemptions.includes(exemption);
  if (
    exempt('OPEN_OPPORTUNITY') &&
    all.opportunity.some(
      (one) => one.customer_id === record.id && one.deleted_at === null && !one.stage.startsWith('CLOSED_'),
    )
  )
    return null;
  if (exempt('MONEY_OUTSTANDING') && binding.some((contract) => owes(contract, all))) return null;
  const inForce = exempt('CONTRACT_IN_FORCE') ? binding : [];
  if (inForce.some(({ status, ends_on }) => status === 'IN_FORCE' && ends_on === null)) return null;
  const end = latest(inForce.map(({ ends_on }) => ends_on));
  return latest([
    plus(since, rule.days),
    record.protected_until && plus(record.protected_until, 1),
    end && plus(end, 1),
  ]);
}

const isFor = (rule: Data, kind: string, record: Data): boolean => {
  const among = (values: string[], value: string | null): boolean =>
    values.length === 0 || (value !== null && values.includes(value));
  if (rule.pool_kind !== kind || record.owner_id === null || record.deleted_at !== null) return false;
  if (kind === 'LEAD')
    return (
      record.status !== 'CONVERTED' &&
      among(rule.lead_statuses, record.status) &&
      among(rule.lead_sources, record.source)
    );
  return (
    among(rule.tiers, record.tier) &&
    among(rule.customer_statuses, record.status) &&
    among(rule.customer_kinds, record.kind) &&
    among(rule.sizes, record.size) &&
    among(rule.sources, record.source) &&
    among(rule.regions, record.region) &&
    among(rule.industries, record.industry)
  );
};

const days = ['ends_on', 'signed_on', 'protected_until', 'recycle_on'];

/** Every row of a table of the tenant; days as text. */
async function rowsOf({ sql }: TestTenant, table: string): Promise<Data[]> {
  const columns = await sql<{ name: string }>(
    'select column_name as name from information_schema.columns where table_schema = current_schema() and table_name = $1',
    [table],
  );
  const list = columns.map(({ name }) => (days.includes(name) ? `"${name}"::text` : `"${name}"`)).join(', ');
  return sql(`select ${list} from "${table}"`);
}

/** What is stored of every customer and lead of a tenant, and what should be, by their ids. */
export async function storedAndDue(
  t: TestTenant,
): Promise<{ stored: Record<string, Taken>; due: Record<string, Taken> }> {
  const [{ zone }] = (await t.sql('select time_zone as zone from tenant where id = app_tenant()')) as [Data];
  const names = ['activity', 'opportunity', 'contract', 'contract_renewal', 'payment'] as const;
  const all = { zone } as Stored;
  for (const name of names) all[name] = await rowsOf(t, name);
  all.rules = await t.sql(
    `select r.*, p.kind as pool_kind from pool_rule r join pool p on p.tenant_id = r.tenant_id and p.id = r.pool_id
      where r.enabled and r.deleted_at is null and p.enabled and p.deleted_at is null order by r.position, r.id`,
  );
  const stored: Record<string, Taken> = {};
  const due: Record<string, Taken> = {};
  for (const [kind, table] of [
    ['CUSTOMER', 'customer'],
    ['LEAD', 'lead'],
  ] as const)
    for (const record of await rowsOf(t, table)) {
      stored[record.id] = { recycleOn: record.recycle_on, recycleRule: record.recycle_rule_id };
      due[record.id] = { recycleOn: null, recycleRule: null };
      for (const rule of all.rules.filter((one) => isFor(one, kind, record))) {
        const day = dueOf(rule, record, all);
        const known = due[record.id]!.recycleOn;
        // of those with the same day the first by position
        if (day !== null && (known === null || day < known)) due[record.id] = { recycleOn: day, recycleRule: rule.id };
      }
    }
  return { stored, due };
}

/** Makes a pool and returns its id. */
export const poolOf = (t: TestTenant, kind: 'CUSTOMER' | 'LEAD'): Promise<string> => pool(t, { kind, name: '公海' });

/** Makes a rule and returns its id, once the days of all records are computed. */
export async function ruleOf(t: TestTenant, input: object): Promise<string> {
  const { poolRuleCreate } = await t.admin.graph(
    'mutation ($input: PoolRuleInput!) { poolRuleCreate(input: $input) { poolRule { id } userErrors { code field } } }',
    { input },
  );
  expect(poolRuleCreate.userErrors).toEqual([]);
  await computed(t);
  return poolRuleCreate.poolRule.id;
}

/** Waits until no days are computed anew. */
export async function computed({ admin }: TestTenant): Promise<void> {
  for (;;) {
    const { recyclingRuns } = await admin.graph(
      '{ recyclingRuns(filter: { kind: [COMPUTE], status: [RUNNING] }) { totalCount } }',
    );
    if (recyclingRuns.totalCount === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs the night in a tenant, as a scheduler does. */
export async function night({ code }: TestTenant): Promise<string> {
  const ended = await jobIn(
    { CRM_DATABASE_URL: serverUrl(), CRM_DATABASE_OWNER_URL: ownerUrl() },
    'recycle',
    '--tenant',
    code,
  );
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return ended.stdout.trimEnd().split('\n').at(-1)!.replace(`${code}: `, '');
}
