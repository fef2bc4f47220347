import type { ApolloServerPlugin } from '@apollo/server';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { Context } from '../../core/context.js';
import { costOf, type Cost } from '../../graphql/limits.js';
import { dataOf } from './answers.js';

/** Asks for `extensions.cost` in the answer, as does `extensions: { cost: true }` in the request. */
export const costHeader = 'x-crm-cost';

/** Whether a request with this header and these extensions asks what it costs. */
export const asksForCost = (header: string | string[] | null | undefined, extensions: unknown): boolean =>
  /^(1|true)$/.test(String(header ?? '')) || (extensions as { cost?: unknown } | null | undefined)?.cost === true;

/** Says what an operation costs, by its document, its variables and what was answered. */
export type ReportCost = (
  operation: { document: DocumentNode; operation: OperationDefinitionNode; variables: Record<string, unknown> },
  data: unknown,
) => Cost | undefined;

export const costReporter =
  (schema: GraphQLSchema, maxCost: number): ReportCost =>
  ({ document, operation, variables }, data) =>
    costOf(schema, document, operation, variables, maxCost, data);

/** Adds to answers what they cost, where the request asks for it. */
export const costs = (report: ReportCost): ApolloServerPlugin<Context> => ({
  requestDidStart: async () => ({
    willSendResponse: async ({ request, response, document, operation }) => {
      if (!document || !operation || response.body.kind !== 'single') return;
      if (!asksForCost(request.http?.headers.get(costHeader), request.extensions)) return;
      const { singleResult } = response.body;
      const cost = report({ document, operation, variables: request.variables ?? {} }, dataOf(singleResult));
      if (cost) singleResult.extensions = { ...singleResult.extensions, cost };
    },
  }),
});
