import { command, type Change } from './command.js';
import type { Operation } from './statements.js';
import type { Context } from '../core/context.js';
import { DomainError, VersionConflict, refuse, type Issue } from '../core/errors.js';
import { permit, type MutationName } from '../core/needs.js';
import { inPieces } from '../core/pieces.js';

/** Maximum number of items of one bulk. */
export const maxItems = 5_000;

/** What came of one item: the id of the record, or why it was left out. */
export interface ItemResult {
  index: number;
  id: string | null;
  issues: readonly Issue[];
  /** id of the record that it was refused for because that had been changed meanwhile */
  current?: string;
}

/**
 * Runs the same operation for many items in one transaction. Refused items are reported and leave no trace, the others
 * are kept; each sees the effect of those before it. `lock` locks what they will lock, all of it and in one order. Refuses
 * FORBIDDEN to whoever may not use the mutation, OUT_OF_RANGE (of `field`) for no items or too many.
 */
export async function bulk<I>(
  ctx: Context,
  mutation: MutationName,
  operation: Operation,
  field: string,
  items: readonly I[],
  one: (change: Change, item: I) => Promise<string>,
  lock?: (change: Change) => Promise<void>,
): Promise<ItemResult[]> {
  permit(ctx.rights, mutation);
  if (items.length < 1 || items.length > maxItems) throw refuse('OUT_OF_RANGE', [field], { min: 1, max: maxItems });
  return command(ctx, operation, async (change) => {
    const placed = items.map((item, index) => ({ index, item }));
    const outcomes: ItemResult[] = [];
    await lock?.(change);
    for (const part of inPieces(placed, batchSize)) outcomes.push(...(await attemptTogether(change, part, one)));
    return outcomes.sort((a, b) => a.index - b.index);
  });
}

/** How many items are tried together. */
const batchSize = 500;

type One<I> = (change: Change, item: I) => Promise<string>;

interface Placed<I> {
  index: number;
  item: I;
}

/**
 * Attempts items together. Items that are responsible for a refusal of the database are left out and the others
 * attempted again; where no item can be held responsible, each half is attempted by itself.
 */
async function attemptTogether<I>(change: Change, items: ReadonlyArray<Placed<I>>, one: One<I>): Promise<ItemResult[]> {
  if (items.length === 0) return [];
  const done = await change.part(async () => {
    const outcomes: ItemResult[] = [];
    for (const placed of items) outcomes.push(await attemptOne(change, placed, one));
    return outcomes;
  });
  if ('value' in done) return done.value;
  const {
    refusal,
    attribution: { refused, later },
  } = done;
  if (items.length === 1) return [refusedItem(items[0]!.index, refusal)];
  const outcomes = items.flatMap(({ index }) =>
    refused.has(index) ? [{ index, id: null, issues: refused.get(index)! }] : [],
  );
  const rest = items.filter(({ index }) => !refused.has(index));
  const half = rest.length >> 1;
  const isFirst =
    refused.size + later.size > 0
      ? ({ index }: Placed<I>) => !later.has(index)
      : (_: unknown, place: number) => place < half;
  const first = rest.filter(isFirst);
  return [
    ...outcomes,
    ...(await attemptTogether(change, first, one)),
    ...(await attemptTogether(
      change,
      rest.filter((placed) => !first.includes(placed)),
      one,
    )),
  ];
}

/** An item that is refused before it has written anything is reported; any other refusal has to be undone. */
async function attemptOne<I>(change: Change, { index, item }: Placed<I>, one: One<I>): Promise<ItemResult> {
  const before = change.writes;
  change.item = index;
  try {
    return { index, id: await one(change, item), issues: [] };
  } catch (error) {
    if (!(error instanceof DomainError) || change.writes > before || change.failed) throw error;
    return refusedItem(index, error);
  } finally {
    change.item = undefined;
  }
}

const refusedItem = (index: number, refusal: DomainError): ItemResult => ({
  index,
  id: null,
  issues: refusal.issues,
  ...(refusal instanceof VersionConflict && { current: refusal.record.id }),
});
