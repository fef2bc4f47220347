import {
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { inProcessClient } from '../../../src/schema/in-process-client.js';
import { engine } from '../../../src/read/engine.js';
import { identity } from '../../../rest-facade/engine/shapes.js';
import type { Dialect, Row } from '../../../rest-facade/engine/types.js';
// A graph of one record, small enough to be seen at once: the engine knows nothing of ours beyond its style.
const Thing: GraphQLObjectType = new GraphQLObjectType({
  name: 'Thing',
  fields: () => ({
    id: { type: GraphQLID },
    name: { type: GraphQLString },
    version: { type: GraphQLInt },
    parent: { type: Thing },
    part: { type: Thing, args: { of: { type: GraphQLID } } },
  }),
});
const ThingConnection = new GraphQLObjectType({
  name: 'ThingConnection',
  fields: { nodes: { type: new GraphQLList(Thing) }, totalCount: { type: GraphQLInt } },
});
const ThingFilter = new GraphQLInputObjectType({
  name: 'ThingFilter',
  fields: { search: { type: GraphQLString }, size: { type: new GraphQLList(GraphQLInt) } },
});
const ThingInput = new GraphQLInputObjectType({
  name: 'ThingInput',
  fields: { name: { type: GraphQLString }, weight: { type: GraphQLInt } },
});
const ThingPayload = new GraphQLObjectType({
  name: 'ThingPayload',
  fields: {
    thing: { type: Thing },
    userErrors: {
      type: new GraphQLList(
        new GraphQLObjectType({
          name: 'UserError',
          fields: {
            code: { type: GraphQLString },
            message: { type: GraphQLString },
            field: { type: new GraphQLList(GraphQLString) },
          },
        }),
      ),
    },
  },
});
const id = { type: new GraphQLNonNull(GraphQLID) };

export const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      thing: {
        type: Thing,
        args: { id },
        resolve: (_root, args: { id: string }) => ({ id: args.id, name: 'a thing', version: 1 }),
      },
      things: {
        type: ThingConnection,
        args: { filter: { type: ThingFilter }, first: { type: GraphQLInt }, offset: { type: GraphQLInt } },
        resolve: () => ({ nodes: [], totalCount: 0 }),
      },
    },
  }),
  mutation: new GraphQLObjectType({
    name: 'Mutation',
    fields: {
      thingCreate: {
        type: ThingPayload,
        args: { input: { type: new GraphQLNonNull(ThingInput) } },
        resolve: (_root, { input }: { input: object }) => ({ thing: { id: 'new', ...input }, userErrors: [] }),
      },
      thingUpdate: {
        type: ThingPayload,
        args: { id, input: { type: new GraphQLNonNull(ThingInput) }, version: { type: GraphQLInt } },
        resolve: (_root, args: { id: string; input: object }) => ({
          thing: { id: args.id, ...args.input },
          userErrors: [],
        }),
      },
    },
  }),
});

export const graph = inProcessClient(engine(schema));

/** A dialect without manners: values as they are, refusals as `{ refused }` with code and member. */
export function dialect(name: Dialect['name'], rows: readonly Row[], more: Partial<Dialect> = {}): Dialect {
  return {
    name,
    label: name,
    example: '/',
    mounts: [{ base: '/api' }],
    locale: 'en',
    plain: identity,
    paging: { page: 'page', size: ['size'], defaultSize: 10, maxSize: 100, outside: 'clamp' },
    repeat: 'replay',
    success: (value) => value,
    page: (page) => page,
    error: ({ status, issues }) => ({
      status,
      body: { refused: issues.map(({ code, field }) => [code, field].filter(Boolean).join(' ')) },
    }),
    rows,
    ...more,
  };
}
