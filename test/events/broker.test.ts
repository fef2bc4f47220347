import { randomUUID } from 'node:crypto';
import { administrator, brokerWorld, type Administrator, type BrokerWorld, type Client } from '../support/broker.js';
import { eventually } from '../support/eventually.js';
import { send, token } from '../support/http.js';
import { describeWith } from '../support/programs.js';
import type { Started } from '../support/server.js';
import type { Data } from '../support/tenant.js';

const create =
  'mutation ($name: String!) { customerCreate(input: { name: $name }) { customer { id } userErrors { code } } }';

describeWith('nats-server', 'events are published to the broker', () => {
  let world: BrokerWorld;
  let client: Client;
  let first: Started;
  let second: Started;

  beforeAll(async () => {
    world = await brokerWorld();
    first = await world.server();
    second = await world.server();
    client = await world.client();
    await eventually(
      () => send('GET', `${first.address}/health`),
      ({ body }) => body.checks.broker === 'up',
    );
  }, 60_000);
  afterAll(() => world?.stop());

  const newTenant = (): Promise<Administrator> => administrator(world, () => first.address!, `t-${randomUUID()}`);
  const customers = async (by: Administrator, names: string[]): Promise<void> =>
    void (await Promise.all(names.map((name) => by.graph(create, { name }))));
  const published = (by: Administrator): Promise<Data[]> => client.messages('CRM_EVENTS', `crm.events.${by.code}.>`);
  const sequences = async (by: Administrator): Promise<string[]> =>
    (await published(by)).map(({ text }) => JSON.parse(text).sequence);
  const upTo = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 1));
  const place = async (by: Administrator): Promise<Data> =>
    (await by.sql("select seq::int, holder, failures from feed_reader where name = 'broker'"))[0] ?? {};

  test('as CloudEvents, under a subject of tenant and type, with the id of the event as the id of the message', async () => {
    const by = await newTenant();
    const { customerCreate } = await by.graph(create, { name: '华信' });
    const [message] = await eventually(
      () => published(by),
      (found) => found.length > 0,
    );
    const [stored] = await by.sql('select id::text, trace_id from outbox');
    expect(message).toMatchObject({
      subject: `crm.events.${by.code}.customer.created`,
      headers: { 'nats-msg-id': stored.id, 'content-type': 'application/cloudevents+json; charset=utf-8' },
    });
    expect(JSON.parse(message.text)).toMatchObject({
      specversion: '1.0',
      id: stored.id,
      type: 'crm.customer.created',
      subject: customerCreate.customer.id,
      tenantid: by.code,
      traceid: stored.trace_id,
      sequence: '1',
    });
    await eventually(
      () => place(by),
      ({ seq, holder }) => seq === 1 && holder === null,
    );
  });

  test('a tenant whose code is no token of a subject has one all the same', async () => {
    const by = await administrator(world, () => first.address!, `甲.${randomUUID()}`);
    await by.graph(create, { name: 'A' });
    const subject = `crm.events.${by.code.replace('.', '%2E')}.customer.created`;
    expect(
      await eventually(
        () => client.messages('CRM_EVENTS', subject),
        (found) => found.length > 0,
      ),
    ).toMatchObject([{ subject }]);
  });

  test('in the order of the commits, each once, while two servers write and both could publish', async () => {
    const by = await newTenant();
    const other = await administrator(world, () => second.address!, by.code);
    const acknowledged = async (): Promise<number> => {
      const bearer = await token({ tenant_id: 'default', roles: ['platform_admin'] });
      const counters = await Promise.all(
        [first, second].map(({ address }) =>
          send('GET', `${address}/metrics/server`, { authorization: `Bearer ${bearer}` }),
        ),
      );
      return counters.reduce((sum, { body }) => sum + Number(/^crm_broker_published_total (\d+)$/m.exec(body)![1]), 0);
    };
    const before = await acknowledged();
    await customers(by, ['先']);
    await Promise.all([
      customers(
        by,
        Array.from({ length: 60 }, (_, index) => `甲${index}`),
      ),
      customers(
        other,
        Array.from({ length: 60 }, (_, index) => `乙${index}`),
      ),
    ]);
    await eventually(
      () => place(by),
      ({ seq, holder }) => seq === 121 && holder === null,
    );
    expect(await sequences(by)).toEqual(upTo(121));
    // one of them at a time published, so that the broker had nothing to drop
    expect((await acknowledged()) - before).toBe(121);
  });

  test('an event that is sent again because its acknowledgement was not recorded is kept once', async () => {
    const by = await newTenant();
    await customers(by, ['A', 'B', 'C']);
    await eventually(
      () => place(by),
      ({ seq, holder }) => seq === 3 && holder === null,
    );
    const { state: before } = await client.manager.streams.info('CRM_EVENTS');
    await by.sql("update feed_reader set seq = 0 where name = 'broker'");
    await customers(by, ['D']);
    await eventually(
      () => place(by),
      ({ seq, holder }) => seq === 4 && holder === null,
    );
    expect(await sequences(by)).toEqual(upTo(4));
    expect((await client.manager.streams.info('CRM_EVENTS')).state.last_seq).toBe(before.last_seq + 1);
  });

  test('and counted for Prometheus, across tenants: only for those who see all of them', async () => {
    const counters = async (claims: object): Promise<Data> =>
      send('GET', `${first.address}/metrics/server`, {
        authorization: `Bearer ${await token({ tenant_id: 'default', ...claims })}`,
      });
    const { status, body } = await counters({ roles: ['platform_admin'] });
    expect([
      status,
      body.match(/^crm_broker_\w+ \d+$/gm).map((connection: string) => connection.split(' ')[0]),
    ]).toEqual([
      200,
      [
        'crm_broker_up',
        'crm_broker_lag_events',
        'crm_broker_published_total',
        'crm_broker_publish_failures_total',
        'crm_broker_lost_events_total',
        'crm_broker_consumed_total',
        'crm_broker_repeated_total',
        'crm_broker_dead_letters_total',
      ],
    ]);
    expect(body).toContain('\ncrm_broker_up 1\n');
    expect((await counters({ roles: ['service'], scope: 'crm:admin' })).status).toBe(200);
    expect([
      (await counters({ roles: ['tenant_admin'] })).status,
      (await counters({ roles: ['service'], scope: 'crm:read' })).status,
      (await send('GET', `${first.address}/metrics/server`)).status,
    ]).toEqual([403, 403, 401]);
  });

  test('while the broker is away the server works and says so; when it is back everything arrives once', async () => {
    const by = await newTenant();
    await customers(by, ['A']);
    await eventually(
      () => place(by),
      ({ seq, holder }) => seq === 1 && holder === null,
    );
    await world.nats.kill();
    await eventually(
      () => send('GET', `${first.address}/health`),
      ({ body }) => body.checks.broker === 'down',
    );
    await customers(
      by,
      Array.from({ length: 30 }, (_, index) => `缺${index}`),
    );
    const away = await eventually(
      () => send('GET', `${first.address}/health`),
      ({ body }) => body.broker.lag >= 30,
    );
    expect([away.status, away.body]).toMatchObject([200, { status: 'up', checks: { database: 'up', broker: 'down' } }]);
    await world.nats.start();
    await eventually(
      () => place(by),
      ({ seq, holder }) => seq === 31 && holder === null,
    );
    expect(
      await eventually(
        () => sequences(by),
        (found) => found.length >= 31,
      ),
    ).toEqual(upTo(31));
    await eventually(
      () => send('GET', `${first.address}/health`),
      ({ body }) => body.checks.broker === 'up' && body.broker.lag === 0,
    );
  }, 60_000);

  test('a server that is killed while it publishes leaves nothing out and nothing twice', async () => {
    const by = await administrator(world, () => second.address!, `t-${randomUUID()}`);
    await customers(by, ['先']);
    const writing = customers(
      by,
      Array.from({ length: 40 }, (_, index) => `${index}`),
    );
    await eventually(
      () => place(by),
      ({ seq }) => seq > 5,
    );
    await first.kill();
    await writing;
    await eventually(
      () => place(by),
      ({ seq, holder }) => seq === 41 && holder === null,
    );
    expect(await sequences(by)).toEqual(upTo(41));
    first = await world.server();
  }, 60_000);
});
