import type { ArgumentValue } from '../model/fields.js';
import type { Env, Source } from './env.js';
import type { Query } from './query.js';

/** Whether a value of a filter says anything: null and the empty text are as good as none. */
export const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && (typeof value !== 'string' || value.trim() !== '');

/** Whether a list says nothing: an empty text in the place of a list is a list of it. */
export const isBlank = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 1 && !isGiven(value[0]) : !isGiven(value);

/** The value of an argument or of a part of one: its form is inspected, its content becomes a parameter. */
export class Value implements ArgumentValue {
  constructor(
    private readonly query: Query,
    private readonly source: Source,
    private readonly present: unknown,
    /** where it stands, from the arguments' root */
    readonly path: readonly string[] = [],
  ) {}

  is(test: (value: unknown) => boolean): boolean {
    return this.inspect(test);
  }

  private inspect<T extends string | boolean>(test: (value: unknown) => T): T {
    const answer = test(this.present);
    this.query.guard(this.source, test, answer);
    return answer;
  }

  bind(cast: string, map: (value: unknown, env: Env) => unknown = (value) => value): string {
    return this.query.bind((env) => map(this.source(env), env), cast);
  }

  /** The value in a request, for what compares it with another one. */
  in(env: Env): unknown {
    return this.source(env);
  }

  /** Names that the value consists of, e.g. those of its fields; they become part of what a compiled plan is kept under. */
  names(of: (value: unknown) => readonly string[]): string[] {
    const names = this.inspect((value) => of(value).join(','));
    return names === '' ? [] : names.split(',');
  }

  /** The fields that an object value has; those left out do not count, nor do null and the empty text. */
  entries(): Array<[string, Value]> {
    return this.names((value) =>
      value && typeof value === 'object'
        ? Object.keys(value).filter((key) => isGiven((value as Record<string, unknown>)[key]))
        : [],
    ).map((key) => [key, this.field(key)]);
  }

  field(key: string): Value {
    const { source, present } = this;
    return new Value(
      this.query,
      (env) => (source(env) as Record<string, unknown> | null | undefined)?.[key],
      (present as Record<string, unknown> | null | undefined)?.[key],
      [...this.path, key],
    );
  }

  /** The value names records, of which SQL gives the place of the first one that is not there: see `references.ts`. */
  mustNameSome(unknown: string): void {
    this.query.references.push({ path: this.path, source: this.source, unknown });
  }
}
