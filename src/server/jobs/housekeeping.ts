import { forJobs, type Database, type Statement } from '../../core/database.js';
import { log } from '../../core/log.js';

const minute = 60_000;
const hour = 60 * minute;
/** How many days a delivery that was given up can still be tried again. */
const deadDays = 30;
/** How many days it is remembered who called an endpoint. */
const unusedDays = 400;
/** How many days it is remembered that it was said of a record that a rule will take it. */
const remindedDays = 400;

/** What is thrown away in each tenant once its time is over. */
const outdated =
  (options: { feedDays: number }): ((tenantId: string) => Statement[]) =>
  (tenantId) => [
    {
      name: 'clean-keys',
      text: 'delete from idempotency_key where tenant_id = $1 and expires_at <= now()',
      values: [tenantId],
    },
    // by their place, since an event may have begun before its predecessor: what is kept has no gap
    {
      name: 'clean-feed',
      text: 'delete from outbox where tenant_id = $1 and seq <= (select max(seq) from outbox where tenant_id = $1 and at < now() - make_interval(days => $2::int))',
      values: [tenantId, options.feedDays],
    },
    {
      name: 'clean-secrets',
      text: 'delete from webhook_secret where tenant_id = $1 and expires_at <= now()',
      values: [tenantId],
    },
    {
      name: 'clean-key-secrets',
      text: 'delete from api_key_secret where tenant_id = $1 and expires_at <= now()',
      values: [tenantId],
    },
    {
      name: 'clean-revocations',
      text: 'delete from token_revocation where tenant_id = $1 and expires_at <= now()',
      values: [tenantId],
    },
    {
      name: 'clean-endpoint-uses',
      text: 'delete from endpoint_use where tenant_id = $1 and last_used_at < now() - make_interval(days => $2::int)',
      values: [tenantId, unusedDays],
    },
    {
      name: 'clean-reminders',
      text: 'delete from recycle_reminder where tenant_id = $1 and remind_on < current_date - $2::int',
      values: [tenantId, remindedDays],
    },
    // a day ends last west of everybody
    {
      name: 'clean-reveals',
      text: 'delete from pool_reveal where tenant_id = $1 and day < current_date - 2',
      values: [tenantId],
    },
    {
      name: 'clean-deliveries',
      text: "delete from webhook_delivery where tenant_id = $1 and status = 'DEAD' and created_at < now() - make_interval(days => $2::int)",
      values: [tenantId, deadDays],
    },
  ];

/** Throws away what is outdated in all tenants. */
export async function clean(database: Database, options: { feedDays: number }): Promise<void> {
  const statements = outdated(options);
  for (const [tenantId] of await database.global({ text: 'select id from tenant order by id', values: [] }))
    for (const statement of statements(tenantId!)) await forJobs(database).read(tenantId!, statement);
}

/** Throws away what is outdated, a minute after the start and then every hour; several processes may do so at once. Returns what stops it. */
export function keepClean(database: Database, options: { feedDays: number }): () => void {
  const run = (): void =>
    void clean(database, options).catch((error: unknown) =>
      log.warn({ event: 'job.cleanupFailed', error: String(error) }, 'expired rows could not be removed; retrying'),
    );
  const timers = [setTimeout(run, minute), setInterval(run, hour)];
  return () => timers.forEach((timer) => clearTimeout(timer));
}
