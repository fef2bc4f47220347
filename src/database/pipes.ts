import type pg from 'pg';
import type { Row, Statement } from '../core/database.js';
import { Batch, failure, type Wire } from './batch.js';
import { Pace, quickMilliseconds } from './pace.js';

/**
 * How many requests are under way on one connection: the one that PostgreSQL is at, and the one that it finds when it has
 * finished. With more, more would have to wait when the operating system lets that process wait.
 */
const depth = 2;

/** What is sent at once, the name that its pace is known by, which of its statements may be refused, and who waits for it. */
interface Asked {
  statements: readonly Statement[];
  name: string;
  optional?: Statement | undefined;
  resolve: (results: Row[][]) => void;
  reject: (error: Error) => void;
}

/**
 * One connection on which requests follow each other without waiting for answers: PostgreSQL is spared falling asleep and
 * being woken between them. Each ends with a Sync of its own, so that it is done or fails as a whole, and alone.
 */
class Pipe {
  /** sent and not answered yet, in order */
  private readonly sent: Array<Asked & { batch: Batch }> = [];
  /** when PostgreSQL came to the first of these */
  private since = 0;
  private isCorked = false;

  constructor(
    readonly client: pg.PoolClient,
    private readonly answered: (pipe: Pipe, name: string, milliseconds: number) => void,
    private readonly lost: (pipe: Pipe, error: Error) => void,
  ) {}

  get length(): number {
    return this.sent.length;
  }

  /** The request that PostgreSQL is at takes longer than was known of it. */
  get isHeldUp(): boolean {
    return this.sent.length > 0 && performance.now() - this.since > quickMilliseconds;
  }

  send(asked: Asked): void {
    const batch = new Batch(asked.statements, (error, results, isLost) => {
      if (error) asked.reject(failure(error, asked.statements, results, isLost, asked.optional));
      else asked.resolve(results);
      if (isLost) this.lose(error!);
      else this.turn();
    });
    this.sent.push({ ...asked, batch });
    this.write(batch);
    if (this.sent.length === 1) this.expect();
  }

  /** What is written in one turn of the event loop goes out at once. */
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

  /** Tells pg whose answer comes next. */
  private expect(): void {
    this.since = performance.now();
    this.client.query(this.sent[0]!.batch);
  }

  private turn(): void {
    const { name } = this.sent.shift()!;
    const took = performance.now() - this.since;
    if (this.sent.length > 0) this.expect();
    this.answered(this, name, took);
  }

  private lose(error: Error): void {
    for (const { reject } of this.sent.splice(0).slice(1)) reject(error);
    this.lost(this, error);
  }
}

/**
 * A few connections that quick requests share. They are taken from the pool when requests come and given back when there
 * are none; all but one are given back as well while somebody else waits for a connection.
 */
export class Pipes {
  private readonly pipes: Pipe[] = [];
  private readonly waiting: Asked[] = [];
  private readonly pace = new Pace();
  /** how many connections have been asked for */
  opening = 0;

  constructor(
    private readonly lend: () => Promise<pg.PoolClient>,
    /** most connections at once; with 0 nothing is taken */
    private readonly most: number,
    /** whether anybody waits for a connection of their own */
    private readonly othersWait: () => boolean,
  ) {}

  /** Whether a request is one for these connections: it is known by that name to be quick, and one of them gets on. */
  takes(name: string | undefined): name is string {
    if (name === undefined || !this.pace.isQuick(name) || this.most === 0) return false;
    return this.pipes.length < this.most || this.pipes.some((pipe) => !pipe.isHeldUp);
  }

  /** Tells how long a request took that had a connection of its own. */
  took(name: string | undefined, milliseconds: number): void {
    if (name !== undefined) this.pace.took(name, milliseconds);
  }

  /** How many requests wait for their turn. */
  get queued(): number {
    return this.waiting.length;
  }

  /** Sends statements as one request. `optional` is one of them that PostgreSQL may refuse, with Unreadable. */
  run(name: string, statements: readonly Statement[], optional?: Statement): Promise<Row[][]> {
    return new Promise((resolve, reject) => {
      const asked = { statements, name, optional, resolve, reject };
      const pipe = this.shortest();
      if (pipe) return pipe.send(asked);
      this.waiting.push(asked);
      if (this.canGrow) void this.open();
    });
  }

  /** The pipe with the fewest requests, if there is one that gets on and takes one more. */
  private shortest(): Pipe | undefined {
    let shortest: Pipe | undefined;
    for (const pipe of this.pipes)
      if (pipe.length < this.room && (!shortest || pipe.length < shortest.length) && !pipe.isHeldUp) shortest = pipe;
    return shortest;
  }

  /** How many requests a pipe takes: none has to wait behind another as long as a further pipe can be opened. */
  private get room(): number {
    return this.opening > 0 || this.canGrow ? 1 : depth;
  }

  private get canGrow(): boolean {
    const now = this.pipes.length + this.opening;
    return now < this.most && (now === 0 || !this.othersWait());
  }

  private async open(): Promise<void> {
    this.opening += 1;
    try {
      const client = await this.lend();
      const pipe = new Pipe(client, this.answered, this.lost);
      this.pipes.push(pipe);
      this.refill(pipe);
    } catch (error) {
      if (this.pipes.length === 0 && this.opening === 1) this.giveUp(error as Error);
    } finally {
      this.opening -= 1;
    }
  }

  private readonly answered = (pipe: Pipe, name: string, milliseconds: number): void => {
    this.pace.took(name, milliseconds);
    this.refill(pipe);
  };

  private readonly lost = (pipe: Pipe, error: Error): void => {
    this.close(pipe, error);
    if (this.waiting.length > 0 && this.pipes.length + this.opening === 0) void this.open();
  };

  private refill(pipe: Pipe): void {
    const isGivenBack = this.pipes.length > 1 && this.othersWait();
    while (!isGivenBack && pipe.length < this.room && this.waiting.length > 0) pipe.send(this.waiting.shift()!);
    if (pipe.length === 0) this.close(pipe);
  }

  private close(pipe: Pipe, error?: Error): void {
    this.pipes.splice(this.pipes.indexOf(pipe), 1);
    pipe.client.release(error);
  }

  private giveUp(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}
