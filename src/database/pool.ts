import { availableParallelism } from 'node:os';
import pg from 'pg';
import type { Database, Row, Statement, Purpose, TransactionOptions, Work } from '../core/database.js';
import { collided, isUnavailable } from '../core/database-faults.js';
import { refuse } from '../core/errors.js';
import { log } from '../core/log.js';
import { OneByOne } from '../core/one-by-one.js';
import type { Presence } from '../core/presence.js';
import { inStatementSpan, isTracing } from '../core/tracing.js';
import { turns } from '../core/turns.js';
import { isPreparedOtherwise, preparedOn, Unreadable, type Wire } from './batch.js';
import { cancel } from './cancel.js';
import { inPlainForm, type InForm } from './plain-form.js';
import { endOfLog, walOf } from './positions.js';
import type { Replicas } from './replicas.js';
import { chargeLong } from './long-answers.js';
import { destroy, giveBack, rollback, run, stoppable, type BatchOptions } from './sending.js';
import { settingsFor } from './settings.js';
import { Snapshots } from './snapshots.js';
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
  /** a pooler stands before PostgreSQL, which gives each transaction another connection, and perhaps carries prepared statements */
  pooler?: { carriesPrepared: boolean };
  /** connection string for whoever listens for notifications, where it is another one */
  listenUrl?: string;
  /** called when no connection can be made: restarts the database, if it is embedded, and returns its address */
  revive?: () => Promise<string>;
}

const beginWrite: Statement = { name: 'begin', text: 'begin', values: [] };
const beginSnapshot: Statement = { text: 'begin isolation level repeatable read read only', values: [] };

/** Whether a statement that is sent as a read may change something all the same. */
const changes = /\b(?:insert\s+into|update|delete\s+from)\b/i;

/** How often a transaction is tried when PostgreSQL says that it collided with another one, and how long others are waited for before. */
const tries = 5;
const maxCollidedMs = 10_000;

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

  /** carries out statements in the form that the database takes */
  private readonly inForm: InForm;

  private readonly shares: Shares;
  private readonly prober: Prober;
  private readonly collisions = new OneByOne();

  private reviving: Promise<void> | undefined;
  private readonly snapshots: Snapshots;
  /** set where there are read replicas */
  replicas: Replicas | undefined;

  constructor(private readonly options: PoolOptions) {
    const settings = settingsFor(options);
    this.tenantContext = tenantContext(options.distributed ?? false, options.pooler && settings);
    this.inForm = options.distributed ? inPlainForm : (statements, send) => send(statements);
    this.pool = new pg.Pool({
      connectionString: options.url,
      max: options.size,
      idleTimeoutMillis: 60_000,
      connectionTimeoutMillis: 5_000,
      application_name: 'crm-graph',
      // through a pooler they come with each transaction
      ...(!options.pooler && {
        options: Object.entries(settings)
          .map(([name, value]) => `-c ${name}=${value}`)
          .join(' '),
      }),
    });
    this.snapshots = new Snapshots(options.size, options.share);
    const share = options.share ?? options.size;
    // more of them at once would only take the processors from each other, and all of them from everybody else
    const costly = Math.max(1, Math.floor((availableParallelism() * share) / options.size));
    const resume = (): void => {
      this.reads.resume();
      this.writes.resume();
    };
    this.shares = new Shares(options.size, share, costly, resume, (tenant) => turns.pauseOf(tenant));
    this.prober = new Prober(() => this.address());
    // where a failure leaves a transaction open, nothing may follow it unseen; and of few connections none can be spared
    const isShared = !this.tenantContext.opensTransaction && options.size >= 5;
    const pipelined = (max: number): PipelinedConnections =>
      new PipelinedConnections(() => this.connect(nobody), isShared ? max : 0, this.shares);
    // reads keep the processors busy, and more of them would only take these from each other; writes wait for the disk as well
    this.reads = pipelined(Math.min(availableParallelism() + 1, Math.floor(options.size / 3)));
    this.writes = pipelined(Math.floor(options.size / 2));
    // a connection that breaks while it is in use also emits an event; its user gets the error from the next statement
    this.pool.on('connect', (client) => {
      client.on('error', () => {});
      if (options.pooler && !options.pooler.carriesPrepared)
        (client as unknown as { connection: Wire }).connection.isUnprepared = true;
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
    return { connectionString, application_name, ...(options && { options }) };
  }

  /** The same for whoever listens for notifications. */
  listenAddress(): pg.ClientConfig {
    const { listenUrl } = this.options;
    return listenUrl === undefined
      ? this.address()
      : { connectionString: listenUrl, application_name: this.pool.options.application_name };
  }

  read(tenantId: string, statement: Statement, presence?: Presence): Promise<Row[]> {
    turns.noteServed(tenantId);
    if (!isTracing()) return this.readAnywhere(tenantId, statement, presence);
    return inStatementSpan([statement], () => this.readAnywhere(tenantId, statement, presence));
  }

  private async readAnywhere(tenantId: string, statement: Statement, presence?: Presence): Promise<Row[]> {
    if (!this.replicas) return (await this.readBetween(tenantId, statement, presence))[0]!;
    if (statement.reading) return this.replicas.read(tenantId, statement, presence);
    const [rows] = await this.readBetween(tenantId, statement, presence);
    if (changes.test(statement.text)) await this.wrote([tenantId]);
    return rows!;
  }

  /** Sends a read between others, in one round trip; the rows of all of them. */
  async readBetween(
    tenantId: string,
    statement: Statement,
    presence?: Presence,
    { before = [], after = [] }: { before?: Statement[]; after?: Statement[] } = {},
  ): Promise<Row[][]> {
    if (presence?.gone) throw refuse('TIMED_OUT');
    const { statements, at } = this.tenantContext.single(tenantId, statement, this.deadlineOf(statement.purpose));
    const count = before.length + 1 + after.length;
    if (count > 1) statements.splice(at, 1, ...before, statement, ...after);
    if (this.reads.accepts(tenantId, statement.name)) {
      try {
        return (await this.reads.run(tenantId, statement.name, statements, { presence })).slice(at, at + count);
      } catch (error) {
        if (!isPreparedOtherwise(error) && !(error instanceof StoppedByMistake)) throw error;
      }
    }
    const results = await this.batch(tenantId, statements, {
      begins: this.tenantContext.opensTransaction,
      took: (milliseconds) => this.reads.recordLatency(statement.name, milliseconds),
      presence,
      isCostly: statement.isCostly ?? statement.purpose === 'report',
    });
    return results.slice(at, at + count);
  }

  async global(statement: Statement): Promise<Row[]> {
    const { statements, at } = this.tenantContext.outside(statement, this.deadlineOf(statement.purpose));
    return (await inStatementSpan([statement], () => this.batch(nobody, statements)))[at]!;
  }

  /** Notes where the log ends behind a change, so that replicas which lack it are not asked. */
  private async wrote(tenantIds: Iterable<string>, end?: Row[]): Promise<void> {
    if (!this.replicas) return;
    const { positions } = this.replicas;
    const tenants = [...tenantIds];
    try {
      const rows = end ?? (await this.whole(tenants[0]!, [endOfLog]))[0]!;
      for (const tenantId of tenants) positions.raise(tenantId, { wal: walOf(rows[0]![0]!) });
    } catch {
      for (const tenantId of tenants) positions.doubt(tenantId);
    }
  }

  /** Runs a statement on a connection that is kept for it alone: it waits for nobody, and less than a second for PostgreSQL. */
  probe(statement: Statement): Promise<Row[]> {
    return this.prober.ask(statement);
  }

  async transaction<T>(tenantId: string, work: Work<T>, options: TransactionOptions = {}): Promise<T> {
    if (options.snapshot)
      return this.snapshots.within(tenantId, () =>
        this.attempt(tenantId, work, beginSnapshot, { purpose: 'export', ...options }),
      );
    let isRead = true;
    /** Tries so often, as long as it fails by what passes. */
    const attempt = async (passes: (error: unknown) => boolean, first: number): Promise<T> => {
      for (let attempts = first; ; attempts += 1) {
        if (attempts > 1) await new Promise((resolve) => setTimeout(resolve, 5 * 2 ** attempts * Math.random()));
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
          else if (attempts >= tries || !(passes(error) || isPreparedOtherwise(error))) throw error;
        }
      }
    };
    try {
      return await attempt(() => false, 1);
    } catch (error) {
      if (!collided(error)) throw error;
      const since = performance.now();
      // those that have collided go one by one, and wait for that with neither locks nor connections
      return await this.collisions.run(tenantId, async () => {
        if (performance.now() - since > maxCollidedMs) throw error;
        return attempt(collided, 2);
      });
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
    const enter = this.tenantContext.enter(tenantId, this.deadlineOf(purpose));
    const changed = new Set([tenantId]);
    let client: pg.PoolClient | undefined;
    let begun = false;
    const opened = (statements: Statement[]): Statement[] => {
      const opening = begun ? [] : [begin, enter];
      begun = true;
      return [...opening, ...statements];
    };
    const send = async (statements: Statement[]): Promise<Row[][]> => {
      const results = await inStatementSpan(statements, () =>
        this.inForm(opened(statements), async (sent) =>
          stoppable((client ??= await this.connect(tenantId, { presence })), sent, presence),
        ),
      );
      return results.slice(results.length - statements.length);
    };
    try {
      const { result, last, final, committed, after } = await work({
        run: send,
        setTenant: (other) => {
          changed.add(other);
          return this.tenantContext.setTenant(other);
        },
      });
      const read = isRead && after ? [after.statement] : [];
      const writes = [...last, ...read, ...final];
      const isWhole = !begun && begin === beginWrite && !this.tenantContext.opensTransaction;
      const end = this.replicas && begin === beginWrite ? [endOfLog] : [];
      const statements = isWhole ? [enter, ...writes] : opened([...writes, commit, ...end]);
      const results = await inStatementSpan(statements, async () => {
        if (isWhole) return this.whole(tenantId, statements, read[0]);
        return this.inForm(statements, async (sent) => run((client ??= await this.connect(tenantId)), sent, read[0]));
      });
      client?.release();
      client = undefined;
      if (read.length > 0) after!.got(results[statements.indexOf(read[0]!)]!);
      if (begin === beginWrite) await this.wrote(changed, isWhole ? undefined : results.at(-1));
      committed(final.map((one) => results[statements.indexOf(one)]!));
      return result;
    } catch (error) {
      // whether it was committed is not known
      if (this.replicas && isUnavailable(error)) for (const one of changed) this.replicas.positions.doubt(one);
      if (client && begun) await rollback(client);
      else if (client) giveBack(client, error);
      throw error;
    }
  }

  /** Sends all statements of a transaction at once. */
  private async whole(tenantId: string, statements: Statement[], optional?: Statement): Promise<Row[][]> {
    const name = statements.every((one) => one.name) ? statements.map((one) => one.name).join() : undefined;
    if (this.writes.accepts(tenantId, name)) return await this.writes.run(tenantId, name, statements, { optional });
    const took = (milliseconds: number): void => this.writes.recordLatency(name, milliseconds);
    return await this.batch(tenantId, statements, { took, optional });
  }

  /** After how many milliseconds a statement is to be stopped; undefined where that is what connections begin with. */
  private deadlineOf(purpose: Purpose = 'read'): number | undefined {
    const { deadlines } = this.options;
    return deadlines && (this.options.pooler || deadlines[purpose] !== deadlines.read) ? deadlines[purpose] : undefined;
  }

  /** A connection for a tenant's requests, when it is their turn. */
  private async connect(
    tenantId: string,
    asking: { presence?: Presence | undefined; isCostly?: boolean | undefined } = {},
  ): Promise<pg.PoolClient> {
    const leave = await this.shares.enter(tenantId, asking);
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

  /** `begins` says that a failure of PostgreSQL leaves a transaction open; `took` gets the total duration. */
  private async batch(
    tenantId: string,
    statements: Statement[],
    { begins, took, optional, presence, isCostly }: BatchOptions = {},
  ): Promise<Row[][]> {
    const client = await this.connect(tenantId, { presence, isCostly });
    const since = performance.now();
    try {
      const results = await stoppable(client, statements, presence, optional);
      chargeLong(tenantId, results);
      client.release();
      took?.(performance.now() - since);
      return results;
    } catch (error) {
      if (begins) await rollback(client);
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

  /** Cuts all connections: whatever was asked on them fails. */
  cut(): void {
    for (const client of this.clients) destroy(client);
  }

  /** Ends all connections; what is still running on them after so many milliseconds is stopped, and they are cut. */
  async end(timeoutMs = 5_000): Promise<void> {
    const timer = setTimeout(() => {
      for (const client of this.clients) void cancel(client).then(() => destroy(client));
    }, timeoutMs);
    await Promise.all([this.pool.end(), this.prober.end(), this.replicas?.close(timeoutMs)]);
    clearTimeout(timer);
  }
}
