import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { ownDatabase, type OwnDatabase, environmentOf } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { token } from '../support/http.js';
import { type Started, plain, startListening, type Listening } from '../support/server.js';
import { rawSocket } from '../support/socket.js';

// Servers behind a proxy that knows no more than which of them accept connections, and the workers of one server, are replaced
// one after the other, while requests come over connections that are kept and subscriptions go on behind what they have seen.

const perSecond = 200;
let database: OwnDatabase;
let owner: pg.Client;
let number = 0;

const start = async (environment: Record<string, string> = {}): Promise<Listening> => {
  return startListening({
    ...plain(),
    ...environmentOf(database),
    ...environment,
  });
};

beforeAll(async () => {
  database = await ownDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
}, 120_000);

afterAll(async () => {
  await owner.end();
  await database.stop();
});

/** What is replaced while it is asked. */
interface Rolled {
  address: string;
  replace: () => Promise<void>;
  stop: () => Promise<void>;
}

async function twoServers(): Promise<Rolled> {
  const servers = [await start(), await start()];
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => {});
    const [first, second] = [...servers].sort(() => Math.random() - 0.5);
    const open = ({ address }: Started, otherwise?: Started): void => {
      const { hostname, port } = new URL(address!);
      const server = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
      server.once('connect', () => client.pipe(server).pipe(client));
      server.on('error', () => (server.pending && otherwise ? open(otherwise) : client.destroy()));
      client.once('close', () => server.destroy());
    };
    open(first!, second);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    replace: async () => {
      for (let n = 0; n < servers.length; n += 1) {
        await wait(500);
        await servers[n]!.stop();
        servers[n] = await start();
      }
    },
    stop: async () => {
      for (const server of servers) await server.stop();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

async function twoWorkers(): Promise<Rolled> {
  const server = await start({ CRM_WORKERS: '2' });
  return {
    address: server.address,
    replace: async () => {
      process.kill(server.pid, 'SIGUSR2');
      await eventually(
        async () => server.output(),
        (said) => said.includes('"workers.replaced"'),
      );
    },
    stop: () => server.stop(),
  };
}

const stops: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const agent = new Agent({ keepAlive: true, maxSockets: 20, scheduling: 'fifo' });

/** A request over a connection that is kept; resolves with its status and body, or why there is none. */
function ask(address: string, bearer: string, query: string, key?: string): Promise<string> {
  const body = JSON.stringify({ query });
  return new Promise((resolve) => {
    const sent = request(
      {
        agent,
        method: 'POST',
        path: '/graphql',
        port: new URL(address).port,
        headers: {
          authorization: `Bearer ${bearer}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...(key && { 'idempotency-key': key }),
        },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(`${response.statusCode} ${text.trim()}`));
        response.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    sent.end(body);
  });
}

/** A subscriber that goes on behind the last event it has seen whenever its socket is closed. */
interface Subscriber {
  /** places in the feed, in the order in which they came */
  seen: number[];
  /** with which codes its sockets were closed by the server */
  codes: number[];
  end: () => Promise<void>;
}

async function subscriber(address: string, bearer: string): Promise<Subscriber> {
  const query = 'subscription ($after: String) { customerChanged(after: $after) { cursor } }';
  const seen: number[] = [];
  const codes: number[] = [];
  let close = (): void => {};
  let isOver = false;
  const open = async (): Promise<{ closed: Promise<number> }> => {
    const raw = await rawSocket({ token: bearer, server: address });
    const { socket, waiting } = raw;
    close = () => socket.close();
    const take = (): void => {
      for (const { type, payload } of waiting.splice(0)) {
        if (type !== 'next' || payload.errors) throw new Error(JSON.stringify([type, payload]));
        seen.push(Number(payload.data.customerChanged.cursor));
      }
    };
    socket.on('message', take);
    raw.send({ id: '1', type: 'subscribe', payload: { query, variables: { after: String(seen.at(-1) ?? 0) } } });
    return { closed: once(socket, 'close').then(([code]) => code as number) };
  };
  let { closed } = await open();
  const running = (async () => {
    for (;;) {
      const code = await closed;
      if (isOver) return;
      codes.push(code);
      ({ closed } = await open());
    }
  })();
  return {
    seen,
    codes,
    end: async () => {
      isOver = true;
      close();
      await running;
    },
  };
}

test.each([
  ['two servers behind a proxy', twoServers],
  ['the workers of one server', twoWorkers],
] as const)(
  `%s are replaced in turn under ${perSecond} requests per second over kept connections: no request is reset, lost or done twice, and no subscriber misses an event or gets it twice`,
  async (_, begin) => {
    const tenant = `rolling-${(number += 1)}`;
    const bearer = await token({ sub: 'admin', tenant_id: tenant });
    const { address, replace, stop } = await begin();
    stops.push(stop);
    expect(await ask(address, bearer, '{ customers { totalCount } }')).toMatch(/^200 /);
    const subscribers = await Promise.all(Array.from({ length: 6 }, () => subscriber(address, bearer)));
    let rolling = true;
    const answers: Array<Promise<[sent: string, answer: string]>> = [];
    const load = (async () => {
      const began = performance.now();
      for (let n = 0; rolling; n += 1) {
        const early = began + (n * 1_000) / perSecond - performance.now();
        if (early > 0) await wait(early);
        const name = `rolling ${n}`;
        answers.push(
          n % 4 === 0
            ? ask(
                address,
                bearer,
                `mutation { customerCreate(input: { name: "${name}" }) { userErrors { code } } }`,
                name,
              ).then((said) => [name, said])
            : ask(address, bearer, '{ customers(first: 1) { nodes { name } } }').then((said) => ['', said]),
        );
      }
    })();
    await wait(500);
    await replace();
    await wait(500);
    rolling = false;
    await load;
    const all = await Promise.all(answers);
    const failed = all.filter(([, answer]) => !answer.startsWith('200 {"data":{') || answer.includes('"errors"'));
    expect(failed).toEqual([]);
    const created = all.map(([name]) => name).filter(Boolean);
    expect(created.length).toBeGreaterThan(perSecond / 4);
    await owner.query("select set_config('app.tenant_id', (select id::text from tenant where code = $1), false)", [
      tenant,
    ]);
    const { rows } = await owner.query<{ name: string }>('select name from customer order by name');
    expect(rows.map(({ name }) => name)).toEqual(created.sort());
    const whole = created.map((__, index) => index + 1);
    for (const { seen, codes, end } of subscribers) {
      await eventually(
        async () => seen.length,
        (count) => count >= whole.length,
      );
      expect(seen).toEqual(whole);
      // the code on which clients connect again
      expect(codes.length).toBeGreaterThan(0);
      expect(new Set(codes)).toEqual(new Set([1001]));
      await end();
    }
  },
  180_000,
);
