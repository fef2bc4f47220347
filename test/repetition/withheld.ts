import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to PostgreSQL on which the answer to a commit gets lost, so that a server can be stopped between the two. */
export interface Way {
  /** the same database through this way */
  url: string;
  /** From now on no answer to the commit of a change arrives; resolves when the first one is held back. */
  withhold(): Promise<void>;
  close(): void;
}

/** Names of prepared statements as they stand in the messages of a change that ends: its events, in either form, and then the commit. */
const [events, plainEvents, commit] = ['outbox', 'feed-head', 'commit'].map((name) => Buffer.from(`\0${name}\0`)) as [
  Buffer,
  Buffer,
  Buffer,
];

/** Whether a change has ended in what was sent, which may come in any pieces. */
const ends = (sent: Buffer): boolean =>
  [events, plainEvents].some((one) => sent.includes(one) && sent.includes(commit, sent.indexOf(one)));

/** How PostgreSQL says that it has committed. */
const committed = Buffer.from('COMMIT\0');

export async function wayTo(url: string): Promise<Way> {
  const target = new URL(url);
  const open = new Set<Socket>();
  let withheld: (() => void) | undefined;
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    let sent = Buffer.of();
    let lost: Buffer | undefined;
    for (const socket of [client, database]) open.add(socket.on('error', () => socket.destroy()));
    client.on('data', (data) => {
      if (withheld && !lost) {
        sent = Buffer.concat([sent, data]);
        if (ends(sent)) lost = Buffer.of();
      }
      database.write(data);
    });
    database.on('data', (data) => {
      if (!lost) {
        client.write(data);
        return;
      }
      // what comes first may belong to what was sent before the commit
      lost = Buffer.concat([lost, data]);
      if (lost.includes(committed)) withheld?.();
    });
    client.on('close', () => database.destroy());
    database.on('close', () => client.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const through = new URL(url);
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: String(through),
    withhold: () => new Promise((settle) => (withheld = settle)),
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
