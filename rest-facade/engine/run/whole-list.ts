import type { Context } from '../../../src/core/context.js';
import type { InProcessClient } from '../../../src/schema/in-process-client.js';
import { refuse } from '../errors.js';
import { Streamed, type Write } from '../files/streamed.js';
import type { Data, Plan } from '../plan/plan.js';
import type { Call, Render } from '../types.js';
import { ask, type Runner } from './execute.js';
import { variablesOf } from './variables.js';

/** So many rows of a list behind a place in it, and the place behind them. */
export type Next = (
  ctx: Context,
  first: number,
  after: string | null,
) => Promise<{ rows: unknown[]; cursor: string | null }>;

/** Most rows that the graph gives at once. */
const portion = 500;

/**
 * A whole list as it was at one moment, portion by portion along its cursor: memory stays flat, and each portion costs
 * the same. The first portion is read before anything is returned, so that refusals can still be answered.
 */
export async function whole(client: InProcessClient, ctx: Context, next: Next, write: Write): Promise<Streamed> {
  const rows = portions(client, ctx, next);
  const first = await rows.next();
  const { headers, chunks } = write(startingWith(first, rows));
  return new Streamed(headers, chunks, () => rows.return());
}

/** The whole list of a row of a dialect. */
export function streamed(runner: Runner, plan: Plan, call: Call, render: Render): Promise<Streamed> {
  const variables = variablesOf(plan.targets, call);
  const operation = plan.whole!;
  const next: Next = async (ctx, first, after) => {
    const data = await ask(
      runner,
      operation,
      plan.targets,
      { ...variables, first, ...(after && { after }) },
      { ...call, ctx },
    );
    const found = operation.result(data);
    if (found === null) throw refuse('NOT_FOUND');
    const { nodes, cursor } = operation.portion(found as Data);
    return { rows: nodes.map((node) => operation.read(node, call)), cursor };
  };
  return whole(runner.client, call.ctx, next, (rows) => render(rows, call));
}

async function* portions(client: InProcessClient, ctx: Context, next: Next): AsyncGenerator<unknown[], void> {
  const snapshot = await client.openSnapshot(ctx);
  try {
    let after: string | null = null;
    for (;;) {
      const { rows, cursor } = await next(snapshot.ctx, portion, after);
      yield rows;
      if (rows.length < portion || !cursor) return;
      after = cursor;
    }
  } finally {
    await snapshot.close();
  }
}

async function* startingWith<T>(
  first: IteratorResult<T, void>,
  rest: AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
