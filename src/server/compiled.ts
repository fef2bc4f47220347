import type { ApolloServerPlugin } from '@apollo/server';
import type { Context } from '../core/context.js';
import { overLimit } from '../graphql/limits.js';
import type { Engine } from '../read/engine.js';
import { executorHeader, resultOf } from './answers.js';
import type { Lane } from './lane.js';

/**
 * Lets the read engine answer what it can; checks what one operation may cost, whoever answers it. What came this far is
 * valid: the lane learns it.
 */
export function compiledReads(engine: Engine, lane: Lane, production: boolean): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request }) => {
        const refusal = operation && overLimit(schema, document, operation, request.variables ?? {});
        if (refusal) throw refusal;
      },
      responseForOperation: async ({ request, response, source, document, operationName, contextValue }) => {
        lane.learn(source, document);
        const wish = production ? undefined : request.http?.headers.get(executorHeader);
        const result = wish === 'plain' ? { declined: 'as asked' } : await engine.answer({ text: source, document, operationName }, request.variables ?? {}, contextValue);
        if (!production) response.http.headers.set(executorHeader, 'data' in result ? 'compiled' : `plain; ${result.declined}`);
        return 'data' in result ? { http: response.http, body: { kind: 'single', singleResult: resultOf(result, contextValue.locale) } } : null;
      },
    }),
  };
}
