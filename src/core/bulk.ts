import { command, type Change } from './command.js';
import type { Context } from './context.js';
import { DomainError, Overtaken, refuse, type Issue } from './errors.js';
import { mayWrite } from './rights.js';

/** Most items of one bulk. */
export const mostItems = 5_000;

/** What came of one item: the id of the record, or why it was left out. */
export interface Outcome {
  index: number;
  id: string | null;
  issues: readonly Issue[];
  /** id of the record that it was refused for because that had been changed meanwhile */
  current?: string;
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
    for (let from = 0; from < items.length; from += portion) outcomes.push(...(await several(change, items.slice(from, from + portion), from, one)));
    return outcomes;
  });
}

/** How many items are tried together. */
const portion = 128;

type One<I> = (change: Change, item: I) => Promise<string>;

/** Does items together; where the database refuses one of them, each half by itself, so that few are done one by one. */
async function several<I>(change: Change, items: readonly I[], from: number, one: One<I>): Promise<Outcome[]> {
  const done = await change.part(async () => {
    const outcomes: Outcome[] = [];
    for (const [place, item] of items.entries()) outcomes.push(await single(change, item, from + place, one));
    return outcomes;
  });
  if ('value' in done) return done.value;
  if (items.length === 1) return [leftOut(from, done.refusal)];
  const half = items.length >> 1;
  return [...(await several(change, items.slice(0, half), from, one)), ...(await several(change, items.slice(half), from + half, one))];
}

/** An item that is refused before it has written anything is reported; any other refusal has to be undone. */
async function single<I>(change: Change, item: I, index: number, one: One<I>): Promise<Outcome> {
  const before = change.writes;
  try {
    return { index, id: await one(change, item), issues: [] };
  } catch (error) {
    if (!(error instanceof DomainError) || change.writes > before) throw error;
    return leftOut(index, error);
  }
}

const leftOut = (index: number, refusal: DomainError): Outcome => ({ index, id: null, issues: refusal.issues, ...(refusal instanceof Overtaken && { current: refusal.record.id }) });
