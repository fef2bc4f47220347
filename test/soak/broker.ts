import { spawnSync } from 'node:child_process';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startNats } from '../support/nats.js';
import { beginLoad } from './load.js';
import { examine, Sequence, type Verdict } from './verdict.js';
import { pause, until, type World } from './world.js';

export interface BrokerDown extends Verdict {
  seconds: number;
  /** events that were published, before, during and after */
  events: number;
  /** of these, how many were committed while it was down */
  meanwhile: number;
}

/** Takes the broker away under writes for so many seconds; when it is back, it must get every event once, in order. Null where there is no nats-server on the PATH. */
export async function breakBroker(world: World, seconds: number): Promise<BrokerDown | null> {
  if (spawnSync('nats-server', ['--version']).status !== 0) return null;
  const nats = await startNats();
  const tenant = 'without-broker';
  const server = await world.server({ NATS_URL: nats.url });
  try {
    const load = await beginLoad(tenant, 4, () => server.address, { restMs: 10 });
    await pause(2_000);
    const before = load.acknowledged.length;
    await nats.kill();
    await pause(seconds * 1_000);
    const meanwhile = load.acknowledged.length - before;
    await nats.start();
    await pause(2_000);
    await load.stop();
    const [{ head }] = (await world.sql(tenant, 'select seq as head from feed_head')) as [{ head: string }];
    await until(
      'the broker has everything',
      120,
      async () =>
        (await world.sql(tenant, 'select count(*) as n from feed_reader r, feed_head h where r.seq < h.seq'))[0]![
          'n'
        ] === '0',
    );
    const deliveredEvents = await published(nats.url, tenant);
    const { lost, repeated, half } = deliveredEvents.verdict(Number(head));
    const stored = await examine(world, tenant, load.acknowledged);
    return {
      seconds,
      events: Number(head),
      meanwhile,
      lost: lost + stored.lost,
      repeated: repeated + stored.repeated,
      half: half + stored.half + load.wrong.length,
    };
  } finally {
    await server.kill();
    await nats.stop();
  }
}

/** What lies in the broker's stream of that tenant, by the events' places in the feed. */
async function published(url: string, tenant: string): Promise<Sequence> {
  const nats = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(nats);
    const seen = new Sequence();
    const { name, num_pending: waiting } = await manager.consumers.add('CRM_EVENTS', {
      filter_subject: `crm.events.${tenant}.>`,
      ack_policy: 'none',
    });
    if (waiting === 0) return seen;
    let taken = 0;
    const messages = await (await jetstream(nats).consumers.get('CRM_EVENTS', name)).consume();
    for await (const message of messages) {
      seen.take(Number(message.json<{ sequence: string }>().sequence));
      taken += 1;
      if (taken === waiting) break;
    }
    return seen;
  } finally {
    await nats.close();
  }
}
