import 'reflect-metadata';
import { lexicographicSortSchema, printSchema, type GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql';
import { CustomerMutations, CustomerQueries } from '../customers/customer.resolver.js';
import { IdentityQueries } from '../identity/identity.resolver.js';
import { attachResolvers } from '../read/plain.js';
import { NodeQueries } from './node.resolver.js';
import { pubSub } from './topics.js';

/** Every resolver of the graph. What is not in this list is not in the graph. */
const resolvers: NonEmptyArray<new () => object> = [IdentityQueries, NodeQueries, CustomerQueries, CustomerMutations];

/** Builds the graph's schema. The model must be loaded before (see `database/orm.ts`). */
export function buildGraph(): GraphQLSchema {
  const schema = buildSchemaSync({ resolvers: resolvers as never, validate: false, pubSub });
  schema.getQueryType()!.description = 'What can be read. Every answer holds only what the caller may see.';
  schema.getMutationType()!.description = 'What can be done. Each act is one transaction: it happens as a whole, or its `userErrors` say why not.';
  attachResolvers(schema);
  return schema;
}

/** The schema as text, sorted, as kept in `schema.graphql`. */
export const printGraph = (schema: GraphQLSchema): string => `${printSchema(lexicographicSortSchema(schema))}\n`;
