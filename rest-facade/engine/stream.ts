import { ask, type Runner } from './ask.js';
import type { Data, Plan } from './compile.js';
import type { Call } from './dialect.js';
import { refuse } from './errors.js';
import { variablesOf } from './targets.js';

/** A body that is made while it is sent. */
export class Streamed {
  constructor(
    readonly headers: Record<string, string>,
    readonly chunks: AsyncIterable<string | Uint8Array>,
    /** gives back what the body is made from; must be called however the sending ended, and if it never began */
    readonly close: () => Promise<unknown> = () => Promise.resolve(),
  ) {}
}

/** Makes a body of a list's rows, which come in portions, each in wire form. */
export type Render = (portions: AsyncIterable<unknown[]>, call: Call) => Streamed;

/** Most rows that the graph gives at once. */
const portion = 500;

/**
 * A whole list as it was at one moment, portion by portion along its cursor: memory stays flat, and each portion costs
 * the same. The first portion is read before anything is returned, so that refusals can still be answered.
 */
export async function streamed(runner: Runner, plan: Plan, call: Call, render: Render): Promise<Streamed> {
  const variables = variablesOf(plan.targets, call);
  const rows = portions(runner, plan, call, variables);
  const first = await rows.next();
  const { headers, chunks } = render(startingWith(first, rows), call);
  return new Streamed(headers, chunks, () => rows.return());
}

async function* portions(runner: Runner, plan: Plan, call: Call, variables: Data): AsyncGenerator<unknown[], void> {
  const operation = plan.whole!;
  const frozen = await runner.door.freeze(call.ctx);
  try {
    let after: string | null = null;
    for (;;) {
      const data = await ask(runner, operation, plan.targets, { ...variables, first: portion, ...(after && { after }) }, { ...call, ctx: frozen.ctx });
      const found = operation.result(data);
      if (found === null) throw refuse('NOT_FOUND');
      const { nodes, cursor } = operation.portion(found as Data);
      yield nodes.map((node) => operation.read(node, call));
      if (nodes.length < portion || !cursor) return;
      after = cursor;
    }
  } finally {
    await frozen.close();
  }
}

async function* startingWith<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
