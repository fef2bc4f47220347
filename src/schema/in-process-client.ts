import { setTimeout } from 'node:timers/promises';
import {
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import type { Issue } from '../core/errors.js';
import { OneByOne } from '../core/one-by-one.js';
import { nextMoment, turns } from '../core/turns.js';
import type { Context } from '../core/context.js';
import { maxLengthOf } from '../model/bounds.js';
import { columnOf } from '../model/inputs.js';
import { modelOf } from '../model/model.js';
import { wrongInZone } from '../model/zoned.js';
import { openSnapshot, type SnapshotContext } from '../core/snapshot.js';
import type { Engine } from '../read/engine.js';

/** An operation that was parsed and checked against the schema once, at boot. */
export interface StoredOperation {
  readonly document: DocumentNode;
  readonly text: string;
}

/** The way into the graph for code of this process: same schema, same rules, same errors as over HTTP, without HTTP. */
export interface InProcessClient {
  readonly schema: GraphQLSchema;
  /** Parses and validates; throws an Error that lists every mistake with its place. */
  store(text: string): StoredOperation;
  /** Runs a stored operation; never throws for what the operation itself does. Coercion of variables is GraphQL's. */
  run(operation: StoredOperation, variables: Record<string, unknown>, ctx: Context): Promise<ExecutionResult>;
  /** What of a coerced value is too large, or outside the years 1 to 9999 in the time zone of the caller's tenant: paths begin at the value. */
  wrongIn(type: GraphQLInputType, value: unknown, ctx: Context): Issue[];
  /** How many characters a text may have that is sent for a field of an input; undefined for what is no text. */
  maxLengthOf(field: GraphQLInputField): number | undefined;
  /** Whether a new record must be given a value for a field of an input, because its column has none by itself. */
  isNeeded(field: GraphQLInputField): boolean;
  /** The caller with reads that all see the same moment, for results that are read in parts. Holds a connection until it is closed. */
  openSnapshot(ctx: Context): Promise<SnapshotContext>;
  /**
   * Reads one portion of such a result. Those of one tenant follow each other, whatever it reads at once, and everything else
   * that is due gets on behind each, while other tenants are served with a pause.
   */
  portion<T>(ctx: Context, read: (ctx: Context) => Promise<T>): Promise<T>;
}

const portions = new OneByOne();

/** For how many milliseconds a tenant pauses after a portion while others are served: four times as long as it takes to be read and written. */
const pauseMs = 30;

export function inProcessClient(engine: Engine): InProcessClient {
  const { schema } = engine;
  return {
    schema,
    maxLengthOf(field) {
      const limits = [columnOf(field)?.spec.max, maxLengthOf(field)].filter((limit) => limit !== undefined);
      return limits.length === 0 ? undefined : Math.min(...limits);
    },
    isNeeded(field) {
      const column = columnOf(field);
      if (!column || column.spec.nullable) return false;
      return !modelOf(column.entity).fields.get(column.spec.property)!.hasDefault;
    },
    store(text) {
      const document = parse(text);
      const mistakes = validate(schema, document);
      if (mistakes.length > 0) throw new Error(`Not a valid operation:\n${mistakes.map(printed).join('\n')}\n${text}`);
      return { document, text };
    },
    run: (operation, variables, ctx) => engine.run(operation, variables, ctx),
    wrongIn: (type, value, ctx) => wrongInZone(type, value, ctx.tenant.timeZone),
    openSnapshot,
    async portion(ctx, read) {
      const owner = ctx.tenant.id;
      return portions.run(owner, async () => {
        const portion = await read(ctx);
        await (turns.areOthersServed(owner) ? setTimeout(pauseMs) : nextMoment());
        return portion;
      });
    },
  };
}

const printed = (mistake: GraphQLError): string =>
  `  ${mistake.message} (${mistake.locations?.map(({ line, column }) => `${line}:${column}`).join(', ')})`;
