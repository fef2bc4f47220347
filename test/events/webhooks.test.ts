import { Webhook } from 'standardwebhooks';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { customer } from '../support/records.js';
import { receiver, type Received } from '../support/receiver.js';
import { tenant, type Data } from '../support/tenant.js';
import { create, read, webhook, rename, sequencesOf, upTo, until } from './webhooks.js';

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
  const { id: later } = await customer(admin, { name: 'B' });
  // an event comes at least once: the first one may have come again
  const found = (): Received | undefined => target.taken.find(({ body }) => JSON.parse(body).subject === later);
  await eventually(async () => found(), Boolean);
  expect([first, second, third].map((secret) => believes(secret, found()!))).toEqual([false, false, true]);
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
  ['a type that is none', { url: 'https://example.com/', types: ['customer.created'] }, ['UNKNOWN_EVENT_TYPE types.0']],
  [
    'a wrong pattern',
    { url: 'https://example.com/', types: ['crm.customer.created', '*'] },
    ['UNKNOWN_EVENT_TYPE types.1'],
  ],
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
