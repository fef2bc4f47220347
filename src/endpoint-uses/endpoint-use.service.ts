import type { Context } from '../core/context.js';
import { forJobs, type Database } from '../core/database.js';
import { newId } from '../core/id.js';
import { log } from '../core/log.js';

/** How often counts are written, in milliseconds. */
const writtenEvery = 5_000;
/** How many counts are kept before they are written at once, and at most while they cannot be written. */
const many = 5_000;
const maxUses = 20_000;
/** User agents of one user that are told apart; what others call themselves is counted together. */
const maxAgents = 20;
const others = 'other';
const maxAgentLength = 200;
/** Users whose agents are remembered. */
const maxUsers = 10_000;

/** How often a client called an endpoint since that was written last. */
interface Use {
  tenant: string;
  user: string;
  dialect: string;
  endpoint: string;
  agent: string;
  count: number;
  /** milliseconds since 1970 */
  first: number;
  last: number;
}

/** Counts who calls which endpoint of the REST facade: in memory, written every few seconds and when the server stops. */
export class EndpointUses {
  private uses = new Map<string, Use>();
  /** agents of a user that have rows of their own, by tenant and user */
  private readonly agents = new Map<string, Set<string>>();
  private writing: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout;
  private readonly database: Database;

  constructor(database: Database) {
    this.database = forJobs(database);
    this.timer = setInterval(() => void this.write(), writtenEvery).unref();
  }

  /** Counts one call. */
  count({ tenant, user }: Pick<Context, 'tenant' | 'user'>, dialect: string, endpoint: string, agent = ''): void {
    const named = agent.length > maxAgentLength ? agent.slice(0, maxAgentLength) : agent;
    const key = `${user.id} ${dialect} ${endpoint} ${named}`;
    const at = Date.now();
    const use = this.uses.get(key);
    if (use) {
      use.count += 1;
      use.last = at;
      return;
    }
    if (this.uses.size >= many) void this.write();
    // users are many and agents are free to choose: what cannot be written must not fill the memory
    if (this.uses.size >= maxUses) return;
    this.uses.set(key, {
      tenant: tenant.id,
      user: user.id,
      dialect,
      endpoint,
      agent: named,
      count: 1,
      first: at,
      last: at,
    });
  }

  /** Writes what was counted so far, each tenant's by itself; what cannot be written is kept for the next time. */
  write(): Promise<void> {
    return (this.writing ??= this.writeAll().finally(() => (this.writing = undefined)));
  }

  private async writeAll(): Promise<void> {
    const uses = this.uses;
    if (uses.size === 0) return;
    this.uses = new Map();
    const byTenant = new Map<string, Map<string, Use>>();
    for (const [key, use] of uses) {
      const own = byTenant.get(use.tenant) ?? new Map<string, Use>();
      byTenant.set(use.tenant, own.set(key, use));
    }
    for (const [tenantId, left] of byTenant) {
      try {
        await this.writeTenant(tenantId, left);
      } catch (error) {
        this.keep(left);
        log.warn(
          { event: 'endpointUse.notWritten', error: String(error) },
          'uses of endpoints could not be written; they are kept until the next time',
        );
      }
    }
  }

  /** Takes out of `left` what was written. */
  private async writeTenant(tenantId: string, left: Map<string, Use>): Promise<void> {
    await this.learnAgents(tenantId, [...left.values()]);
    const rows = this.added(tenantId, left);
    const known = await this.database.read(tenantId, {
      name: 'endpoint-uses-add',
      text: `update endpoint_use u set count = least(u.count::bigint + e.count, 2147483647)::int, last_used_at = greatest(u.last_used_at, e.last)
        from jsonb_to_recordset($2::jsonb) e (user_id uuid, dialect text, endpoint text, agent text, count bigint, last timestamptz, place int)
        where u.tenant_id = $1 and u.user_id = e.user_id and u.dialect = e.dialect and u.endpoint = e.endpoint and u.user_agent = e.agent returning e.place`,
      values: [tenantId, JSON.stringify(rows)],
    });
    const places = new Set(known.map(([place]) => Number(place)));
    for (const { keys } of rows.filter(({ place }) => places.has(place))) for (const key of keys) left.delete(key);
    const fresh = rows.filter(({ place }) => !places.has(place));
    if (fresh.length === 0) return;
    await this.database.read(tenantId, {
      name: 'endpoint-uses-new',
      text: `insert into endpoint_use (tenant_id, id, created_at, dialect, endpoint, user_id, api_key_id, user_agent, count, last_used_at)
        select $1::uuid, e.id, e.first, e.dialect, e.endpoint, e.user_id, e.key, e.agent, least(e.count, 2147483647)::int, e.last
        from jsonb_to_recordset($2::jsonb) e (id uuid, user_id uuid, key uuid, dialect text, endpoint text, agent text, count bigint, first timestamptz, last timestamptz)
        order by e.user_id, e.dialect, e.endpoint, e.agent
        on conflict (tenant_id, user_id, dialect, endpoint, user_agent) do update set count = least(endpoint_use.count::bigint + excluded.count, 2147483647)::int, last_used_at = greatest(endpoint_use.last_used_at, excluded.last_used_at) returning id`,
      values: [tenantId, JSON.stringify(await this.withKeys(tenantId, fresh))],
    });
    for (const { keys } of fresh) for (const key of keys) left.delete(key);
  }

  /** The rows of users that there are, each with a new id and the key that the user stands for. */
  private async withKeys(tenantId: string, rows: readonly Row[]): Promise<object[]> {
    const users = await this.database.read(tenantId, {
      name: 'endpoint-use-keys',
      text: 'select u.id, (select k.id from api_key k where k.tenant_id = $1 and k.user_id = u.id) from user_account u where u.tenant_id = $1 and u.id = any($2::uuid[])',
      values: [tenantId, [...new Set(rows.map(({ user_id }) => user_id))]],
    });
    const keys = new Map(users.map(([user, key]) => [user!, key]));
    return rows.flatMap((row) => (keys.has(row.user_id) ? [{ ...row, id: newId(), key: keys.get(row.user_id) }] : []));
  }

  /** One row for each client and endpoint, whose agent is one of the first of its user or `other`. */
  private added(tenantId: string, uses: ReadonlyMap<string, Use>): Row[] {
    const rows = new Map<string, Row>();
    for (const [key, { user, dialect, endpoint, agent, count, first, last }] of uses) {
      const agents = this.agents.get(`${tenantId} ${user}`)!;
      if (agents.size < maxAgents) agents.add(agent);
      const named = agents.has(agent) ? agent : others;
      const place = `${user} ${dialect} ${endpoint} ${named}`;
      const row = rows.get(place);
      rows.set(place, {
        user_id: user,
        dialect: dialect.toUpperCase(),
        endpoint,
        agent: named,
        count: count + (row?.count ?? 0),
        first: earlier(isoOf(first), row?.first),
        last: later(isoOf(last), row?.last),
        place: row?.place ?? rows.size,
        keys: [...(row?.keys ?? []), key],
      });
    }
    return [...rows.values()];
  }

  /** Reads which agents of these users have rows, where that is not remembered. */
  private async learnAgents(tenantId: string, uses: readonly Use[]): Promise<void> {
    const all = new Set(uses.map(({ user }) => user));
    if (this.agents.size + all.size > maxUsers) this.agents.clear();
    const users = [...all].filter((user) => !this.agents.has(`${tenantId} ${user}`));
    if (users.length === 0) return;
    const rows = await this.database.read(tenantId, {
      name: 'endpoint-use-agents',
      text: 'select distinct user_id, user_agent from endpoint_use where tenant_id = $1 and user_id = any($2::uuid[])',
      values: [tenantId, users],
    });
    for (const user of users) this.agents.set(`${tenantId} ${user}`, new Set());
    for (const [user, agent] of rows) this.agents.get(`${tenantId} ${user}`)!.add(agent!);
  }

  /** Adds what could not be written to what was counted since. */
  private keep(uses: ReadonlyMap<string, Use>): void {
    for (const [key, use] of uses) {
      const since = this.uses.get(key);
      if (since) this.uses.set(key, { ...since, count: since.count + use.count, first: use.first });
      else if (this.uses.size < maxUses) this.uses.set(key, use);
    }
  }

  /** Writes the last of it. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    for (let tries = 0; this.uses.size > 0 && tries < 3; tries += 1) await this.write();
  }
}

/** What is sent of the uses that fall together. */
interface Row {
  user_id: string;
  dialect: string;
  endpoint: string;
  agent: string;
  count: number;
  first: string;
  last: string;
  place: number;
  /** under which they were counted */
  keys: string[];
}

const isoOf = (at: number): string => new Date(at).toISOString();
const earlier = (one: string, other = one): string => (one < other ? one : other);
const later = (one: string, other = one): string => (one > other ? one : other);
