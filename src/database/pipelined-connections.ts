import type pg from 'pg';
import type { Row, Statement } from '../core/database.js';
import { isStopped } from '../core/database-faults.js';
import { refuse } from '../core/errors.js';
import { FairQueue } from '../core/fair-queue.js';
import type { Presence } from '../core/presence.js';
import { Batch, failure, type Wire } from './batch.js';
import { stop } from './cancel.js';
import type { Shares } from './shares.js';
import { LatencyEstimate, quickThresholdMs } from './latency-estimate.js';

/**
 * How many requests are under way on one connection: the one that PostgreSQL is at, and the one that it finds when it has
 * finished. With more, more would have to wait when the operating system lets that process wait.
 */
const maxInFlight = 2;

interface PipelinedOptions {
  /** one of the statements, which PostgreSQL may refuse, with Unreadable */
  optional?: Statement | undefined;
  /** whoever waits for it; only what can be asked again may have one */
  presence?: Presence | undefined;
}

/** PostgreSQL was asked to stop what was before it on the same connection, and stopped this instead. */
export class StoppedByMistake extends Error {}

/**
 * What is sent at once, the name of its latency estimate, and the callbacks.
 */
interface PipelinedRequest extends PipelinedOptions {
  tenantId: string;
  statements: readonly Statement[];
  name: string;
  resolve: (results: Row[][]) => void;
  reject: (error: Error) => void;
}

/**
 * One connection on which requests follow each other without waiting for answers: PostgreSQL is spared falling asleep and
 * being woken between them. Each ends with a Sync of its own, so that it is done or fails as a whole, and alone.
 */
class PipelinedConnection {
  /** sent and not answered yet, in order */
  private readonly inFlight: Array<PipelinedRequest & { batch: Batch; done?: (() => void) | undefined }> = [];
  /** when PostgreSQL came to the first of these */
  private headSince = 0;
  private isCorked = false;
  /** something was stopped on it: what is stopped from now on may be something else */
  private hasStopped = false;
  /** set while PostgreSQL is being asked to stop what it is at: nothing more is sent until it has ended */
  private stopping: (() => Promise<void>) | undefined;

  constructor(
    readonly client: pg.PoolClient,
    private readonly onAnswer: (connection: PipelinedConnection, answer?: { name: string; took: number }) => void,
    private readonly onLost: (connection: PipelinedConnection, error: Error) => void,
  ) {}

  get length(): number {
    return this.inFlight.length;
  }

  /** The request that PostgreSQL is at takes longer than was known of it. */
  get isStalled(): boolean {
    return this.isStopping || (this.inFlight.length > 0 && performance.now() - this.headSince > quickThresholdMs);
  }

  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  send(request: PipelinedRequest): void {
    const batch = new Batch(request.statements, (error, results, isLost) => {
      if (error) request.reject(this.failureOf(request, error, results, isLost));
      else request.resolve(results);
      if (isLost) this.fail(error!);
      else this.next();
    });
    this.inFlight.push({ ...request, batch });
    this.write(batch);
    if (this.inFlight.length === 1) this.awaitNext();
  }

  /** What is written in one iteration of the event loop is sent at once. */
  private write(batch: Batch): void {
    const { connection } = this.client as unknown as { connection: Wire };
    if (!this.isCorked) {
      this.isCorked = true;
      connection.stream.cork?.();
      setImmediate(() => {
        this.isCorked = false;
        connection.stream.uncork?.();
      });
    }
    batch.submit(connection);
  }

  /** Says to pg which request is answered next. */
  private awaitNext(): void {
    this.headSince = performance.now();
    const head = this.inFlight[0]!;
    this.client.query(head.batch);
    if (head.presence?.gone) this.stop();
    else head.done = head.presence?.during(() => this.stop());
  }

  /** Nobody waits any more for what PostgreSQL is at. */
  private stop(): void {
    this.hasStopped = true;
    this.stopping ??= stop(this.client);
  }

  private failureOf(
    { statements, optional, presence }: PipelinedRequest,
    error: Error,
    results: Row[][],
    isLost: boolean,
  ): Error {
    if (this.hasStopped && isStopped(error) && presence && !presence.gone) return new StoppedByMistake();
    return failure(error, statements, results, isLost, optional);
  }

  private next(): void {
    const { name, done } = this.inFlight.shift()!;
    done?.();
    const took = performance.now() - this.headSince;
    this.endStopping();
    if (this.inFlight.length > 0) this.awaitNext();
    this.onAnswer(this, { name, took });
  }

  /** What was to be stopped has ended; what came after it meanwhile may be for nobody any more either. */
  private endStopping(): void {
    const { stopping } = this;
    void stopping?.().then(() => {
      // what has ended twice was noted already
      if (this.stopping !== stopping) return;
      this.stopping = undefined;
      if (this.inFlight[0]?.presence?.gone) this.stop();
      else this.onAnswer(this);
    });
  }

  private fail(error: Error): void {
    void this.stopping?.();
    for (const [place, { done, reject }] of this.inFlight.splice(0).entries()) {
      done?.();
      if (place > 0) reject(error);
    }
    this.onLost(this, error);
  }
}

/**
 * A few connections that quick requests share. They are taken from the pool when requests come and returned when there
 * are none; all but one are returned while other requests wait for an exclusive connection.
 */
export class PipelinedConnections {
  private readonly connections: PipelinedConnection[] = [];
  private readonly queue = new FairQueue<PipelinedRequest>();
  private readonly latency = new LatencyEstimate();
  /** how many connections have been asked for */
  opening = 0;

  constructor(
    private readonly connect: () => Promise<pg.PoolClient>,
    /** maximum number of connections; 0 disables sharing */
    private readonly maxConnections: number,
    private readonly shares: Shares,
  ) {}

  /**
   * Whether a tenant's request is one for these connections: it is known by that name to be quick, one of them gets on, and the
   * tenant's share is not taken by requests that have connections to themselves.
   */
  accepts(tenantId: string, name: string | undefined): name is string {
    if (name === undefined || !this.latency.isQuick(name) || this.maxConnections === 0) return false;
    if (this.shares.hasOwnShare(tenantId)) return false;
    return (
      this.connections.length < this.maxConnections || this.connections.some((connection) => !connection.isStalled)
    );
  }

  /** Records the duration of a request that had an exclusive connection. */
  recordLatency(name: string | undefined, milliseconds: number): void {
    if (name !== undefined) this.latency.record(name, milliseconds);
  }

  /** Number of queued requests. */
  get queued(): number {
    return this.queue.size;
  }

  /** Sends statements as one request of a tenant; where several wait, tenants take turns. */
  run(
    tenantId: string,
    name: string,
    statements: readonly Statement[],
    options: PipelinedOptions = {},
  ): Promise<Row[][]> {
    return new Promise((resolve, reject) => {
      const request = { tenantId, statements, name, ...options, resolve, reject };
      const connection = this.shares.mayShare(tenantId) ? this.leastBusy() : undefined;
      if (connection) return this.send(connection, request);
      this.queue.push(tenantId, request);
      if (this.canGrow && this.shares.mayShare(tenantId)) void this.open();
    });
  }

  /** Goes on with what waits, after a tenant has got some of its share back; what waits for its tenant's share needs no connection yet. */
  resume(): void {
    if (!this.isDue) return;
    for (const connection of this.connections.slice()) this.refill(connection);
    // those that are there may be busy for long; one after the other, so that it is noticed where none can be opened
    if (this.opening === 0 && this.canGrow && this.isDue) void this.open();
  }

  private send(connection: PipelinedConnection, request: PipelinedRequest): void {
    const done = this.shares.onShared(request.tenantId);
    const { resolve, reject } = request;
    connection.send({
      ...request,
      resolve: (results) => {
        done();
        resolve(results);
      },
      reject: (error) => {
        done();
        reject(error);
      },
    });
  }

  /** The connection with the fewest requests, if one is not stalled and accepts one more. */
  private leastBusy(): PipelinedConnection | undefined {
    let leastBusy: PipelinedConnection | undefined;
    for (const connection of this.connections)
      if (
        connection.length < this.maxPerConnection &&
        (!leastBusy || connection.length < leastBusy.length) &&
        !connection.isStalled
      )
        leastBusy = connection;
    return leastBusy;
  }

  /** Requests per connection: none has to wait behind another as long as a further connection can be opened. */
  private get maxPerConnection(): number {
    return this.opening > 0 || this.canGrow ? 1 : maxInFlight;
  }

  /** Whether something waits whose tenant has its share. */
  private get isDue(): boolean {
    return this.queue.some((tenantId) => this.shares.mayShare(tenantId));
  }

  private get canGrow(): boolean {
    const now = this.connections.length + this.opening;
    return now < this.maxConnections && (now === 0 || !this.shares.isExhausted);
  }

  private async open(): Promise<void> {
    this.opening += 1;
    try {
      const client = await this.connect();
      const connection = new PipelinedConnection(client, this.onAnswer, this.onLost);
      this.connections.push(connection);
      this.refill(connection);
    } catch (error) {
      if (this.connections.length === 0 && this.opening === 1) this.giveUp(error as Error);
    } finally {
      this.opening -= 1;
    }
  }

  private readonly onAnswer = (connection: PipelinedConnection, answer?: { name: string; took: number }): void => {
    if (answer) this.latency.record(answer.name, answer.took);
    this.refill(connection);
  };

  private readonly onLost = (connection: PipelinedConnection, error: Error): void => {
    this.close(connection, error);
    if (this.queue.size > 0 && this.connections.length + this.opening === 0) void this.open();
  };

  private refill(connection: PipelinedConnection): void {
    const isGivenBack = this.connections.length > 1 && this.shares.isExhausted;
    while (!isGivenBack && !connection.isStopping && connection.length < this.maxPerConnection) {
      const next = this.queue.shift((tenantId) => this.shares.mayShare(tenantId));
      if (!next) break;
      if (next.presence?.gone) next.reject(refuse('TIMED_OUT'));
      else this.send(connection, next);
    }
    if (connection.length === 0 && !connection.isStopping) this.close(connection);
  }

  private close(connection: PipelinedConnection, error?: Error): void {
    const place = this.connections.indexOf(connection);
    if (place < 0) return;
    this.connections.splice(place, 1);
    connection.client.release(error);
  }

  private giveUp(error: Error): void {
    for (const { reject } of this.queue.drain()) reject(error);
  }
}
