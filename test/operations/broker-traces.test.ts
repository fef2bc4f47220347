import { randomBytes, randomUUID } from 'node:crypto';
import { headers } from '@nats-io/transport-node';
import { administrator, brokerWorld, type BrokerWorld } from '../support/broker.js';
import { collector, type Collector } from '../support/collector.js';
import { eventually } from '../support/eventually.js';
import { describeWith } from '../support/programs.js';

describeWith('nats-server', 'traces over the broker', () => {
  let world: BrokerWorld;
  let place: Collector;
  beforeAll(async () => {
    [world, place] = await Promise.all([brokerWorld(), collector()]);
  }, 120_000);
  afterAll(async () => {
    await world?.stop();
    await place?.close();
  });

  test('events are published within a span that they name, and a message is handled in the trace that it names', async () => {
    const server = await world.server({
      OTEL_EXPORTER_OTLP_ENDPOINT: place.url,
      OTEL_TRACES_SAMPLER: 'always_on',
    });
    const client = await world.client();
    const by = await administrator(world, () => server.address!, `t-${randomUUID()}`);
    await by.graph('mutation { customerCreate(input: { name: "甲" }) { customer { id } } }');
    const [published] = await eventually(
      () => client.messages('CRM_EVENTS', `crm.events.${by.code}.>`),
      (found) => found.length > 0,
    );
    await eventually(
      () => client.manager.streams.names('oa.task.completed').next(),
      (names) => names.length > 0,
    );
    const traceId = randomBytes(16).toString('hex');
    const sender = randomBytes(8).toString('hex');
    const sent = headers();
    sent.set('traceparent', `00-${traceId}-${sender}-01`);
    const id = randomUUID();
    const event = { specversion: '1.0', id, source: '/oa', type: 'oa.task.completed', tenantid: by.code, data: {} };
    await client.stream.publish('oa.task.completed', JSON.stringify(event), { headers: sent });
    await eventually(
      () => client.messages('CRM_DEAD_LETTER', 'crm.dead-letter.oa.task.completed'),
      (found) => found.length > 0,
    );
    await server.stop();
    const [, trace, span] = published!.headers['traceparent']!.split('-');
    expect(place.spans.find((one) => one.id === span)).toMatchObject({
      traceId: trace,
      parent: '',
      name: 'publish events',
      kind: 'PRODUCER',
      failed: false,
      attributes: { 'messaging.system': 'nats', 'crm.tenant': by.code },
    });
    expect(place.spans.find((one) => one.traceId === traceId && one.kind === 'CONSUMER')).toMatchObject({
      parent: sender,
      name: 'process oa.task.completed',
      failed: true,
    });
  }, 120_000);
});
