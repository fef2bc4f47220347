import { command, type Change } from './command.js';
import type { Context } from './context.js';
import { refuse, type Issue } from './errors.js';
import { mayWrite } from './rights.js';

/** Most items of one bulk. */
export const mostItems = 5_000;

/** What came of one item: the id of the record, or why it was left out. */
export interface Outcome {
  index: number;
  id: string | null;
  issues: readonly Issue[];
}

/**
 * Does the same act for many items in one transaction. Items that are refused are reported and leave no trace, the others
 * are kept; each sees what the ones before it did. Refuses OUT_OF_RANGE (named `member`) for no items or too many.
 */
export async function bulk<I>(ctx: Context, act: string, member: string, items: readonly I[], one: (change: Change, item: I) => Promise<string>): Promise<Outcome[]> {
  mayWrite(ctx.rights);
  if (items.length < 1 || items.length > mostItems) throw refuse('OUT_OF_RANGE', [member], { min: 1, max: mostItems });
  return command(ctx, act, async (change) => {
    const outcomes: Outcome[] = [];
    for (const [index, item] of items.entries()) {
      const done = await change.part(() => one(change, item));
      outcomes.push('value' in done ? { index, id: done.value, issues: [] } : { index, id: null, issues: done.refusal.issues });
    }
    return outcomes;
  });
}
