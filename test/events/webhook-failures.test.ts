import { setTimeout as pause } from 'node:timers/promises';
import { customer } from '../support/records.js';
import { receiver } from '../support/receiver.js';
import { tenant } from '../support/tenant.js';
import { webhook, rename, sequencesOf, upTo, until } from './webhooks.js';

// What becomes of events that a webhook does not take.

test('what fails is tried again, later events of the same record wait for it, others do not', async () => {
  const { admin } = await tenant();
  const target = await receiver();
  const { id } = await webhook(admin, { url: target.url });
  const [one, other] = [await customer(admin, { name: '甲' }), await customer(admin, { name: '乙' })];
  await target.until(2);
  let failing = true;
  target.answer(({ event }) => (failing && event.subject === one.id ? 500 : 200));
  await rename(admin, one.id, '甲2');
  await rename(admin, one.id, '甲3');
  await rename(admin, other.id, '乙2');
  await target.until(3);
  expect(sequencesOf(target.taken)[2]).toBe(5);
  const waiting = await until(admin, id, ({ waitingCount, cursor }) => waitingCount === 2 && cursor === '5');
  expect(waiting).toMatchObject({
    lastError: 'HTTP 500.',
    deliveries: {
      nodes: [
        {
          recordId: one.id,
          type: 'crm.customer.updated',
          status: 'WAITING',
          cursor: '3',
          lastError: 'HTTP 500.',
          firstAttemptAt: expect.any(String),
        },
        { recordId: one.id, status: 'WAITING', cursor: '4', attempts: 0, firstAttemptAt: null, nextAttemptAt: null },
      ],
    },
  });
  failing = false;
  await target.until(5);
  expect(sequencesOf(target.taken)).toEqual([...sequencesOf(target.taken.slice(0, 2)), 5, 3, 4]);
  expect(await until(admin, id, ({ waitingCount }) => waitingCount === 0)).toMatchObject({
    failures: 0,
    failingSince: null,
    circuit: 'CLOSED',
    deliveries: { nodes: [] },
  });
});

test('so they do where many are looked at together', async () => {
  const { admin } = await tenant();
  const [one, other] = [await customer(admin, { name: '甲' }), await customer(admin, { name: '乙' })];
  for (const name of ['甲2', '甲3']) await rename(admin, one.id, name);
  await rename(admin, other.id, '乙2');
  let failing = true;
  const target = await receiver(({ event }) => (failing && event.sequence === '1' ? 500 : 200));
  const { id } = await webhook(admin, { url: target.url });
  await admin.graph('mutation ($id: ID!) { webhookReplay(id: $id) { userErrors { code } } }', { id });
  expect(sequencesOf(await target.until(2))).toEqual([2, 5]);
  await until(admin, id, ({ waitingCount }) => waitingCount === 3);
  failing = false;
  expect(sequencesOf(await target.until(5))).toEqual([2, 5, 1, 3, 4]);
});

test.each<[string, Parameters<typeof receiver>[0], string]>([
  ['does not answer in time', () => 'silence', 'There was no answer within 500 ms.'],
  [
    'answers with a redirect',
    () => ({ status: 302, headers: { location: '/elsewhere' } }),
    'HTTP 302: redirects are not followed.',
  ],
  ['answers with an error', () => 503, 'HTTP 503.'],
])('a receiver that %s has not received the event', async (_what, how, error) => {
  const { admin } = await tenant();
  const target = await receiver(how);
  const { id } = await webhook(admin, { url: target.url });
  await customer(admin, { name: '甲' });
  expect(await until(admin, id, ({ failures }) => failures > 0)).toMatchObject({
    lastError: error,
    lastSuccessAt: null,
    waitingCount: 1,
    failingSince: expect.any(String),
  });
  target.answer(() => 200);
  await target.until(1);
  expect(new Set(target.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

test('an address where nobody listens has not received the event', async () => {
  const { admin } = await tenant();
  const { id } = await webhook(admin, { url: 'http://127.0.0.1:9/hook' });
  await customer(admin, { name: '甲' });
  expect(await until(admin, id, ({ failures }) => failures > 0)).toMatchObject({
    lastError: 'The connection failed (ECONNREFUSED).',
  });
});

test('after five failures in a row nothing is tried for a while, then one delivery decides; nothing is lost', async () => {
  const { admin } = await tenant();
  const target = await receiver(() => 500);
  const { id } = await webhook(admin, { url: target.url });
  const names = Array.from({ length: 40 }, (_, index) => `客户${index}`);
  await Promise.all(names.map((name) => customer(admin, { name })));
  const broken = await until(admin, id, ({ circuit }) => circuit === 'OPEN');
  // without the breaker each of forty records would have been tried at once
  expect(broken.failures).toBeLessThan(20);
  target.answer(() => 200);
  await target.until(40);
  expect(await until(admin, id, ({ waitingCount, cursor }) => waitingCount === 0 && cursor === '40')).toMatchObject({
    circuit: 'CLOSED',
    failures: 0,
  });
  expect(sequencesOf(target.taken).toSorted((a, b) => a - b)).toEqual(upTo(40));
});

test('a receiver that asks to be left alone is', async () => {
  const { admin } = await tenant();
  const target = await receiver(() => ({ status: 429, headers: { 'retry-after': '2' } }));
  const { id } = await webhook(admin, { url: target.url });
  await customer(admin, { name: '甲' });
  await until(admin, id, ({ failures }) => failures === 1);
  await pause(500);
  expect(target.received).toHaveLength(1);
  target.answer(() => 200);
  await target.until(1);
});

test("what was tried for too long is dead, is listed, and can be tried again; the record's later events go on", async () => {
  const { admin } = await tenant();
  const target = await receiver();
  const { id } = await webhook(admin, { url: target.url });
  const poison = await customer(admin, { name: '毒' });
  await target.until(1);
  target.answer(({ event }) => (event.sequence === '2' ? 422 : 200));
  await rename(admin, poison.id, '毒2');
  await rename(admin, poison.id, '毒3');
  await customer(admin, { name: '别的' });
  await target.until(3);
  expect(sequencesOf(target.taken).toSorted()).toEqual([1, 3, 4]);
  const { deliveries } = await until(admin, id, ({ deadCount, waitingCount }) => deadCount === 1 && waitingCount === 0);
  expect(deliveries.nodes).toMatchObject([
    { status: 'DEAD', cursor: '2', lastError: 'HTTP 422.', nextAttemptAt: null },
  ]);
  target.answer(() => 200);
  const other = await webhook(admin, { url: target.url });
  const dead = deliveries.nodes[0].id;
  const retry =
    'mutation ($id: ID!, $deliveries: [ID!]) { webhookRetry(id: $id, deliveries: $deliveries) { count userErrors { code field } } }';
  const refused = (of: string, named: string[]): Promise<string[]> =>
    admin.graph.userErrors(retry, { id: of, deliveries: named });
  const unknown = '01900000-0000-7000-8000-000000000000';
  expect(await refused(id, [dead, unknown, 'x'])).toEqual([
    'UNKNOWN_REFERENCE deliveries.1',
    'UNKNOWN_REFERENCE deliveries.2',
  ]);
  expect(await refused(other.id, [dead])).toEqual(['UNKNOWN_REFERENCE deliveries.0']);
  expect(target.taken).toHaveLength(3);
  const { webhookRetry } = await admin.graph(retry, { id, deliveries: [dead] });
  expect(webhookRetry).toEqual({ count: 1, userErrors: [] });
  await target.until(4);
  expect(sequencesOf(target.taken).at(-1)).toBe(2);
  await until(admin, id, ({ deadCount }) => deadCount === 0);
}, 60_000);

test('a webhook that fails for too long is disabled with the reason, and goes on from there when it is enabled', async () => {
  const { admin, sql } = await tenant();
  const target = await receiver(() => 500);
  const { id } = await webhook(admin, { url: target.url });
  await customer(admin, { name: '甲' });
  const disabled = await until(admin, id, ({ status }) => status === 'DISABLED');
  expect(disabled.disabledReason).toBe(`No delivery has succeeded since ${disabled.failingSince}: HTTP 500.`);
  expect(await sql("select actor_login, face, act from audit_entry where act = 'webhook.disable'")).toEqual([
    { actor_login: 'system', face: 'system', act: 'webhook.disable' },
  ]);
  await customer(admin, { name: '乙' });
  target.answer(() => 200);
  expect(
    await admin.graph(
      'mutation ($id: ID!) { webhookEnable(id: $id) { webhook { status disabledReason failures } userErrors { code } } }',
      { id },
    ),
  ).toEqual({ webhookEnable: { webhook: { status: 'ENABLED', disabledReason: null, failures: 0 }, userErrors: [] } });
  await target.until(1);
  await until(admin, id, ({ cursor }) => cursor === '2');
  expect(sequencesOf(target.taken)).toContain(2);
}, 60_000);

test('a receiver that says it is gone is sent nothing any more', async () => {
  const { admin } = await tenant();
  const target = await receiver(() => 410);
  const { id } = await webhook(admin, { url: target.url });
  await customer(admin, { name: '甲' });
  expect(await until(admin, id, ({ status }) => status === 'DISABLED')).toMatchObject({
    disabledReason: 'The webhook answered that it is gone (HTTP 410).',
    waitingCount: 1,
  });
  await customer(admin, { name: '乙' });
  await pause(300);
  expect(target.received).toHaveLength(1);
});
