import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { Context } from '../../core/context.js';
import { badRequest, messageOf, type Locale } from '../../core/errors.js';
import { asRefusal, formatError } from '../../graphql/errors.js';
import { requestError } from '../../graphql/limits.js';
import type { Engine } from '../../read/engine.js';
import { variableErrors } from '../../graphql/variables.js';
import { Body, executorHeader, formatted, resultOf } from './answers.js';
import type { Keyed } from '../keyed.js';
import type { FastPath } from './fast-path.js';

/**
 * Lets the read engine answer what it can; checks the cost limits of every operation. Operations that reach this point
 * are valid: the fast path remembers them.
 */
export function compiledReads(
  engine: Engine,
  fastPath: FastPath,
  keyed: Keyed,
  { production, introspection, maxCost }: { production: boolean; introspection: boolean; maxCost: number },
): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request, contextValue }) => {
        // a name that names none of the operations: Apollo says so
        if (!operation) return;
        contextValue.stats.operation = operation.name?.value;
        if (operation.operation === 'subscription') throw subscriptionError(contextValue.locale);
        const refusal = requestError(schema, document, operation, request.variables ?? {}, maxCost, contextValue.stats);
        if (refusal) throw refusal;
      },
      responseForOperation: async ({ request, response, source, document, operation, operationName, contextValue }) => {
        // a name that names none of the operations: Apollo says so
        if (!(operation as typeof operation | undefined)) return null;
        fastPath.remember(source, document, request.extensions?.['persistedQuery'] !== undefined);
        const mistakes = variableErrors(engine.schema, operation, request.variables ?? {}, !introspection);
        if (mistakes.length > 0) {
          response.http.status = 400;
          const errors = formatted(mistakes, contextValue);
          return { http: response.http, body: { kind: 'single', singleResult: { errors } } };
        }
        const wish = production ? undefined : request.http?.headers.get(executorHeader);
        const idempotent = await keyed(
          {
            operation: { text: source, document, operationName },
            meant: operation,
            variables: request.variables ?? {},
            header: (name) => request.http?.headers.get(name),
            plain: wish === 'plain',
          },
          contextValue,
        );
        if (idempotent) {
          response.http.status = idempotent.status;
          if (!production) response.http.headers.set(executorHeader, idempotent.executor);
          for (const [name, value] of Object.entries(idempotent.headers)) response.http.headers.set(name, value);
          return {
            http: response.http,
            body: { kind: 'single', singleResult: { data: new Body(idempotent.body) as never } },
          };
        }
        const { declined = wish === 'plain' ? 'as asked' : undefined } = contextValue.stats;
        const result =
          declined !== undefined
            ? { declined }
            : await engine
                .answer({ text: source, document, operationName }, request.variables ?? {}, contextValue)
                .catch((error: unknown) => ({ refusal: asRefusal(error, contextValue.requestId) }));
        if ('refusal' in result) {
          const errors = [formatError({ message: result.refusal.message }, result.refusal, contextValue)];
          return { http: response.http, body: { kind: 'single', singleResult: { errors } } };
        }
        if (!production)
          response.http.headers.set(executorHeader, 'data' in result ? 'compiled' : `plain; ${result.declined}`);
        return 'data' in result
          ? { http: response.http, body: { kind: 'single', singleResult: resultOf(result, contextValue) } }
          : null;
      },
    }),
  };
}

/** Subscriptions have no answer over HTTP. */
const subscriptionError = (locale: Locale): GraphQLError => {
  const refusal = badRequest('SUBSCRIPTION');
  return new GraphQLError(messageOf(refusal.issues[0]!, locale), {
    extensions: { code: refusal.code, status: refusal.status, http: { status: refusal.status } },
  });
};
