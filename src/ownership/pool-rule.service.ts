import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import { permit } from '../core/needs.js';
import { Customer } from '../customers/customer.entity.js';
import { Pool, type PoolKind } from '../pools/pool.entity.js';
import { command, type Change, type Stored } from '../write/command.js';
import { checked } from '../write/validation.js';
import { leadTriggers, listsOfCustomers, listsOfLeads, maxDays, PoolRule, valuesOf } from './pool-rule.entity.js';
import type { PoolRuleInput } from './pool-rule.inputs.js';
import { poolRuleActions as can } from './pool-rule.policy.js';
import './pool-rule.events.js';
import './recycling.consequences.js';

const required = ['pool', 'name', 'position', 'enabled', 'trigger', 'days'];

/** Most values of a list of texts, and most reminders. */
const maxTexts = 100;
const maxReminders = 10;

/** Every list of a rule. */
const lists = [...listsOfCustomers, ...listsOfLeads, 'reminderDays'] as const;

type Values = Partial<Stored<PoolRule>>;

/** Makes a rule; days are computed anew in the background. Refuses FORBIDDEN, REQUIRED, UNKNOWN_REFERENCE, OUT_OF_RANGE, TOO_LONG, and INVALID for what is not for records of the pool. */
export function create(ctx: Context, input: PoolRuleInput): Promise<string> {
  permit(ctx.rights, 'poolRuleCreate');
  return command(ctx, 'poolRule.create', async (change) => {
    const values = await prepared(change, input, true);
    return change.insert(PoolRule, { ...Object.fromEntries(lists.map((field) => [field, []])), ...values } as never);
  });
}

/** Changes a rule; days are computed anew in the background. Refuses as `create` does, and NOT_FOUND, VERSION_CONFLICT. */
export function update(ctx: Context, id: string, input: PoolRuleInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'poolRule.update', async (change) => {
    const rule = await change.get(PoolRule, id, { version });
    change.update(PoolRule, rule, await prepared(change, input, false, rule));
    return rule.id;
  });
}

/** Deletes a rule: it takes nothing any more, once the days are computed anew. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'poolRule.delete', async (change) => {
    const rule = await change.get(PoolRule, id, { version });
    change.hide(PoolRule, rule);
    return rule.id;
  });
}

/** The input as columns: checked, the pool resolved, and nothing in it that is not for the records of the pool. */
async function prepared(
  change: Change,
  input: PoolRuleInput,
  creating: boolean,
  before?: Stored<PoolRule>,
): Promise<Values> {
  const values = checked(
    PoolRule,
    { ...input, ...Object.fromEntries(lists.map((field) => [field, undefined])) },
    { create: creating, required },
  ) as Values;
  for (const field of lists) if (input[field] !== undefined) values[field] = listed(field, input[field]!) as never;
  const pool = await change.find(Pool, input.pool === undefined ? { id: before!.pool! } : parseKey(input.pool ?? ''), {
    lock: false,
  });
  if (!pool) throw refuse('UNKNOWN_REFERENCE', ['pool']);
  if (input.pool) values.pool = pool.id;
  checkKind(pool.kind, { ...before, ...values });
  return values;
}

/** Refuses INVALID what is for other records than those of the pool. */
function checkKind(kind: PoolKind, values: Values): void {
  if (kind === 'LEAD' && !leadTriggers.includes(values.trigger!)) throw refuse('INVALID', ['trigger']);
  for (const field of kind === 'LEAD' ? listsOfCustomers : listsOfLeads)
    if ((values[field] as readonly unknown[] | undefined)?.length) throw refuse('INVALID', [field]);
}

/** Lists of texts, each as customers have it in a column. */
const textLists = ['sources', 'regions', 'industries'] as const;

/** A list as it is stored: each value once, texts as customers have them, the most days of reminders first. */
function listed(field: (typeof lists)[number], given: readonly unknown[] | null): unknown[] {
  if (field === 'reminderDays') return reminders((given ?? []) as number[]);
  const list = textLists.find((name) => name === field);
  const column = list && valuesOf.CUSTOMER[list];
  if ((given ?? []).length > maxTexts) throw refuse('OUT_OF_RANGE', [field], { min: 0, max: maxTexts });
  return [
    ...new Set((given ?? []).map((value, index) => (column ? textOf(column, value, `${field}.${index}`) : value))),
  ];
}

/** A text as customers have it in that column. Refuses TOO_LONG, INVALID, and REQUIRED for one of which nothing is seen. */
function textOf(column: keyof Customer, text: unknown, place: string): unknown {
  return checked(Customer, { [column]: text }, { create: true, required: [column], named: { [column]: place } })[
    column
  ];
}

function reminders(days: readonly number[]): number[] {
  if (days.length > maxReminders) throw refuse('OUT_OF_RANGE', ['reminderDays'], { min: 0, max: maxReminders });
  for (const [index, one] of days.entries())
    if (one < 1 || one > maxDays)
      throw refuse('OUT_OF_RANGE', ['reminderDays', String(index)], { min: 1, max: maxDays });
  return [...new Set(days)].toSorted((a, b) => b - a);
}
