import type { ApolloServerPlugin } from '@apollo/server';
import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import type { Context } from '../core/context.js';
import type { Locale } from '../core/errors.js';
import { formatError } from '../graphql/errors.js';
import { overLimit } from '../graphql/limits.js';
import type { Engine } from '../read/engine.js';

/** Outside production: as a request header it chooses who answers (`plain` keeps the engine out), as a response header it says who did, and why not the engine. */
const executorHeader = 'x-crm-executor';

/** JSON that goes out as it is. */
class Text {
  constructor(readonly json: string) {}
}

/** A result as the body of an answer; the engine's data is not touched. */
export function stringify(result: FormattedExecutionResult): string {
  const { data, errors } = result;
  if (!(data instanceof Text)) return `${JSON.stringify(result)}\n`;
  const before = errors ? `"errors":${JSON.stringify(errors)},` : '';
  return `{${before}"data":${data.json}}\n`;
}

/** Lets the read engine answer what it can; checks what one operation may cost, whoever answers it. */
export function compiledReads(engine: Engine, production: boolean): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request }) => {
        const refusal = operation && overLimit(schema, document, operation, request.variables ?? {});
        if (refusal) throw refusal;
      },
      responseForOperation: async ({ request, response, source, document, operationName, contextValue }) => {
        const wish = production ? undefined : request.http?.headers.get(executorHeader);
        const result = wish === 'plain' ? { declined: 'as asked' } : await engine.answer({ text: source, document, operationName }, request.variables ?? {}, contextValue);
        if (!production) response.http.headers.set(executorHeader, 'data' in result ? 'compiled' : `plain; ${result.declined}`);
        if (!('data' in result)) return null;
        const errors = result.errors && formatted(result.errors, contextValue.locale);
        return { http: response.http, body: { kind: 'single', singleResult: { ...(errors && { errors }), data: new Text(result.data) as never } } };
      },
    }),
  };
}

/** Errors as they leave the server; what GraphQL itself found wrong while answering is a fault of ours. */
export const formatted = (errors: readonly GraphQLError[], locale: Locale): GraphQLFormattedError[] =>
  errors.map((error) => formatError({ ...error.toJSON(), extensions: { code: 'INTERNAL_SERVER_ERROR', ...error.extensions } }, error, locale));
