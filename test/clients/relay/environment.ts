import { createClient } from 'graphql-ws';
import { Environment, Network, Observable, RecordSource, Store } from 'relay-runtime';

/** An environment for the server at `url`; `token` is asked before every request and every socket. */
export function crmEnvironment(url: string, token: () => Promise<string>): Environment {
  const sockets = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    connectionParams: async () => ({ Authorization: `Bearer ${await token()}` }),
  });
  return new Environment({
    network: Network.create(
      async ({ text: query, name: operationName }, variables) => {
        const answer = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${await token()}` },
          body: JSON.stringify({ query, operationName, variables }),
        });
        return answer.json();
      },
      ({ text, name: operationName }, variables) =>
        Observable.create((sink) => sockets.subscribe({ query: text!, operationName, variables }, sink as never)),
    ),
    store: new Store(new RecordSource()),
  });
}
