import { Activity } from '../activities/activity.entity.js';
import { Contract } from '../contracts/contract.entity.js';
import { Payment } from '../contracts/payment.entity.js';
import type { Statement } from '../core/database.js';
import { Customer } from '../customers/customer.entity.js';
import { Lead } from '../leads/lead.entity.js';
import type { EntityClass } from '../model/model.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { Pool } from '../pools/pool.entity.js';
import { Tenant } from '../tenants/tenant.entity.js';
import { consequence, type ChangedRecord } from '../write/consequences.js';
import { listsOfCustomers, listsOfLeads, PoolRule } from './pool-rule.entity.js';
import { entities, lockRecords, startComputing, storeDays, type RecordKind } from './recycling.sql.js';

/** Fields that the day on which a rule takes a record follows from: its own, and of what hangs on it. */
const own = ['owner', 'heldSince', 'protectedUntil', 'status', 'deletedAt'];
const fields = new Map<EntityClass, readonly string[]>([
  [Customer, [...own, 'tier', 'kind', 'size', 'source', 'region', 'industry']],
  [Lead, [...own, 'source']],
  [Activity, ['customer', 'lead', 'status', 'kind', 'startsAt', 'completedAt', 'deletedAt']],
  [Opportunity, ['customer', 'stage', 'closedAt', 'deletedAt']],
  [Contract, ['customer', 'status', 'signedOn', 'endsOn', 'term', 'agreedAmount', 'deletedAt']],
  [Payment, ['contract', 'kind', 'paidAmount', 'deletedAt']],
]);

const follows = ({ entity, changes }: ChangedRecord): boolean =>
  fields.get(entity)!.some((property) => property in changes);

/** Where the records are found that another one hangs on: by its reference, or by the contract that it is for. */
const hanging: Record<RecordKind, ReadonlyArray<[entity: EntityClass, reference: string, select: string]>> = {
  CUSTOMER: [
    [Activity, 'customer', 'select o.customer_id from activity o where o.tenant_id = $1 and o.id = any('],
    [Opportunity, 'customer', 'select o.customer_id from opportunity o where o.tenant_id = $1 and o.id = any('],
    [Contract, 'customer', 'select o.customer_id from contract o where o.tenant_id = $1 and o.id = any('],
    [
      Payment,
      'contract',
      'select c.customer_id from payment o join contract c on c.tenant_id = $1 and c.id = o.contract_id where o.tenant_id = $1 and o.id = any(',
    ],
  ],
  LEAD: [[Activity, 'lead', 'select o.lead_id from activity o where o.tenant_id = $1 and o.id = any(']],
};

/** Whether the reference of a record that hangs on another one names that other one itself. */
const isDirect = (reference: string): boolean => reference === 'customer' || reference === 'lead';

/** The statements that store the days of the records of a kind that changed records are or hang on, those before the change and those after it. */
const daysOf =
  (kind: RecordKind) =>
  (tenantId: string, records: readonly ChangedRecord[]): Statement[] => {
    const known = new Set<string>();
    const parts: string[] = [];
    const values: unknown[] = [tenantId, known];
    for (const { entity, id } of records) if (entity === entities[kind]) known.add(id);
    for (const [entity, reference, select] of hanging[kind]) {
      const asked: string[] = [];
      for (const { id, changes } of records.filter((record) => record.entity === entity)) {
        const named = (isDirect(reference) && changes[reference]) || [];
        for (const record of named) if (record) known.add(record as string);
        if (named.length === 0) asked.push(id);
      }
      if (asked.length > 0) parts.push(`${select}$${values.push(asked)}::uuid[])`);
    }
    values[1] = [...known];
    return stored(kind, ['select unnest($2::uuid[])', ...parts].join(' union all '), values);
  };

/** The statements that store the days of records: they wait for whoever else changes what hangs on them, and then look. */
export const stored = (kind: RecordKind, ids: string, values: unknown[]): Statement[] => [
  { text: lockRecords(kind, ids), values },
  storeDays(kind, ids, values),
];

/** Whether a record that is added, with these fields, is known to hang on none of that kind. */
const hangsOnNone = (kind: RecordKind, { entity, changes }: ChangedRecord): boolean =>
  isDirect(hanging[kind].find(([one]) => one === entity)?.[1] ?? '') &&
  changes['status']?.[0] === null &&
  !(kind.toLowerCase() in changes);

for (const kind of ['CUSTOMER', 'LEAD'] as const)
  consequence({
    of: [entities[kind], ...hanging[kind].map(([entity]) => entity)],
    follows: (record) => follows(record) && !hangsOnNone(kind, record),
    premise: 'RECYCLING',
    statements: daysOf(kind),
  });

consequence({ of: [PoolRule], follows: () => true, establishes: 'RECYCLING', statements: () => [] });

/** What the days of all records follow from: they are computed anew, in the background. */
const ofAll = new Map<EntityClass, readonly string[]>([
  [PoolRule, ['pool', 'position', 'enabled', 'trigger', 'days', ...listsOfCustomers, ...listsOfLeads, 'deletedAt']],
  [Pool, ['enabled', 'deletedAt']],
  [Tenant, ['timeZone']],
]);

consequence({
  of: [...ofAll.keys()],
  follows: ({ entity, changes }) => ofAll.get(entity)!.some((property) => property in changes),
  statements: (tenantId) => {
    expect(tenantId);
    return [startComputing(tenantId)];
  },
});

/** For how long a change that asks for a computation is waited for, in milliseconds: it has yet to be committed. */
const waitedFor = 10_000;
const expectedUntil = new Map<string, number>();

const expect = (tenantId: string): void => void expectedUntil.set(tenantId, Date.now() + waitedFor);

/** Ids of tenants in which this process has asked for a computation just now. */
export function expected(): string[] {
  for (const [tenantId, until] of expectedUntil) if (until < Date.now()) expectedUntil.delete(tenantId);
  return [...expectedUntil.keys()];
}
