import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { connectBus, checkOutbox, checkAllOutboxes } from '../feed/bus.js';
import { connectAccessChanges, recheckAccess } from '../feed/access-changes.js';
import { log } from '../core/log.js';
import type { Pool } from './pool.js';

const channel = 'crm_events';
/** What stands in the place of a tenant where access has changed in one. */
const access = 'access';
/** How often outboxes are polled, and how long a lost connection is left alone, in milliseconds. */
const pollMs = 2_000;
/** Notifications within so many milliseconds are sent together. */
const batchMs = 20;

/**
 * Notifies this process and the others when a tenant has new events, or somebody has lost access. NOTIFY is a hint only, sent after the commit; the
 * outbox is the source of truth and is polled every two seconds as well. Returns a function that stops it.
 */
export function startNotifications(pool: Pool): () => Promise<void> {
  // a process ignores its own notifications
  const ownId = randomUUID();
  const notified = new Set<string>();
  let listening: pg.Client | undefined;
  let stopped = false;
  let sending: NodeJS.Timeout | undefined;

  const send = (): void => {
    const tenants = [...notified];
    notified.clear();
    sending = undefined;
    // a hint that is lost in a crash is not missed: its commit need not wait for the disk
    pool
      .global({
        name: 'notify',
        text: `select set_config('synchronous_commit', 'off', true), pg_notify('${channel}', t) from unnest($1::text[]) t`,
        values: [tenants.map((tenant) => `${tenant} ${ownId}`)],
      })
      .catch((error: unknown) =>
        log.debug(
          { event: 'notify.failed', error: String(error) },
          'other processes could not be notified; they poll the outbox',
        ),
      );
  };
  connectBus({
    database: pool,
    seen: (tenantId, seq) => pool.replicas?.positions.raise(tenantId, { seq }),
    notifyOthers: (tenantId) => {
      notified.add(tenantId);
      if (!stopped) sending ??= setTimeout(send, batchMs);
    },
  });

  connectAccessChanges(() => {
    notified.add(access);
    if (!stopped) sending ??= setTimeout(send, batchMs);
  });

  const connect = async (): Promise<void> => {
    if (stopped || listening) return;
    const client = new pg.Client(pool.listenAddress());
    listening = client;
    const lost = (): void => {
      if (listening !== client) return;
      listening = undefined;
      // what others write meanwhile is not told
      pool.replicas?.positions.doubtAll();
    };
    client.on('error', lost).on('end', lost);
    client.on('notification', ({ payload = '' }) => {
      const [tenantId, sender] = payload.split(' ');
      if (sender === ownId) return;
      if (tenantId === access) recheckAccess();
      else {
        pool.replicas?.positions.doubt(tenantId!);
        checkOutbox(tenantId!);
      }
    });
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      pool.replicas?.positions.doubtAll();
      checkAllOutboxes();
    } catch (error) {
      lost();
      log.debug(
        { event: 'notify.listenFailed', error: String(error) },
        'the connection for notifications could not be made; retrying',
      );
      await client.end().catch(() => {});
    }
  };
  void connect();
  const polling = setInterval(() => {
    checkAllOutboxes();
    void connect();
  }, pollMs);

  return async () => {
    stopped = true;
    clearInterval(polling);
    clearTimeout(sending);
    await listening?.end().catch(() => {});
  };
}
