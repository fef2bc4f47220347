import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Turns } from '../../src/core/turns.js';
import { cutUnread } from '../../src/server/unread.js';
import { eventually } from '../support/eventually.js';
import { send } from '../support/http.js';
import { tenant } from '../support/tenant.js';

// One caller keeps neither the event loop nor the memory of the server to itself.

test('work that keeps the event loop busy is done one piece at a time, owners take turns, and fifty pieces of one may wait', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const ask = (owner: string): void => {
    const mine = turns.next(owner);
    if (mine) void mine.then(() => order.push(owner));
    else order.push(owner);
  };
  for (let n = 0; n < 51; n += 1) ask('loud');
  expect(order).toEqual(['loud']);
  expect(() => ask('loud')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
  for (let n = 0; n < 3; n += 1) ask('quiet');
  const done: string[] = [];
  setImmediate(() => done.push(...order));
  await eventually(
    async () => order,
    (all) => all.length === 54,
  );
  // what is due meanwhile gets on
  expect(done.length).toBeLessThan(3);
  expect(order.slice(0, 7)).toEqual(['loud', 'loud', 'quiet', 'loud', 'quiet', 'loud', 'quiet']);
});

test('an owner that has kept everybody waiting for long pauses, and others need not', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const work = async (owner: string, milliseconds: number): Promise<void> => {
    await turns.next(owner);
    for (const until = performance.now() + milliseconds; performance.now() < until;);
    order.push(owner);
  };
  await work('loud', 600);
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([work('loud', 0), ...Array.from({ length: 5 }, () => work('quiet', 1))]);
  expect(order).toEqual(['loud', ...Array.from({ length: 5 }, () => 'quiet'), 'loud']);
});

test('work that was done out of turn is charged as well, and costs its owner alone a pause', async () => {
  const turns = new Turns();
  turns.charge('loud', 200);
  expect(turns.pauseOf('loud')).toBe(0);
  turns.charge('loud', 200);
  // of five times what it was, less what may be in arrears and what has passed
  expect(turns.pauseOf('loud')).toBeGreaterThan(700);
  expect(turns.pauseOf('loud')).toBeLessThanOrEqual(1_000);
  expect(turns.pauseOf('quiet')).toBe(0);
  expect(turns.next('quiet')).toBeUndefined();
});

test('it is known whether others are served meanwhile', () => {
  const turns = new Turns();
  expect(turns.areOthersServed('one')).toBe(false);
  turns.noteServed('one');
  turns.noteServed('one');
  expect([turns.areOthersServed('one'), turns.areOthersServed('other')]).toEqual([false, true]);
  turns.noteServed('other');
  expect([turns.areOthersServed('one'), turns.areOthersServed('other')]).toEqual([true, true]);
});

test('where more waits for clients than the server can keep, those are cut that have read nothing for longest', async () => {
  const http = createServer((_request, response) => void response.end(Buffer.alloc(20_000_000)));
  cutUnread(http, 60_000, 45_000_000);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const cut = new Set<number>();
  const ask = (n: number): Socket => {
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    socket.on('error', () => cut.add(n));
    socket.once('close', () => cut.add(n));
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    // a connection that was cut is only found out about by writing
    const timer = setInterval(() => socket.write('\r\n'), 100);
    socket.once('close', () => clearInterval(timer));
    return socket;
  };
  const sockets: Socket[] = [];
  try {
    for (let n = 0; n < 4; n += 1) {
      sockets.push(ask(n));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    await eventually(
      async () => cut.size,
      (count) => count >= 2,
    );
    expect([...cut].sort()).toEqual([0, 1]);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => http.close(resolve));
  }
});

test('a new document is refused by its length, and in the caller’s language', async () => {
  const { admin } = await tenant();
  const query = `{ viewer { roles } } # ${'长'.repeat(100_000)}`;
  const ask = (language: string): ReturnType<typeof send> =>
    send('POST', '/graphql', { authorization: `Bearer ${admin.token}`, 'accept-language': language }, { query });
  const refused = (message: string): unknown[] => [400, { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] }];
  for (const [language, message] of [
    ['en', 'The operation is too large: more than 100000 characters.'],
    ['zh', '操作不能超过 100000 个字符'],
  ] as const) {
    const { status, body } = await ask(language);
    expect([status, body]).toEqual(refused(message));
  }
});

test('whoever asks for a document that is new two hundred times at once is answered each time, by GET and by POST', async () => {
  const { admin } = await tenant();
  const query = `{ a${Date.now()}: customers { totalCount } }`;
  const address = `/graphql?query=${encodeURIComponent(`{ g${query.slice(2)}`)}`;
  const ask = (n: number): Promise<{ status: number }> =>
    n % 2
      ? send('POST', '/graphql', { authorization: `Bearer ${admin.token}` }, { query })
      : send('GET', address, { authorization: `Bearer ${admin.token}`, 'apollo-require-preflight': '1' });
  const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => ask(n)));
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
});
