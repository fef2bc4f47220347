import type { Context } from '../../../src/core/context.js';
import type { InProcessClient } from '../../../src/schema/in-process-client.js';
import { refuse } from '../errors.js';
import { Streamed, type Write } from '../files/streamed.js';
import type { Data, Plan } from '../plan/plan.js';
import type { Call, Render } from '../types.js';
import { execute, type Runner } from './execute.js';
import { variablesOf } from './variables.js';

/** Reads the next rows of a list after a cursor, and the cursor after them. */
export type NextRows = (
  ctx: Context,
  first: number,
  after: string | null,
) => Promise<{ rows: unknown[]; cursor: string | null }>;

/** The graph's largest page. */
const portionSize = 500;

/**
 * Streams a whole list from one database snapshot, page by page along its cursor: memory stays flat, and each page costs
 * the same. The first page is read before anything is returned, so that refusals can still be answered.
 */
export async function streamAll(
  client: InProcessClient,
  ctx: Context,
  next: NextRows,
  write: Write,
): Promise<Streamed> {
  const rows = portions(client, ctx, next);
  const first = await rows.next();
  const { headers, chunks } = write(startingWith(first, rows), { ctx });
  return new Streamed(headers, chunks, () => rows.return());
}

/** Streams the whole list of a row of a dialect. */
export function streamRow(runner: Runner, plan: Plan, call: Call, render: Render): Promise<Streamed> {
  const variables = variablesOf(plan.targets, call);
  const operation = plan.whole!;
  const next: NextRows = async (ctx, first, after) => {
    const data = await execute(
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
  return streamAll(runner.client, call.ctx, next, (rows) => render(rows, call));
}

async function* portions(client: InProcessClient, ctx: Context, next: NextRows): AsyncGenerator<unknown[], void> {
  const snapshot = await client.openSnapshot(ctx);
  try {
    let after: string | null = null;
    for (;;) {
      const { rows, cursor } = await client.portion(snapshot.ctx, (inside) => next(inside, portionSize, after));
      yield rows;
      if (rows.length < portionSize || !cursor) return;
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
