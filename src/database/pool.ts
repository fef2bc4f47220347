import { availableParallelism } from 'node:os';
import pg from 'pg';
import type { Database, Row, Statement, Purpose, TransactionOptions, Work } from '../core/database.js';
import { collided, isUnavailable, refuse, sqlState } from '../core/errors.js';
import { log } from '../core/log.js';
import type { Presence } from '../core/presence.js';
import { Batch, failure, preparedOn, Unreadable, type Wire } from './batch.js';
import { cancel } from './cancel.js';
import { commit, tenantContext, type TenantContext } from './tenant-context.js';
import { PipelinedConnections, StoppedByMistake } from './pipelined-connections.js';
import { Prober } from './prober.js';
import { nobody, Shares } from './shares.js';

export interface PoolOptions {
  /** connection string of the server's role */
  url: string;
  /** maximum number of connections */
  size: number;
  /** maximum number of connections that requests of one tenant have to themselves at once; all of them by default */
  share?: number;
  /** after how many milliseconds statements for each purpose are stopped; never by default */
  deadlines?: Readonly<Record<Purpose, number>>;
  /** role to take on after connecting, where the URL is the owner's */
  role?: string;
  /** the database is distributed by tenant with Citus */
  distributed?: boolean;
  /** called when no connection can be made: restarts the database, if it is embedded, and returns its address */
  revive?: () => Promise<string>;
}

const beginWrite: Statement = { name: 'begin', text: 'begin', values: [] };
const beginSnapshot: Statement = { text: 'begin isolation level repeatable read read only', values: [] };

/** A statement is not prepared although it should be, or is although it should not be: what was sent ahead on the same connection failed before it had prepared or closed it. */
const isPreparedOtherwise = (error: unknown): boolean => ['26000', '42P05'].includes(sqlState(error) ?? '');

/** How often a transaction is tried when PostgreSQL says that it collided with another one. */
const tries = 5;

/**
 * The server's connections. A read enters its tenant and asks in one round trip; a write sends its last statements together
 * with the commit. What is quick and takes just one round trip shares connections. Broken connections leave the pool by
 * themselves; the next request opens a new one.
 */
export class Pool implements Database {
  private readonly pool: pg.Pool;

  private readonly tenantContext: TenantContext;

  private readonly reads: PipelinedConnections;
  private readonly writes: PipelinedConnections;

  private readonly clients = new Set<pg.PoolClient & { connection: unknown }>();

  private readonly shares: Shares;
  private readonly prober: Prober;

  private reviving: Promise<void> | undefined;
  /** whose snapshots are open */
  private readonly snapshots: string[] = [];

  constructor(private readonly options: PoolOptions) {
    this.tenantContext = tenantContext(options.distributed ?? false);
    this.pool = new pg.Pool({
      connectionString: options.url,
      max: options.size,
      idleTimeoutMillis: 60_000,
      connectionTimeoutMillis: 5_000,
      application_name: 'crm-graph',
      // data is mostly in memory, where index lookups of single rows cost little more than sequential reads
      options: `-c timezone=UTC -c jit=off -c plan_cache_mode=force_generic_plan -c random_page_cost=1.1${options.distributed ? ' -c citus.propagate_set_commands=local' : ''}${options.role ? ` -c role=${options.role}` : ''}${options.deadlines ? ` -c statement_timeout=${options.deadlines.read}` : ''}`,
    });
    this.shares = new Shares(options.size, options.share ?? options.size);
    this.prober = new Prober(() => this.address());
    // where a failure leaves a transaction open, nothing may follow it unseen; and of few connections none can be spared
    const isShared = !this.tenantContext.opensTransaction && options.size >= 5;
    const pipelined = (max: number): PipelinedConnections =>
      new PipelinedConnections(
        () => this.connect(nobody),
        isShared ? max : 0,
        () => this.shares.isExhausted,
      );
    // reads keep the processors busy, and more of them would only take these from each other; writes wait for the disk as well
    this.reads = pipelined(Math.min(availableParallelism() + 1, Math.floor(options.size / 3)));
    this.writes = pipelined(Math.floor(options.size / 2));
    // a connection that breaks while it is in use also emits an event; its user gets the error from the next statement
    this.pool.on('connect', (client) => {
      client.on('error', () => {});
      this.clients.add(client as never);
    });
    this.pool.on('remove', (client) => void this.clients.delete(client as never));
    this.pool.on('error', (error) =>
      log.warn({ event: 'database.connectionLost', error: error.message }, 'an idle database connection was lost'),
    );
  }

  /** What a connection of one's own is made with, e.g. to listen: the database as it can be reached at this moment. */
  address(): pg.ClientConfig {
    const { connectionString, application_name, options } = this.pool.options;
    return { connectionString, application_name, options };
  }

  async read(tenantId: string, statement: Statement, presence?: Presence): Promise<Row[]> {
    if (presence?.gone) throw refuse('TIMED_OUT');
    const { statements, at } = this.tenantContext.single(tenantId, statement, this.deadlineOf(statement.purpose));
    if (this.reads.accepts(statement.name)) {
      try {
        return (await this.reads.run(tenantId, statement.name, statements, { presence }))[at]!;
      } catch (error) {
        if (!isPreparedOtherwise(error) && !(error instanceof StoppedByMistake)) throw error;
      }
    }
    const results = await this.batch(tenantId, statements, {
      begins: this.tenantContext.opensTransaction,
      took: (milliseconds) => this.reads.recordLatency(statement.name, milliseconds),
      presence,
    });
    return results[at]!;
  }

  async global(statement: Statement): Promise<Row[]> {
    const [rows] = await this.batch(nobody, [statement]);
    return rows!;
  }

  /** Runs a statement on a connection that is kept for it alone: it waits for nobody, and at most a second for PostgreSQL. */
  probe(statement: Statement): Promise<Row[]> {
    return this.prober.ask(statement);
  }

  async transaction<T>(tenantId: string, work: Work<T>, options: TransactionOptions = {}): Promise<T> {
    if (options.snapshot)
      return this.within(tenantId, () =>
        this.attempt(tenantId, work, beginSnapshot, { purpose: 'export', ...options }),
      );
    let isRead = true;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(
          tenantId,
          work,
          beginWrite,
          { purpose: 'write', ...options, presence: undefined },
          isRead,
        );
      } catch (error) {
        if (error instanceof Unreadable) isRead = false;
        else if (!(collided(error) || isPreparedOtherwise(error)) || attempt === tries) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5 * 2 ** attempt * Math.random()));
      }
    }
  }

  /**
   * Snapshots last as long as their readers take: half of the connections is left to other requests, and one snapshot to
   * other tenants. They are no part of their tenant's share, of which they would leave nothing.
   */
  private async within<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
    const max = this.options.size >> 1;
    const own = this.snapshots.filter((tenant) => tenant === tenantId).length;
    const ownMax = this.options.share === undefined ? max : Math.max(1, max - 1);
    if (this.snapshots.length >= max || own >= ownMax) throw refuse('RATE_LIMITED');
    this.snapshots.push(tenantId);
    try {
      return await work();
    } finally {
      this.snapshots.splice(this.snapshots.indexOf(tenantId), 1);
    }
  }

  /**
   * The first statements that the work sends carry `begin` and the tenant; its last ones carry the commit. Where it
   * sends nothing before its end, everything is sent at once, as one implicit transaction.
   */
  private async attempt<T>(
    tenantId: string,
    work: Work<T>,
    begin: Statement,
    { purpose, presence }: TransactionOptions,
    isRead = false,
  ): Promise<T> {
    const enter = this.tenantContext.setTenant(tenantId, this.deadlineOf(purpose));
    const payer = begin === beginSnapshot ? nobody : tenantId;
    let client: pg.PoolClient | undefined;
    let begun = false;
    const opened = (statements: Statement[]): Statement[] => {
      const opening = begun ? [] : [begin, enter];
      begun = true;
      return [...opening, ...statements];
    };
    const send = async (statements: Statement[]): Promise<Row[][]> => {
      const results = await stoppable((client ??= await this.connect(payer, presence)), opened(statements), presence);
      return results.slice(results.length - statements.length);
    };
    try {
      const { result, last, final, committed, after } = await work({
        run: send,
        setTenant: this.tenantContext.setTenant,
      });
      const read = isRead && after ? [after.statement] : [];
      const writes = [...last, ...read, ...final];
      const isWhole = !begun && begin === beginWrite && !this.tenantContext.opensTransaction;
      const statements = isWhole ? [enter, ...writes] : opened([...writes, commit]);
      let results: Row[][];
      if (isWhole) results = await this.whole(tenantId, statements, read[0]);
      else {
        results = await run((client ??= await this.connect(payer)), statements, read[0]);
        client.release();
        client = undefined;
      }
      if (read.length > 0) after!.got(results[statements.indexOf(read[0]!)]!);
      committed();
      return result;
    } catch (error) {
      if (client && begun) await this.rollback(client);
      else if (client) giveBack(client, error);
      throw error;
    }
  }

  /** Sends all statements of a transaction at once. */
  private async whole(tenantId: string, statements: Statement[], optional?: Statement): Promise<Row[][]> {
    const name = statements.every((one) => one.name) ? statements.map((one) => one.name).join() : undefined;
    if (this.writes.accepts(name)) return await this.writes.run(tenantId, name, statements, { optional });
    const took = (milliseconds: number): void => this.writes.recordLatency(name, milliseconds);
    return await this.batch(tenantId, statements, { took, optional });
  }

  /** A connection for a tenant's requests, when it is their turn. */
  /** After how many milliseconds a statement is to be stopped; undefined where that is what connections begin with. */
  private deadlineOf(purpose: Purpose = 'read'): number | undefined {
    const { deadlines } = this.options;
    return deadlines && deadlines[purpose] !== deadlines.read ? deadlines[purpose] : undefined;
  }

  private async connect(tenantId: string, presence?: Presence): Promise<pg.PoolClient> {
    const leave = await this.shares.enter(tenantId, presence);
    try {
      const client = await this.pool.connect();
      const release = client.release.bind(client);
      client.release = (error) => {
        release(error);
        leave();
      };
      return client;
    } catch (error) {
      leave();
      if (isUnavailable(error)) this.revive();
      throw error;
    }
  }

  /** Requests that come meanwhile are refused as UNAVAILABLE; one attempt at a time. */
  private revive(): void {
    if (!this.options.revive || this.reviving) return;
    this.reviving = this.options
      .revive()
      .then((url) => void (this.pool.options.connectionString = url))
      .catch((error: unknown) =>
        log.error({ event: 'database.reviveFailed', err: error }, 'the database could not be started again'),
      )
      .finally(() => (this.reviving = undefined));
  }

  private async rollback(client: pg.PoolClient): Promise<void> {
    try {
      await client.query('rollback');
      client.release();
    } catch (error) {
      client.release(error as Error);
    }
  }

  /** `begins` says that a failure of PostgreSQL leaves a transaction open; `took` gets the total duration. */
  private async batch(
    tenantId: string,
    statements: Statement[],
    { begins, took, optional, presence }: BatchOptions = {},
  ): Promise<Row[][]> {
    const client = await this.connect(tenantId, presence);
    const since = performance.now();
    try {
      const results = await stoppable(client, statements, presence, optional);
      client.release();
      took?.(performance.now() - since);
      return results;
    } catch (error) {
      if (begins) await this.rollback(client);
      else giveBack(client, error);
      throw error;
    }
  }

  /** How the connections stand, and how many statements each open one has prepared. */
  statistics(): { open: number; idle: number; waiting: number; prepared: number[] } {
    const { totalCount, idleCount } = this.pool;
    return {
      open: totalCount,
      idle: idleCount,
      waiting: this.shares.queued + this.reads.queued + this.writes.queued,
      prepared: [...this.clients].map((client) => preparedOn(client.connection)),
    };
  }

  /** Ends all connections; what is still running on them after so many milliseconds is stopped, and they are cut. */
  async end(timeoutMs = 5_000): Promise<void> {
    const timer = setTimeout(() => {
      for (const client of this.clients)
        void cancel(client).then(() => (client.connection as unknown as Wire).stream.destroy?.());
    }, timeoutMs);
    await Promise.all([this.pool.end(), this.prober.end()]);
    clearTimeout(timer);
  }
}

interface BatchOptions {
  begins?: boolean;
  took?: (milliseconds: number) => void;
  optional?: Statement | undefined;
  presence?: Presence | undefined;
}

/** Sends a batch that is stopped when whoever it is for goes; the connection is ready for others when it has ended. */
async function stoppable(
  client: pg.PoolClient,
  statements: Statement[],
  presence?: Presence,
  optional?: Statement,
): Promise<Row[][]> {
  if (!presence) return run(client, statements, optional);
  if (presence.gone) throw refuse('TIMED_OUT');
  let stopping: Promise<void> | undefined;
  const done = presence.during(() => (stopping = cancel(client)));
  try {
    return await run(client, statements, optional);
  } finally {
    done();
    if (stopping) {
      await stopping;
      // what was sent too late hits this
      await client.query('select 1').catch(() => {});
    }
  }
}

/** A refusal leaves the connection usable; an error of the connection, or the end of PostgreSQL, does not. */
const giveBack = (client: pg.PoolClient, error: unknown): void =>
  client.release(isUnavailable(error) ? (error as Error) : undefined);

/** Sends a batch; `optional` is a statement of it that PostgreSQL may refuse, with Unreadable. */
function run(client: pg.PoolClient, statements: Statement[], optional?: Statement): Promise<Row[][]> {
  return new Promise((resolve, reject) => {
    client.query(
      new Batch(statements, (error, results, isLost) =>
        error ? reject(failure(error, statements, results, isLost, optional)) : resolve(results),
      ),
    );
  });
}
