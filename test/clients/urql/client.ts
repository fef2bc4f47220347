import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { createClient } from 'graphql-ws';
import { valueTypes } from '../value-types.ts';

/** A client for the server at `url` with a token that stays the same. */
export function crmClient(url: string, token: string): Client {
  const sockets = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    connectionParams: { Authorization: `Bearer ${token}` },
  });
  return new Client({
    url: `${url}/graphql`,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    exchanges: [
      cacheExchange({
        // objects without an id are part of the record that shows them
        keys: Object.fromEntries(valueTypes.map((type) => [type, () => null])),
        resolvers: { Query: { customers: relayPagination() } },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query: query!, variables }, sink) }),
        }),
      }),
    ],
  });
}
