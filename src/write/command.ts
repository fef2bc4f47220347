import { shownKey, type Context } from '../core/context.js';
import type { Row } from '../core/database.js';
import { Change } from './change.js';
import { refusalOfViolation } from './constraints.js';
import { audited, type Operation } from './statements.js';

export type { Change, Stored } from './change.js';

/**
 * Runs one operation as one transaction: begin, tenant, rules and changes (`work`), audit, events, commit. Clears the
 * request's loaders, and notifies listeners of the tenant's events after the commit. Violated constraints become the
 * errors they stand for. `work` may be run again after a collision, so it must have no effect outside. Refuses TOO_LONG
 * for a reason that is.
 */
export async function command<T>(ctx: Context, what: Operation, work: (change: Change) => Promise<T>): Promise<T> {
  const done = audited(what);
  let shown: Row[] | undefined;
  try {
    const result = await ctx.database.transaction(ctx.tenant.id, async (tx) => {
      const change = new Change(ctx, done, tx);
      const value = await work(change).catch(async (error: unknown) =>
        Promise.reject((await change.firstRefusal(error)) as Error),
      );
      const statement = typeof value === 'string' && ctx.shown.of?.(value);
      return {
        result: value,
        ...change.ending(),
        after: statement ? { statement, got: (rows) => (shown = rows) } : undefined,
      };
    });
    ctx.loaders.clear();
    if (shown) ctx.loaders.set(shownKey(String(result)), shown);
    return result;
  } catch (error) {
    throw refusalOfViolation(error) ?? error;
  }
}
