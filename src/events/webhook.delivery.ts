import { eventsAfter, type DomainEvent } from '../feed/bus.js';
import type { TenantInfo } from '../core/context.js';
import type { Database, Statement } from '../core/database.js';
import { decrypted } from '../core/encryption.js';
import { newId } from '../core/id.js';
import { log } from '../core/log.js';
import { systemIn } from '../identity/system.service.js';
import { findTenant } from '../tenants/tenant.service.js';
import { cloudEvent } from './feed.service.js';
import type { RelayKind } from './relays.js';
import type { Lease } from './lease.js';
import { attempter, type Attempt, type Outcome, type Target, type WebhookRules } from './webhook.attempt.js';
import { circuitBreaksAfter } from './webhook.entity.js';
import { disable } from './webhook.service.js';
import { ofWebhook } from './webhook.signature.js';
import { maxReason } from '../write/validation.js';

/** Counters of this process since it started. */
export interface WebhookCounters {
  delivered: number;
  /** attempts that failed */
  failed: number;
  /** deliveries that were given up */
  dead: number;
  /** events that were no longer kept when they could have been delivered */
  lost: number;
}

/** Maximum number of events, and of waiting deliveries, per batch. */
const batchSize = 50;
/** How many records' events are under way to one webhook at once. */
const maxConcurrent = 5;

/** One event on its way to one webhook. */
interface Job {
  seq: number;
  event: string;
  type: string;
  subject: string;
  body: string;
  attempts: number;
  /** when it was first tried */
  since: Date | null;
}

/**
 * Delivers events to webhooks, in order for each record. A failed delivery waits in a row, and so does every later
 * event about the same record; the relay goes on with other records. After some failures in a row nothing is tried for
 * a while, and then a single delivery.
 */
export function webhookRelay(database: Database, rules: WebhookRules, counters: WebhookCounters): RelayKind {
  const attempt = attempter(rules);
  return {
    matches: (name) => name !== 'broker',
    maxLeases: 16,
    isReady: () => !rules.closing.aborted,
    relay: async (lease) => {
      const tenant = await findTenant(database, lease.tenantId, false);
      const target = tenant && (await targetOf(lease));
      if (!tenant || !target) return lease.release();
      await new Round(lease, tenant, target, rules, attempt, counters).run();
    },
  };
}

/** The work of one lease on one webhook. */
class Round {
  /** whether the circuit was open when the lease began: then a single attempt decides first */
  private probing: boolean;
  private over = false;
  private gone = false;
  private asked = 0;

  constructor(
    private readonly lease: Lease,
    private readonly tenant: TenantInfo,
    private readonly target: Target,
    private readonly rules: WebhookRules,
    private readonly attempt: Attempt,
    private readonly counters: WebhookCounters,
  ) {
    this.probing = this.isBroken();
  }

  private isBroken = (): boolean => this.lease.failures >= circuitBreaksAfter;

  async run(): Promise<void> {
    while (!this.over && ((await this.deliverWaiting()) || (await this.deliverNew())));
    const { lease, rules } = this;
    const failing = lease.failingSince && Date.now() - lease.failingSince.getTime() > 2 * rules.giveUp;
    if (this.gone || failing) {
      const reason = this.gone
        ? 'The webhook answered that it is gone (HTTP 410).'
        : `No delivery has succeeded since ${lease.failingSince!.toISOString()}: ${lease.error}`;
      await disable(await systemIn(lease.database, this.tenant), lease.name, [...reason].slice(0, maxReason).join(''));
      log.warn(
        { event: 'webhook.disabled', tenant: this.tenant.code, webhook: lease.name, reason },
        'a webhook was disabled',
      );
      return lease.release();
    }
    if (this.isBroken()) {
      const rest = Math.max(rules.backoff(lease.failures - circuitBreaksAfter + 1), this.asked);
      return lease.release({ rest, wake: rest });
    }
    return lease.release({ rest: this.asked || null, wake: await nextWake(lease) });
  }

  /** Tries what is due of what waits, the first of each record; in doubt only one, whenever it were due. True if there was something. */
  private async deliverWaiting(): Promise<boolean> {
    const jobs = await dueOf(this.lease, this.probing ? 1 : batchSize, this.probing);
    if (jobs.length === 0) return false;
    const statements: Statement[] = [];
    await inParallel(
      jobs.map((job) => [job]),
      async ([job]) => {
        const outcome = await this.deliver(job!);
        if (outcome) statements.push(...this.recorded(job!, outcome));
      },
    );
    await this.lease.advanceTo(this.lease.seq, statements);
    return true;
  }

  private async deliverNew(): Promise<boolean> {
    const { lease, tenant, target } = this;
    const events = await eventsAfter(lease.database, tenant.id, lease.seq, this.probing ? 1 : batchSize);
    const [first] = events;
    if (!first) return false;
    if (first.seq > lease.seq + 1) {
      this.counters.lost += first.seq - lease.seq - 1;
      log.error(
        {
          event: 'webhook.eventsLost',
          tenant: tenant.code,
          webhook: lease.name,
          from: lease.seq + 1,
          until: first.seq - 1,
        },
        'events expired before they could be delivered to a webhook',
      );
    }
    const jobs = events.filter(({ type }) => matches(target.types, type)).map((event) => jobOf(tenant, event));
    const waiting = await waitingAmong(
      lease,
      jobs.map(({ subject }) => subject),
    );
    const statements: Statement[] = [];
    await inParallel(bySubject(jobs), async (jobs) => {
      let held = waiting.has(jobs[0]!.subject);
      for (const job of jobs) {
        const outcome = held ? null : await this.deliver(job);
        if (outcome?.delivered) continue;
        statements.push(parked(lease, job));
        if (outcome) statements.push(...this.recorded(job, outcome));
        held = true;
      }
    });
    await lease.advanceTo(events.at(-1)!.seq, statements);
    return true;
  }

  /** Tries one delivery; null if nothing is to be tried at the moment. */
  private async deliver(job: Job): Promise<Outcome | null> {
    if (this.over || this.rules.closing.aborted || (this.isBroken() && !this.probing)) {
      this.over = true;
      return null;
    }
    const outcome = await this.attempt(this.target, job.event, job.body);
    if (outcome.delivered) {
      this.probing = false;
      this.counters.delivered += 1;
      this.lease.succeeded();
      return outcome;
    }
    // an attempt that was broken off because the server stops says nothing of the webhook
    if (this.rules.closing.aborted) return this.stop();
    this.counters.failed += 1;
    this.lease.failed(outcome.error);
    this.asked = Math.max(this.asked, outcome.retryAfter ?? 0);
    this.gone ||= outcome.gone;
    if (this.probing || this.gone || this.asked > 0) this.over = true;
    return outcome;
  }

  private stop(): null {
    this.over = true;
    return null;
  }

  private recorded(job: Job, outcome: Outcome): Statement[] {
    const { tenantId, name } = this.lease;
    const where = 'where tenant_id = $1 and webhook_id = $2 and seq = $3::bigint';
    if (outcome.delivered)
      return [
        { name: 'delivery-done', text: `delete from webhook_delivery ${where}`, values: [tenantId, name, job.seq] },
      ];
    const since = job.since ?? new Date();
    const dead = Date.now() - since.getTime() > this.rules.giveUp;
    if (dead) this.counters.dead += 1;
    return [
      {
        name: 'delivery-failed',
        text: `update webhook_delivery set attempts = $4::int, first_attempt_at = $5::timestamptz, status = $6, next_attempt_at = now() + make_interval(secs => $7::float8 / 1000), last_error = $8 ${where}`,
        values: [
          tenantId,
          name,
          job.seq,
          job.attempts + 1,
          since.toISOString(),
          dead ? 'DEAD' : 'WAITING',
          dead ? null : this.rules.backoff(job.attempts + 1),
          outcome.error.slice(0, 500),
        ],
      },
    ];
  }
}

/** The jobs of each record by themselves, in their order. */
function bySubject(jobs: readonly Job[]): Job[][] {
  const queues = new Map<string, Job[]>();
  for (const job of jobs) queues.set(job.subject, [...(queues.get(job.subject) ?? []), job]);
  return [...queues.values()];
}

const matches = (types: readonly string[], type: string): boolean =>
  types.length === 0 ||
  types.some((wanted) => wanted === type || (wanted.endsWith('.*') && type.startsWith(wanted.slice(0, -1))));

const jobOf = (tenant: TenantInfo, event: DomainEvent): Job => ({
  seq: event.seq,
  event: event.id,
  type: event.type,
  subject: event.subject,
  body: JSON.stringify(cloudEvent({ tenant }, event)),
  attempts: 0,
  since: null,
});

/** Address, types and valid secrets of the webhook; null if it is deleted or disabled. */
async function targetOf({ database, tenantId, name }: Lease): Promise<Target | null> {
  const [row] = await database.read(tenantId, {
    name: 'webhook-target',
    text: `select url, array_to_json(types), (select json_agg(s.secret order by s.expires_at desc nulls first) from webhook_secret s where s.tenant_id = $1 and s.webhook_id = w.id and (s.expires_at is null or s.expires_at > now()))
      from webhook w where tenant_id = $1 and id = $2 and deleted_at is null and status = 'ENABLED'`,
    values: [tenantId, name],
  });
  return row
    ? {
        url: new URL(row[0]!),
        types: JSON.parse(row[1]!) as string[],
        secrets: (JSON.parse(row[2] ?? '[]') as string[]).map((stored) => decrypted(stored, ofWebhook(name))),
      }
    : null;
}

/** The first waiting delivery of each record that is due, or with `any` whichever is due next. */
async function dueOf({ database, tenantId, name }: Lease, max: number, any: boolean): Promise<Job[]> {
  const rows = await database.read(tenantId, {
    name: 'deliveries-due',
    text: `select seq, event, type, subject, body, attempts, to_char(first_attempt_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      from (select distinct on (subject) * from webhook_delivery where tenant_id = $1 and webhook_id = $2 and status = 'WAITING' order by subject, seq) heads
      where $4::boolean or next_attempt_at is null or next_attempt_at <= now() order by next_attempt_at nulls first, seq limit $3::int`,
    values: [tenantId, name, max, any],
  });
  return rows.map(([seq, event, type, subject, body, attempts, since]) => ({
    seq: Number(seq),
    event: event!,
    type: type!,
    subject: subject!,
    body: body!,
    attempts: Number(attempts),
    since: since ? new Date(since) : null,
  }));
}

async function waitingAmong({ database, tenantId, name }: Lease, subjects: readonly string[]): Promise<Set<string>> {
  if (subjects.length === 0) return new Set();
  const rows = await database.read(tenantId, {
    name: 'deliveries-waiting',
    text: "select distinct subject from webhook_delivery where tenant_id = $1 and webhook_id = $2 and status = 'WAITING' and subject = any($3::text[])",
    values: [tenantId, name, subjects],
  });
  return new Set(rows.map(([subject]) => subject!));
}

/** Milliseconds until the next waiting delivery is due; null if none waits. */
async function nextWake({ database, tenantId, name }: Lease): Promise<number | null> {
  const [row] = await database.read(tenantId, {
    name: 'deliveries-wake',
    text: `select (1000 * extract(epoch from min(coalesce(next_attempt_at, now())) - now()))::bigint
      from (select distinct on (subject) next_attempt_at from webhook_delivery where tenant_id = $1 and webhook_id = $2 and status = 'WAITING' order by subject, seq) heads`,
    values: [tenantId, name],
  });
  return row?.[0] ? Math.max(0, Number(row[0])) : null;
}

/** A delivery that waits, as a row; one that a replay finds there already stays as it is. */
const parked = ({ tenantId, name }: Lease, job: Job): Statement => ({
  name: 'delivery-park',
  text: 'insert into webhook_delivery (tenant_id, id, webhook_id, seq, event, type, subject, body) values ($1, $2, $3, $4::bigint, $5, $6, $7, $8) on conflict (tenant_id, webhook_id, seq) do nothing',
  values: [tenantId, newId(), name, job.seq, job.event, job.type, job.subject, job.body],
});

/** Works through queues, several at once. */
async function inParallel<T>(queues: Iterable<T>, work: (jobs: T) => Promise<void>): Promise<void> {
  const left = [...queues];
  await Promise.all(
    Array.from({ length: maxConcurrent }, async () => {
      for (let jobs = left.shift(); jobs !== undefined; jobs = left.shift()) await work(jobs);
    }),
  );
}
