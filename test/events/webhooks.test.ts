import { Webhook } from 'standardwebhooks';
import { setTimeout as pause } from 'node:timers/promises';
import { customer } from '../support/records.js';
import { receiver, type Received } from '../support/receiver.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const shown =
  'id url types status disabledReason cursor failures circuit lastError lastSuccessAt failingSince waitingCount deadCount version deliveries { nodes { id event type recordId status attempts firstAttemptAt nextAttemptAt lastError cursor } }';
const create = `mutation ($input: WebhookInput!) { webhookCreate(input: $input) { secret webhook { ${shown} } userErrors { code field } } }`;
const read = `query ($id: ID!) { webhook(id: $id) { ${shown} } }`;

const webhook = async (by: Actor, input: object): Promise<Data> => {
  const { webhookCreate } = await by.graph(create, { input });
  if (webhookCreate.userErrors.length > 0) throw new Error(JSON.stringify(webhookCreate.userErrors));
  return { ...webhookCreate.webhook, secret: webhookCreate.secret };
};
const rename = (by: Actor, id: string, name: string): Promise<Data> =>
  by.graph(
    'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { userErrors { code } } }',
    { id, input: { name } },
  );
const sequencesOf = (requests: Received[]): number[] => requests.map(({ event }) => Number(event.sequence));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Reads the webhook again and again until it is as wished; the test's own limit ends what never is. */
async function until(by: Actor, id: string, wished: (found: Data) => boolean): Promise<Data> {
  for (;;) {
    const found = (await by.graph(read, { id })).webhook;
    if (wished(found)) return found;
    await pause(30);
  }
}

test('an event is posted as a CloudEvent, signed so that the package `standardwebhooks` believes it', async () => {
  const { admin, code } = await tenant();
  const target = await receiver();
  const { id, secret } = await webhook(admin, { url: target.url });
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const made = await customer(admin, { name: '华信' });
  const [request] = await target.until(1);
  const verified = new Webhook(secret).verify(request!.body, request!.headers as Record<string, string>);
  const { changes } = await admin.graph('{ changes { events { id cloudEvent } } }');
  expect(verified).toEqual(JSON.parse(changes.events[0].cloudEvent));
  expect(verified).toMatchObject({ type: 'crm.customer.created', subject: made.id, tenantid: code });
  expect([request!.headers['webhook-id'], request!.headers['content-type']]).toEqual([
    changes.events[0].id,
    'application/cloudevents+json; charset=utf-8',
  ]);
  expect(() =>
    new Webhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw').verify(
      request!.body,
      request!.headers as Record<string, string>,
    ),
  ).toThrow('No matching signature found');
  const after = await until(admin, id, ({ cursor }) => cursor === '1');
  expect(after).toMatchObject({
    status: 'ENABLED',
    circuit: 'CLOSED',
    failures: 0,
    failingSince: null,
    lastError: null,
    waitingCount: 0,
    deadCount: 0,
    lastSuccessAt: expect.any(String),
  });
});

test('a webhook is sent what happens from its creation on, of the types that it asks for', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: '之前' });
  const [some, all] = [await receiver(), await receiver()];
  await webhook(admin, { url: some.url, types: ['crm.customer.updated', 'crm.contact.*'] });
  await webhook(admin, { url: all.url });
  await rename(admin, id, '之后');
  await customer(admin, { name: '又一个' });
  await admin.graph('mutation { contactCreate(input: { name: "王" }) { userErrors { code } } }');
  await all.until(3);
  expect(all.taken.map(({ event }) => event.type)).toEqual([
    'crm.customer.updated',
    'crm.customer.created',
    'crm.contact.created',
  ]);
  await some.until(2);
  expect(some.received.map(({ event }) => event.type)).toEqual(['crm.customer.updated', 'crm.contact.created']);
});

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
  const { webhookRetry } = await admin.graph(
    'mutation ($id: ID!, $deliveries: [ID!]) { webhookRetry(id: $id, deliveries: $deliveries) { count userErrors { code } } }',
    { id, deliveries: [deliveries.nodes[0].id] },
  );
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

test('everything behind a cursor is delivered again, under the same ids', async () => {
  const { admin } = await tenant();
  for (const name of ['A', 'B', 'C']) await customer(admin, { name });
  const target = await receiver();
  const { id } = await webhook(admin, { url: target.url });
  const replay =
    'mutation ($id: ID!, $after: String) { webhookReplay(id: $id, after: $after) { webhook { id } userErrors { code } } }';
  await admin.graph(replay, { id, after: '1' });
  await target.until(2);
  await until(admin, id, ({ cursor }) => cursor === '3');
  await admin.graph(replay, { id });
  await target.until(5);
  expect(sequencesOf(target.taken)).toEqual([2, 3, ...upTo(3)]);
  expect(target.taken[0]!.headers['webhook-id']).toBe(target.taken[3]!.headers['webhook-id']);
  expect(await admin.graph.refused(replay, { id, after: '9' })).toEqual(['CURSOR_INVALID']);
});

test('after a rotation both secrets hold for a while, or only the new one', async () => {
  const { admin, sql } = await tenant();
  const target = await receiver();
  const { id, secret: first } = await webhook(admin, { url: target.url });
  const rotate =
    'mutation ($id: ID!, $hours: Int) { webhookRotateSecret(id: $id, overlapHours: $hours) { secret userErrors { code field } } }';
  const second = (await admin.graph(rotate, { id })).webhookRotateSecret.secret;
  await customer(admin, { name: 'A' });
  await target.until(1);
  const believes = (secret: string, { body, headers }: Received): boolean => {
    try {
      return Boolean(new Webhook(secret).verify(body, headers as Record<string, string>));
    } catch {
      return false;
    }
  };
  expect([believes(first, target.taken[0]!), believes(second, target.taken[0]!)]).toEqual([true, true]);
  const third = (await admin.graph(rotate, { id, hours: 0 })).webhookRotateSecret.secret;
  await customer(admin, { name: 'B' });
  await target.until(2);
  expect([first, second, third].map((secret) => believes(secret, target.taken[1]!))).toEqual([false, false, true]);
  expect(await admin.graph.userErrors(rotate, { id, hours: 169 })).toEqual(['OUT_OF_RANGE overlapHours']);
  // secrets stand neither in the audit log nor in the feed
  expect(
    await sql(
      "select act from audit_entry where changes::text like '%whsec%' union all select type from outbox where data::text like '%whsec%'",
    ),
  ).toEqual([]);
  expect(
    (await sql("select act from audit_entry where record_type = 'Webhook' order by number")).map(({ act }) => act),
  ).toEqual(['webhook.create', 'webhook.rotateSecret', 'webhook.rotateSecret']);
});

test('a webhook that has received everything is left alone until something happens', async () => {
  const { admin, sql } = await tenant();
  const target = await receiver();
  const { id } = await webhook(admin, { url: target.url });
  await customer(admin, { name: '甲' });
  await until(admin, id, ({ cursor }) => cursor === '1');
  const reader = async (): Promise<Data> => (await sql('select holder, wake_at from feed_reader'))[0];
  let found = await reader();
  while (found.holder !== null) found = await reader();
  expect(found).toEqual({ holder: null, wake_at: null });
});

test('a deleted webhook is sent nothing and leaves no secret', async () => {
  const { admin, sql } = await tenant();
  const target = await receiver();
  const { id } = await webhook(admin, { url: target.url });
  expect(
    await admin.graph('mutation ($id: ID!) { webhookDelete(id: $id) { deletedId userErrors { code } } }', { id }),
  ).toEqual({ webhookDelete: { deletedId: id, userErrors: [] } });
  await customer(admin, { name: 'A' });
  await pause(300);
  expect(target.received).toEqual([]);
  expect(
    await sql(
      'select (select count(*)::int from webhook_secret) secrets, (select count(*)::int from feed_reader) readers',
    ),
  ).toEqual([{ secrets: 0, readers: 0 }]);
  expect((await admin.graph(read, { id })).webhook).toBeNull();
});

test.each<[string, object, string[]]>([
  ['no address', {}, ['REQUIRED url']],
  ['an empty address', { url: null }, ['REQUIRED url']],
  ['an address that is none', { url: 'somewhere' }, ['INVALID url']],
  ['an address of another protocol', { url: 'ftp://example.com/' }, ['INVALID url']],
  ['an address with a password', { url: 'https://user:secret@example.com/' }, ['INVALID url']],
  ['a long address', { url: `https://example.com/${'x'.repeat(2000)}` }, ['TOO_LONG url']],
  ['a type that is none', { url: 'https://example.com/', types: ['customer.created'] }, ['INVALID types.0']],
  ['a wrong pattern', { url: 'https://example.com/', types: ['crm.customer.created', '*'] }, ['INVALID types.1']],
  [
    'many types',
    { url: 'https://example.com/', types: Array.from({ length: 101 }, () => 'crm.customer.*') },
    ['OUT_OF_RANGE types'],
  ],
  ['a private address', { url: 'https://10.0.0.1/' }, ['TARGET_REFUSED url']],
])('%s is refused and nothing stored', async (_what, input, errors) => {
  const { admin, sql } = await tenant();
  expect(await admin.graph.userErrors(create, { input })).toEqual(errors);
  expect(
    await sql('select (select count(*)::int from webhook) webhooks, (select count(*)::int from audit_entry) audit'),
  ).toEqual([{ webhooks: 0, audit: 0 }]);
});

test('a webhook is changed by those who administer the tenant, and seen by nobody else', async () => {
  const { admin, manager, sales, viewer, outsider } = await tenant();
  const target = await receiver();
  const { id } = await webhook(admin, { url: target.url, types: ['crm.customer.*'] });
  const update =
    'mutation ($id: ID!, $input: WebhookInput!, $version: Int) { webhookUpdate(id: $id, input: $input, version: $version) { webhook { description types version } userErrors { code field } } }';
  expect((await admin.graph(update, { id, input: { description: '仓库' }, version: 1 })).webhookUpdate).toEqual({
    webhook: { description: '仓库', types: ['crm.customer.*'], version: 2 },
    userErrors: [],
  });
  expect((await admin.graph(update, { id, input: { types: ['crm.customer.*'] } })).webhookUpdate.webhook.version).toBe(
    2,
  );
  expect((await admin.graph(update, { id, input: { types: null } })).webhookUpdate.webhook.types).toEqual([]);
  expect(await admin.graph.userErrors(update, { id, input: {}, version: 1 })).toEqual(['VERSION_CONFLICT version']);
  for (const other of [manager, sales, viewer]) {
    expect(await other.graph.refused(update, { id, input: { description: 'x' } })).toEqual(['FORBIDDEN']);
    expect(await other.graph.refused('{ webhooks { totalCount } }')).toEqual(['FORBIDDEN']);
    expect(await other.graph('query ($id: ID!) { webhook(id: $id) { id } node(id: $id) { id } }', { id })).toEqual({
      webhook: null,
      node: null,
    });
  }
  expect((await outsider.graph(read, { id })).webhook).toBeNull();
  expect(
    (await admin.graph('{ webhooks(filter: { status: [ENABLED] }) { totalCount nodes { id } } }')).webhooks,
  ).toEqual({ totalCount: 1, nodes: [{ id }] });
});
