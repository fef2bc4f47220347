import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition, relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import { valueTypes } from '../value-types.ts';

declare module '@apollo/client' {
  namespace ApolloClient {
    namespace DeclareDefaultOptions {
      interface Query {
        errorPolicy: 'all';
      }
      interface WatchQuery {
        errorPolicy: 'all';
      }
    }
  }
}

/** A client for the server at `url`; `token` is asked before every request and every socket, so that it may change. */
export function crmClient(url: string, token: () => Promise<string>) {
  const authorized = new SetContextLink(async ({ headers }) => ({
    headers: { ...headers, authorization: `Bearer ${await token()}` },
  }));
  const sockets = new GraphQLWsLink(
    createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      connectionParams: async () => ({ Authorization: `Bearer ${await token()}` }),
    }),
  );
  return new ApolloClient({
    link: ApolloLink.split(
      ({ query }) => {
        const definition = getMainDefinition(query);
        return definition.kind === 'OperationDefinition' && definition.operation === 'subscription';
      },
      sockets,
      authorized.concat(new HttpLink({ uri: `${url}/graphql` })),
    ),
    cache: new InMemoryCache({
      typePolicies: {
        // objects without an id are part of the record that shows them
        ...Object.fromEntries(valueTypes.map((type) => [type, { merge: true }])),
        Query: {
          fields: {
            // one entry for each list that pages are put together of
            customers: relayStylePagination(['filter', 'orderBy']),
            customer: {
              read: (known, { args, toReference }) => known ?? toReference({ __typename: 'Customer', id: args!.id }),
            },
          },
        },
      },
    }),
    // a field of the root that is refused is null, with an error; the others are shown
    defaultOptions: { query: { errorPolicy: 'all' }, watchQuery: { errorPolicy: 'all' } },
  });
}
