import {
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Purpose, Row, Statement } from '../core/database.js';
import { refuse } from '../core/errors.js';
import { Recent, type Sizes } from '../core/recent.js';
import { fragmentsOf } from './fragments.js';
import { Compiler } from './compile.js';
import type { Env, Source } from './env.js';
import { Query } from './query.js';
import { withReferences } from './references.js';
import { NotCompilable, Selection } from './selection.js';

/** An operation of a request: its text, its document, and the name of the operation in it. */
export interface Operation {
  readonly text: string;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
}

/** A prepared statement that answers a selection. */
export interface Plan {
  readonly text: string;
  readonly sources: readonly Source[];
  readonly purpose: Purpose;
  /** name of the prepared statement, from its second use */
  readonly name: string;
  used: boolean;
}

interface Guard {
  source: Source;
  test: (value: unknown) => unknown;
  answer: unknown;
}

/** What was made of an operation for requests whose inspected values give these answers: a result, or why there is none. */
interface Variant<T> {
  guards: readonly Guard[];
  result: T | NotCompilable;
}

/**
 * How many texts are remembered, how many pairs of one of their operations and a shape of rights, and how many variants
 * of each pair. Longer texts are compiled each time.
 */
const maxTexts = 1_000;
const maxPairs = 1_000;
const maxVariants = 8;
export const maxTextLength = 32_768;

/** Makes SQL for an operation; thrown NotCompilable becomes part of what is remembered. */
export type Make<T> = (compiler: Compiler, fragments: ReadonlyMap<string, FragmentDefinitionNode>) => T;

/**
 * Compiled operations, by text, operation name and rights of the caller. Where the SQL depended on the form of a value
 * (a filter's fields, a directive's variable), each form has its own variant. All caches are bounded; the least
 * recently used entry is evicted.
 */
export class Plans<T> {
  /** a number for each text, so that keys of pairs are short */
  private readonly texts = new Recent<number>(maxTexts);
  private readonly pairs = new Recent<Array<Variant<T>>>(maxPairs);
  private counted = 0;

  constructor(private readonly schema: GraphQLSchema) {}

  /**
   * The result for this request, created if it is new. Throws errors of the inspected values (a bad cursor, a wrong
   * argument).
   */
  find(operation: Operation, meant: OperationDefinitionNode, env: Env, make: Make<T>): T | NotCompilable {
    // a document with a single operation need not name it: the key is the operation that is meant
    const variants = this.variantsOf(operation.text, `${env.ctx.rightsKey} ${meant.name?.value ?? ''}`);
    for (const [index, variant] of variants.entries()) {
      if (!holds(variant.guards, env)) continue;
      if (index > 0) variants.unshift(...variants.splice(index, 1));
      return variant.result;
    }
    const made = this.make(operation.document, meant, env, make);
    variants.unshift(made);
    variants.length = Math.min(variants.length, maxVariants);
    return made.result;
  }

  sizes(): Sizes {
    let plans = 0;
    for (const variants of this.pairs.values()) plans += variants.length;
    return { texts: [this.texts.size, maxTexts], plans: [plans, maxPairs * maxVariants] };
  }

  private variantsOf(text: string, pair: string): Array<Variant<T>> {
    if (text.length > maxTextLength) return [];
    let number = this.texts.get(text);
    if (number === undefined) this.texts.set(text, (number = this.counted += 1));
    const key = `${number} ${pair}`;
    let variants = this.pairs.get(key);
    if (!variants) this.pairs.set(key, (variants = []));
    return variants;
  }

  private make(document: DocumentNode, meant: OperationDefinitionNode, env: Env, make: Make<T>): Variant<T> {
    const guards: Guard[] = [];
    const query = new Query(env.ctx.rights, (source, test, answer) => {
      if (dependsOnVariables(source, env)) guards.push({ source, test, answer });
    });
    const fragments = fragmentsOf(document);
    try {
      const selection = new Selection(this.schema, meant, fragments, query, env);
      return { guards, result: make(new Compiler(selection, query), fragments) };
    } catch (error) {
      if (error instanceof NotCompilable) return { guards, result: error };
      throw error;
    }
  }
}

const holds = (guards: readonly Guard[], env: Env): boolean =>
  guards.every(({ source, test, answer }) => test(source(env)) === answer);

/** Whether a value can be another one in the next request: found out by watching where it is taken from. */
function dependsOnVariables(source: Source, { ctx, variables }: Env): boolean {
  let touched = false;
  source({
    ctx,
    get variables() {
      touched = true;
      return variables;
    },
  });
  return touched;
}

/** The operation meant; the executor reports it if there is none. */
export function operationOf({ document, operationName }: Operation): OperationDefinitionNode {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const meant = operationName
    ? operations.find((node) => node.name?.value === operationName)
    : operations.length === 1
      ? operations[0]
      : undefined;
  if (!meant) throw new NotCompilable('the operation is not named');
  return meant;
}

let made = 0;

/**
 * How many characters a statement may have: PostgreSQL takes about 1.4 KB of memory and 2.5 µs for each of them before it
 * begins. What would be longer is left to the plain executor, whose statements are short.
 */
const maxStatementLength = 500_000;

/** A plan from the text of a statement. Throws NotCompilable where that is too long. */
export function planOf(text: string, query: Query): Plan {
  made += 1;
  const whole = query.complete(withReferences(query, text));
  if (whole.text.length > maxStatementLength) throw new NotCompilable('its statement would be too long');
  return { ...whole, purpose: query.purpose, name: `read-${made}`, used: false };
}

/** The answer in a plan's only row. Throws UNKNOWN_REFERENCE where a filter names what is not there; the plain executor knows which one. */
export function answerIn([answer, unknown]: Row): string | null {
  if (unknown !== undefined && unknown !== null) throw refuse('UNKNOWN_REFERENCE');
  return answer!;
}

/** A plan's statement for a request; prepared under its name from the second use, so that one-time operations leave nothing behind. */
export function statementOf(plan: Plan, env: Env): Statement {
  const values = plan.sources.map((source) => source(env));
  const name = plan.used ? plan.name : undefined;
  plan.used = true;
  return { text: plan.text, values, purpose: plan.purpose, ...(name && { name }) };
}
