import type { Context } from '../core/context.js';

/** The source of parameter values when a statement is sent. */
export interface Env {
  ctx: Context;
  variables: Record<string, unknown>;
  /** id of the record that the statement is about, where it starts from one */
  id?: string;
  /** arguments that were read from the variables already, by their field's node */
  memo?: Map<unknown, unknown>;
}
export type Source = (env: Env) => unknown;

/**
 * What a filter names has to be there: a record that the caller does not see, one of another tenant and one that does not
 * exist are refused alike (docs/decisions/029-names-in-filters.md). Conditions ask for them in `references.ts`.
 */
export interface Reference {
  /** the argument, from the arguments' root */
  path: readonly string[];
  source: Source;
  /** SQL: the place (from 1) of the first name that names nothing; null if all of them are there */
  unknown: string;
}
