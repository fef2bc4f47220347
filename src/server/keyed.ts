import { execute, getVariableValues, type ExecutionResult, type OperationDefinitionNode } from 'graphql';
import type { Context } from '../core/context.js';
import { keyOf, type IdempotencyGuard } from '../write/idempotency.js';
import { asRefusal, formatError } from '../graphql/errors.js';
import type { Engine } from '../read/engine.js';
import type { Operation } from '../read/plans.js';
import { bodyOf, formatted, stringify } from './graphql/answers.js';

/** A mutation as it came. */
export interface Sent {
  operation: Operation;
  /** undefined where the operation's name names none */
  meant: OperationDefinitionNode | undefined;
  variables: Record<string, unknown>;
  header: (name: string) => string | undefined;
  /** the compiled engine is not to be asked */
  plain: boolean;
}

export interface KeyedAnswer {
  status: number;
  body: string;
  headers: Record<string, string>;
  /** which executor answered, as in the header */
  executor: string;
}

/** Answers a mutation that carries a key; undefined for whatever carries none or cannot run. */
export type Keyed = (sent: Sent, ctx: Context) => Promise<KeyedAnswer | undefined>;

/** Carries out keyed mutations once: a repetition gets the first one's answer, byte for byte. */
export function keyed(engine: Engine, idempotent: IdempotencyGuard): Keyed {
  return async (sent, ctx) => {
    const { meant, operation, variables } = sent;
    if (meant?.operation !== 'mutation') return undefined;
    let executor = 'replayed';
    try {
      const key = keyOf(sent.header);
      if (!key || getVariableValues(engine.schema, meant.variableDefinitions ?? [], variables, { maxErrors: 1 }).errors)
        return undefined;
      const { status, body, replayed } = await idempotent(
        ctx,
        { key, content: [operation.text, operation.operationName ?? null, variables], other: 'refuse' },
        async (inside) => {
          const given = await answer(engine, sent, inside.ctx);
          executor = given.executor;
          return { status: 200, body: given.body, done: inside.completed() > 0 };
        },
      );
      return { status, body, headers: replayed ? replay : {}, executor };
    } catch (error) {
      const refusal = asRefusal(error, ctx.requestId);
      return {
        status: refusal.status,
        body: stringify({ errors: [formatError({ message: refusal.message }, refusal, ctx)] }),
        headers: {},
        executor,
      };
    }
  };
}

const replay: Record<string, string> = { 'idempotency-replayed': 'true' };

async function answer(
  engine: Engine,
  { operation, variables, plain }: Sent,
  ctx: Context,
): Promise<{ body: string; executor: string }> {
  const compiled = plain ? { declined: 'as asked' } : await engine.answer(operation, variables, ctx);
  if ('data' in compiled) return { body: bodyOf(compiled, ctx), executor: 'compiled' };
  const { data, errors } = (await execute({
    schema: engine.schema,
    document: operation.document,
    operationName: operation.operationName,
    variableValues: variables,
    contextValue: ctx,
  })) as ExecutionResult;
  return {
    body: stringify({ ...(errors && { errors: formatted(errors, ctx) }), data: data ?? null }),
    executor: `plain; ${compiled.declined}`,
  };
}
