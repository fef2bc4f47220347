import { execute, getVariableValues, GraphQLError, type ExecutionResult, type GraphQLSchema } from 'graphql';
import type { Context } from '../core/context.js';
import { isStopped, isUnavailable, sqlState } from '../core/database-faults.js';
import { DomainError } from '../core/errors.js';
import { log } from '../core/log.js';
import type { Sizes } from '../core/recent.js';
import { ask } from './declared.js';
import { nullFound } from './leaf.js';
import { change, mutationParts, type MutationParts } from './payloads.js';
import { answerIn, operationOf, planOf, Plans, statementOf, type Operation, type Plan } from './plans.js';
import type { Env } from './env.js';
import { NotCompilable } from './selection.js';

/** An answer as text: `data` is JSON that goes out untouched. */
export interface TextResult {
  data: string;
  errors?: readonly GraphQLError[];
}

/** Why the plain executor has to answer, in the program's own words. Nothing was done yet. */
export interface Declined {
  declined: string;
}

/** Counters of the engine since the process started. */
export interface EngineMetrics {
  /** operations answered by a compiled statement */
  compiled: number;
  /** operations left to the plain executor, by reason */
  plain: Record<string, number>;
  /** sizes of its caches */
  sizes: { queries: Sizes; mutations: Sizes };
}

/** Answers whole operations with compiled statements, and says no to those it cannot; the caller then runs the plain executor. */
export interface Engine {
  readonly schema: GraphQLSchema;
  /** The answer as text, or why the plain executor has to give it. */
  answer(operation: Operation, variables: Record<string, unknown>, ctx: Context): Promise<TextResult | Declined>;
  /** As `answer`, and the plain executor where that says no. */
  run(operation: Operation, variables: Record<string, unknown>, ctx: Context): Promise<ExecutionResult>;
  metrics(): EngineMetrics;
}

export function engine(schema: GraphQLSchema): Engine {
  const queries = new Plans<Plan>(schema);
  const mutations = new Plans<MutationParts>(schema);
  const metrics: Omit<EngineMetrics, 'sizes'> = { compiled: 0, plain: {} };

  /** What answers the operation, ready to go. Throws if nothing does; until here nothing was done, so the plain executor can do all of it. */
  function prepare(
    operation: Operation,
    variables: Record<string, unknown>,
    ctx: Context,
  ): { run: () => Promise<TextResult>; changes: boolean } {
    const meant = operationOf(operation);
    // nothing but queries is declared a read
    ctx.stats.reading = meant.operation === 'query' && !ctx.stats.isPrimaryOnly ? ctx.stats.replicas : undefined;
    const { coerced, errors } = getVariableValues(schema, meant.variableDefinitions ?? [], variables, { maxErrors: 1 });
    if (errors) throw new NotCompilable('a variable has a wrong value');
    const env: Env = { ctx, variables: coerced };
    if (meant.operation === 'query') {
      const plan = found(
        queries.find(operation, meant, env, (compiler) =>
          planOf(compiler.operation(schema.getQueryType()!), compiler.query),
        ),
      );
      return { run: async () => ({ data: (await send(plan, env))! }), changes: false };
    }
    if (meant.operation === 'mutation') {
      const parts = found(
        mutations.find(operation, meant, env, (compiler, fragments) => mutationParts(schema, compiler, fragments)),
      );
      return { run: () => change(schema, parts, env, variables, send), changes: true };
    }
    throw new NotCompilable('subscriptions are not compiled');
  }

  async function answer(
    operation: Operation,
    variables: Record<string, unknown>,
    ctx: Context,
  ): Promise<TextResult | Declined> {
    let changes = false;
    try {
      const prepared = prepare(operation, variables, ctx);
      changes = prepared.changes;
      const result = await prepared.run();
      metrics.compiled += 1;
      return result;
    } catch (error) {
      // a change that was begun must not be made again, nor what takes too long, nor is there another database
      if (changes || isStopped(error) || isUnavailable(error)) throw error;
      const reason = reasonOf(error);
      metrics.plain[reason] = (metrics.plain[reason] ?? 0) + 1;
      return { declined: reason };
    }
  }

  return {
    schema,
    answer,
    async run(operation, variables, ctx) {
      const text = await answer(operation, variables, ctx);
      if ('data' in text)
        return { ...(text.errors && { errors: text.errors }), data: JSON.parse(text.data) as Record<string, unknown> };
      return (await execute({
        schema,
        document: operation.document,
        operationName: operation.operationName,
        variableValues: variables,
        contextValue: ctx,
      })) as ExecutionResult;
    },
    metrics: () => ({ ...structuredClone(metrics), sizes: { queries: queries.sizes(), mutations: mutations.sizes() } }),
  };
}

function found<T>(result: T | NotCompilable): T {
  if (result instanceof NotCompilable) throw result;
  return result;
}

/** Sends a plan's statement. */
async function send(plan: Plan, env: Env): Promise<string | null> {
  const [row] = await ask(env.ctx, statementOf(plan, env));
  return answerIn(row!);
}

/** Why the plain executor is asked, in words whose number is bounded. It answers with the error that belongs to the request. */
function reasonOf(error: unknown): string {
  if (error instanceof NotCompilable) return error.message;
  if (error instanceof DomainError) return `refused: ${error.code}`;
  if (error instanceof GraphQLError) return 'an argument has a wrong value';
  const state = sqlState(error);
  if (state === nullFound) return 'a null in a non-null position';
  // class 22 is about the caller's values
  if (!state?.startsWith('22'))
    log.warn({ event: 'statement.compiledFailed', err: error }, 'a compiled statement failed');
  return state ? `SQL error ${state}` : 'a fault';
}
