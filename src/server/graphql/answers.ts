import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import { formatError, type Asker } from '../../graphql/errors.js';
import type { TextResult } from '../../read/engine.js';

/** Outside production: as a request header it chooses who answers (`plain` keeps the engine out), as a response header it says who did, and why not the engine. */
export const executorHeader = 'x-crm-executor';

/** JSON that goes out as it is. */
export class Text {
  constructor(readonly json: string) {}
}

/** A whole body that goes out as it is. */
export class Body {
  constructor(readonly text: string) {}
}

/** A result as the body of an answer; the engine's data is not touched. */
export function stringify(result: FormattedExecutionResult): string {
  const { data, errors, extensions } = result;
  const behind = extensions ? `,"extensions":${JSON.stringify(extensions)}` : '';
  if (data instanceof Body) return behind ? `${data.text.trimEnd().slice(0, -1)}${behind}}\n` : data.text;
  if (!(data instanceof Text)) return `${JSON.stringify(result)}\n`;
  const before = errors ? `"errors":${JSON.stringify(errors)},` : '';
  return `{${before}"data":${data.json}${behind}}\n`;
}

/** The data of a result, whatever it is kept as. */
export function dataOf({ data }: FormattedExecutionResult): unknown {
  if (data instanceof Text) return JSON.parse(data.json) as unknown;
  return data instanceof Body ? (JSON.parse(data.text) as { data?: unknown }).data : data;
}

/** The engine's answer as a result whose data is text. */
export function resultOf({ data, errors }: TextResult, asker: Asker): FormattedExecutionResult {
  return { ...(errors && { errors: formatted(errors, asker) }), data: new Text(data) as never };
}

export const bodyOf = (result: TextResult, asker: Asker, extensions?: Record<string, unknown>): string =>
  stringify({ ...resultOf(result, asker), ...(extensions && { extensions }) });

/** Errors as they leave the server; what GraphQL itself found wrong while answering is a fault of ours. */
export const formatted = (errors: readonly GraphQLError[], asker: Asker): GraphQLFormattedError[] =>
  errors.map((error) =>
    formatError(
      { ...error.toJSON(), extensions: { code: 'INTERNAL_SERVER_ERROR', ...error.extensions } },
      error,
      asker,
    ),
  );
