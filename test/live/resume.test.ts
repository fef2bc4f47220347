import { eventually } from '../support/eventually.js';
import { address } from '../support/http.js';
import { customer } from '../support/records.js';
import { furtherServers, plain, startListening, type Listening } from '../support/server.js';
import { rawSocket, type RawSocket } from '../support/socket.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const query = 'subscription ($after: String) { customerChanged(after: $after) { cursor customer { name } } }';

/** Takes events until there are so many; their places in the feed. */
async function places(feed: { next(): Promise<Data> }, count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) found.push(Number((await feed.next()).customerChanged.cursor));
  return found;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('everything behind the cursor follows, then whatever happens', async () => {
  const { admin, sales } = await tenant();
  for (const name of ['甲', '乙', '丙']) await customer(admin, { name });
  const feed = await admin.subscribe(query, { after: '1' });
  expect(await places(feed, 2)).toEqual([2, 3]);
  await customer(admin, { name: '丁' });
  expect(await places(feed, 1)).toEqual([4]);
  const whole = await admin.subscribe(query, { after: '0' });
  expect(await places(whole, 4)).toEqual([1, 2, 3, 4]);
  await customer(admin, { name: '同事的', owner: await admin.id() });
  await customer(sales, { name: '自己的' });
  const own = await sales.subscribe(query, { after: '3' });
  // the fourth has no owner, the fifth is somebody else's
  expect(await places(own, 2)).toEqual([4, 6]);
  await own.none();
});

test('a cursor behind which events are no longer kept is an error of the operation', async () => {
  const { admin, sql } = await tenant();
  for (const name of ['甲', '乙', '丙']) await customer(admin, { name });
  await sql('delete from outbox where seq <= 2');
  await expect((await admin.subscribe(query, { after: '1' })).next()).rejects.toThrow('CURSOR_EXPIRED');
  expect(await places(await admin.subscribe(query, { after: '2' }), 1)).toEqual([3]);
});

/** A reader that leaves at random moments and goes on behind the last event it saw. */
async function restless(by: Actor, server: string, until: number): Promise<number[]> {
  const seen: number[] = [];
  while ((seen.at(-1) ?? 0) < until) {
    const socket = await rawSocket({ token: by.token, server });
    socket.send({ type: 'subscribe', id: '1', payload: { query, variables: { after: String(seen.at(-1) ?? 0) } } });
    const leave = Math.ceil(Math.random() * 12);
    for (let count = 0; count < leave && (seen.at(-1) ?? 0) < until; count += 1) {
      const { type, payload } = await socket.next();
      expect(type).toBe('next');
      seen.push(Number(payload.data.customerChanged.cursor));
    }
    socket.socket.terminate();
  }
  return seen;
}

async function server(env: Record<string, string>): Promise<Listening> {
  return startListening({ ...plain(), ...env });
}

test('readers that come and go miss and repeat nothing, whichever of two servers they are at', async () => {
  const { admin } = await tenant();
  await admin.id();
  const servers = await furtherServers(2);
  const count = 60;
  const reading = Array.from({ length: 8 }, (_, index) => restless(admin, servers[index % 2]!, count));
  for (let index = 0; index < count; index += 3)
    await Promise.all(['一', '二', '三'].map((part) => customer(admin, { name: `${index}${part}` })));
  for (const seen of await Promise.all(reading)) expect(seen).toEqual(range(1, count));
});

test('what one server commits reaches the subscribers of another', async () => {
  const { admin } = await tenant();
  await admin.id();
  const [writing, telling] = await furtherServers(2);
  const feed = await admin.subscribe('subscription { customerChanged { customer { name } } }', {}, telling);
  const names = Array.from({ length: 12 }, (_, index) => `客户${index}`);
  for (const [index, name] of names.entries()) {
    const answer = await fetch(`${index % 3 ? writing : address()}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        query: 'mutation ($name: String) { customerCreate(input: { name: $name }) { userErrors { code } } }',
        variables: { name },
      }),
    });
    expect(await answer.json()).toEqual({ data: { customerCreate: { userErrors: [] } } });
  }
  const received: string[] = [];
  while (received.length < names.length) received.push((await feed.next()).customerChanged.customer.name);
  expect(received).toEqual(names);
  await feed.none();
});

test('what many receive alike is executed once', async () => {
  const { admin, manager, viewer } = await tenant();
  const started = await server({ LOG_LEVEL: 'debug' });
  try {
    const subscribed = async (by: Actor, text = query): Promise<RawSocket> => {
      const socket = await rawSocket({ token: by.token, server: started.address });
      socket.send({ type: 'subscribe', id: '1', payload: { query: text } });
      socket.send({ type: 'ping' });
      await socket.next();
      return socket;
    };
    const sockets = await Promise.all([
      ...Array.from({ length: 20 }, () => subscribed(admin)),
      ...Array.from({ length: 5 }, () => subscribed(viewer)),
      subscribed(manager, 'subscription { customerChanged { kind } }'),
    ]);
    await customer(admin, { name: '客户' });
    for (const socket of sockets) expect((await socket.next()).type).toBe('next');
    const lines = (): string[] =>
      started
        .output()
        .split('\n')
        .slice(0, -1)
        .filter((line) => line.includes('subscription.published'));
    await eventually(
      async () => lines().length,
      (count) => count >= 3,
    );
    const published = lines().map((line) => JSON.parse(line) as Data);
    expect(published.map(({ executed, subscribers }) => `${executed} for ${subscribers}`).toSorted()).toEqual([
      '1 for 1',
      '1 for 20',
      '1 for 5',
    ]);
  } finally {
    await started.stop();
  }
});

test('a reader that does not read is closed, and goes on behind what it saw', async () => {
  const { admin } = await tenant();
  const long = `subscription ($after: String) { customerChanged(after: $after) { cursor customer { ${Array.from({ length: 60 }, (_, index) => `a${index}: remarks`).join(' ')} } } }`;
  const slow = await rawSocket({ token: admin.token });
  slow.send({ type: 'subscribe', id: '1', payload: { query: long } });
  slow.send({ type: 'ping' });
  await slow.next();
  slow.socket.pause();
  const count = 60;
  for (let index = 0; index < count; index += 1)
    await customer(admin, { name: `${index}`, remarks: '长'.repeat(1_900) });
  slow.socket.resume();
  expect(await slow.closed()).toEqual([1013, 'SLOW_READER']);
  const seen = slow.waiting.map(({ payload }) => Number(payload.data.customerChanged.cursor));
  expect(seen).toEqual(range(1, seen.length));
  expect(seen.length).toBeLessThan(count);
  const rest = await admin.subscribe(query, { after: String(seen.at(-1)) });
  expect(await places(rest, count - seen.length)).toEqual(range(seen.length + 1, count));
});
