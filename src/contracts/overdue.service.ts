import { dayIn } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { modelOf } from '../model/model.js';
import { command, type Change, type Stored } from '../write/command.js';
import { belongsToNoDeleted, type DueCondition } from '../write/due.js';
import { Contract } from './contract.entity.js';
import { storedTermsWithOpen } from './terms.sql.js';

/** How many terms are looked at in one transaction. */
const batchSize = 200;

const isInForce = `in ('IN_FORCE', 'EXPIRED')`;

/** Terms that were due before today and have not been looked at since: those that contracts are in, and former ones, which their renewals hold. */
interface DueTerms extends DueCondition {
  /** SQL: what they are of, and the contract's row */
  from: () => string;
  contract: string;
  /** SQL condition on the contract and on a term of it (`e`) */
  isOverdue: () => string;
  isTerm: string;
}

const present = (): DueTerms => ({
  table: 'contract',
  column: 'due_on',
  condition: `t.tenant_id = $1 and t.due_on < $2::date and t.checked_due_on is distinct from t.due_on and t.status ${isInForce} and t.deleted_at is null${belongsToNoDeleted(modelOf(Contract))}`,
  from: () => 'contract t',
  contract: 't',
  isOverdue: () => 'true',
  isTerm: 'e.renewal is null',
});

const former = (): DueTerms => ({
  table: 'contract_renewal',
  column: 'from_due_on',
  condition: `t.tenant_id = $1 and t.from_due_on < $2::date and t.checked_due_on is distinct from t.from_due_on`,
  from: () => 'contract_renewal t join contract c on c.tenant_id = $1 and c.id = t.contract_id',
  contract: 'c',
  isOverdue: () => `c.status ${isInForce} and c.deleted_at is null${belongsToNoDeleted(modelOf(Contract), 'c')}`,
  isTerm: 'e.renewal = t.id',
});

/** The conditions under which there are such terms. */
export const overdueConditions = (): DueCondition[] => [present(), former()];

/**
 * Publishes `crm.contract.overdue` for each term of a contract of the tenant that was due before today and is not paid in
 * full: once for each due day, however many processes do so. That a contract becomes overdue is audited. What is paid by
 * then is not looked at again until `lookAgain` says so.
 */
export async function publishOverdue(ctx: Context): Promise<void> {
  for (const terms of [present(), former()]) while ((await publishSome(ctx, terms)) === batchSize);
}

function publishSome(ctx: Context, terms: DueTerms): Promise<number> {
  const { table, column, condition, from, contract, isOverdue, isTerm } = terms;
  return command(ctx, 'contract.overdue', async (change) => {
    // what another process has in hand is left to it
    const rows = await change.query(
      `select t.id, ${contract}.id, x.term, t.${column}::text, coalesce(x.open > 0, false) and ${isOverdue()}, coalesce(x.known, false)
        from ${from()} cross join lateral (
          select max(e.term) filter (where ${isTerm}) as term, max(e.open) filter (where ${isTerm}) as open,
            bool_or(e.open > 0 and e.due_on < $2::date and e.checked_due_on = e.due_on and not coalesce(${isTerm}, false)) as known
          from (${storedTermsWithOpen(contract)}) e) x
        where ${condition} order by t.${column}, t.id limit ${batchSize} for no key update of t skip locked`,
      [ctx.tenant.id, dayIn(ctx.tenant.timeZone)],
    );
    await change.query(
      `update "${table}" set checked_due_on = ${column} where tenant_id = $1 and id = any($2::uuid[])`,
      [ctx.tenant.id, rows.map(([id]) => id)],
    );
    const known = new Set<string>();
    for (const [, id, term, dueOn, overdue, before] of rows) {
      if (overdue !== 't') continue;
      const data = { term: Number(term), dueOn };
      if (before === 't' || known.has(id!)) change.announce(Contract, 'overdue', id!, data);
      else change.recordChange(Contract, id!, { overdue: [false, true] }, 'overdue', data);
      known.add(id!);
    }
    return rows.length;
  });
}

/**
 * Has the terms of a contract that are paid in full, or have no amount, looked at again: to be called before something is
 * changed by which they may not be so any more.
 */
export async function lookAgain(change: Change, contract: Stored<Contract>): Promise<void> {
  if (!contract.checkedDueOn && contract.term === 1) return;
  const terms = `select e.term, e.renewal from contract c cross join lateral (${storedTermsWithOpen('c')}) e where c.tenant_id = $1 and c.id = $2 and coalesce(e.open, 0) = 0`;
  const values = [change.ctx.tenant.id, contract.id];
  await change.query(
    `update contract t set checked_due_on = null where t.tenant_id = $1 and t.id = $2 and exists (select 1 from (${terms}) e where e.renewal is null)`,
    values,
  );
  if (contract.term > 1)
    await change.query(
      `update contract_renewal t set checked_due_on = null where t.tenant_id = $1 and t.contract_id = $2 and t.id in (select renewal from (${terms}) e where e.renewal is not null)`,
      values,
    );
}
