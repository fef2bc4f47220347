import { command, type Change } from '../write/command.js';
import type { Context } from '../core/context.js';
import { DomainError, refuse, type Issue } from '../core/errors.js';
import { newId } from '../core/id.js';
import { permit } from '../core/needs.js';
import { checked, type Input } from '../write/validation.js';
import { Customer } from '../customers/customer.entity.js';
import { UsageEvent } from './usage-event.entity.js';
import type { UsageEventInput } from './usage.inputs.js';
import './success.policy.js';
import './success.events.js';

/** Most events of one call. */
export const maxAtOnce = 1_000;

/** Stores what people at customers did, all of it or nothing, in one statement; returns how much. Refuses OUT_OF_RANGE beyond 1,000, REQUIRED, UNKNOWN_REFERENCE and wrong fields, each with its index, and FORBIDDEN for customers that the caller may only read. */
export async function create(ctx: Context, inputs: readonly UsageEventInput[]): Promise<number> {
  permit(ctx.rights, 'usageEventsCreate');
  if (inputs.length === 0 || inputs.length > maxAtOnce)
    throw refuse('OUT_OF_RANGE', ['inputs'], { min: 1, max: maxAtOnce });
  const rows = inputs.map((input, index) => prepared(input as Input, index));
  return command(ctx, 'usageEvent.create', async (change) => {
    const customers = await idsOf(change, inputs);
    const stored = rows.map((row, index) => ({ ...row, id: newId(), customer: customers.get(keyOf(inputs[index]!))! }));
    for (const customer of new Set(customers.values())) change.demandParents(UsageEvent, { customer });
    await change.query(
      `insert into usage_event (tenant_id, id, customer_id, person, kind, feature, at, duration_seconds)
        select $1::uuid, e.id, e.customer, e.person, e.kind, e.feature, coalesce(e.at, now()), e."durationSeconds"
        from jsonb_to_recordset($2::jsonb) e (id uuid, customer uuid, person text, kind text, feature text, at timestamptz, "durationSeconds" int) returning id`,
      [ctx.tenant.id, JSON.stringify(stored)],
    );
    for (const customer of new Set(customers.values())) {
      const events = stored.filter((row) => row.customer === customer).length;
      change.recordChange(Customer, customer, { usageEvents: [null, events] }, 'used', { events });
    }
    return stored.length;
  });
}

function prepared(input: Input, index: number): Input {
  const path = ['inputs', String(index)];
  const row = checked(UsageEvent, input, { create: true, required: ['customer', 'kind'], path });
  if (row['kind'] === 'FEATURE' && !row['feature']) throw refuse('REQUIRED', [...path, 'feature']);
  return row;
}

const keyOf = ({ customer }: UsageEventInput): string => String(customer).toLowerCase();

/** The customers that the inputs name, by the texts that name them. */
async function idsOf(change: Change, inputs: readonly UsageEventInput[]): Promise<Map<string, string>> {
  const found = await change.references(Customer, [...new Set(inputs.map(keyOf))]);
  const issues = inputs.flatMap((input, index): Issue[] =>
    found.has(keyOf(input)) ? [] : [{ code: 'UNKNOWN_REFERENCE', field: ['inputs', String(index), 'customer'] }],
  );
  if (issues.length > 0) throw new DomainError(issues);
  return found;
}
