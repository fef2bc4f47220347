import type { Database, Statement } from '../core/database.js';
import { log } from '../core/log.js';

const hour = 3_600_000;

/** What is thrown away in each tenant once its time is over. */
const outdated = (options: { feedDays: number }): ((tenantId: string) => Statement[]) => (tenantId) => [
  { name: 'clean-keys', text: 'delete from idempotency_key where tenant_id = $1 and expires_at <= now()', values: [tenantId] },
  { name: 'clean-feed', text: 'delete from outbox where tenant_id = $1 and at < now() - make_interval(days => $2::int)', values: [tenantId, options.feedDays] },
];

/** Throws away what is outdated, every hour; several processes may do so at once. Returns what stops it. */
export function keepClean(database: Database, options: { feedDays: number }): () => void {
  const statements = outdated(options);
  const clean = async (): Promise<void> => {
    for (const [tenantId] of await database.global({ text: 'select id from tenant order by id', values: [] })) for (const statement of statements(tenantId!)) await database.read(tenantId!, statement);
  };
  const timer = setInterval(() => void clean().catch((error: unknown) => log.warn({ error: String(error) }, 'outdated rows could not be removed; it will be tried again')), hour);
  return () => clearInterval(timer);
}
