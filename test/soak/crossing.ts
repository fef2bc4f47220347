import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { add, clean, Sequence, type Verdict } from './verdict.js';
import { ask, tokenFor, until, type World } from './world.js';

export interface Crossing extends Verdict {
  writes: number;
  subscribers: number;
}

const create = 'mutation ($name: String!) { customerCreate(input: { name: $name }) { userErrors { code } } }';
const query = 'subscription { customerChanged(after: "0") { cursor } }';

/** Two servers on one database, both written to; the subscribers of each hear everything, once and in order. */
export async function cross(world: World, writes: number): Promise<Crossing> {
  const tenant = 'crossing';
  const servers = await Promise.all([world.server(), world.server()]);
  const token = await tokenFor(tenant);
  const clients = servers.flatMap(({ address }) =>
    [1, 2, 3].map(() =>
      createClient({
        url: `${address.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { Authorization: `Bearer ${token}` },
      }),
    ),
  );
  try {
    const sequences = clients.map((client) => {
      const seen = new Sequence();
      client.subscribe<{ customerChanged: { cursor: string } }>(
        { query },
        {
          next: ({ data }) => seen.take(Number(data!.customerChanged.cursor)),
          error: (error) => process.stdout.write(`  ${JSON.stringify(error)}\n`),
          complete: () => {},
        },
      );
      return seen;
    });
    await Promise.all(
      servers.map(async ({ address }, at) => {
        for (let count = 0; count < writes / 2; count += 1)
          await ask(address, token, create, { name: `${at}-${count}` });
      }),
    );
    await until('all subscribers have heard everything', 60, () => sequences.every(({ taken }) => taken >= writes));
    const verdict = clean();
    for (const sequence of sequences) add(verdict, sequence.verdict(writes));
    return { writes, subscribers: clients.length, ...verdict };
  } finally {
    for (const client of clients) await client.dispose();
    await Promise.all(servers.map(({ kill }) => kill()));
  }
}
