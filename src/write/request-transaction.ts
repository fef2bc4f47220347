import type { Database, Ending, Row, Statement, Transaction, Work } from '../core/database.js';
import { collided } from '../core/database-faults.js';

/**
 * A database inside one transaction that is under way: every read and every transaction of a whole request joins it.
 * Each is undone by itself if it fails; what holds up other writers is kept until the end. Statements go one after the
 * other, since there is one connection.
 */
export class RequestTransaction implements Database {
  /** number of completed transactions, that is, of operations done */
  completed = 0;
  /** set if PostgreSQL gave up because of a collision: then the whole has to be tried again */
  collision: unknown;
  private readonly endings: Ending[] = [];
  private last: Promise<unknown> = Promise.resolve();
  private savepoints = 0;
  private ended = false;
  /** waits for locks are bounded */
  private isBounded = false;

  constructor(
    private readonly tx: Transaction,
    private readonly tenantId: string,
  ) {}

  /** Puts off what is to begin once all of it is committed; whatever joins after the end is refused. */
  afterCommit(work: () => void): void {
    this.endings.push({ last: [], final: [], committed: work });
  }

  /** Must be called when the work is over, however it ended: the connection may be used by others from then on. */
  end(): void {
    this.ended = true;
  }

  async read(tenantId: string, statement: Statement): Promise<Row[]> {
    const savepoint = this.savepoint(tenantId);
    const results = await this.serialized(async () => {
      try {
        return await this.tx.run([...savepoint.begin, statement, ...savepoint.end]);
      } catch (error) {
        await this.undo(savepoint, error);
        throw error;
      }
    });
    return results[savepoint.begin.length]!;
  }

  global(statement: Statement): Promise<Row[]> {
    return this.read(this.tenantId, statement);
  }

  async transaction<T>(tenantId: string, work: Work<T>): Promise<T> {
    const savepoint = this.savepoint(tenantId);
    let begun = false;
    const run = async (statements: Statement[]): Promise<Row[][]> => {
      const opening = begun ? [] : savepoint.begin;
      begun = true;
      return (await this.serialized(() => this.tx.run([...opening, ...statements]))).slice(opening.length);
    };
    try {
      const { result, ...ending } = await work({ run, setTenant: this.setTenant });
      const foreign = tenantId !== this.tenantId;
      await run([...ending.last, ...(foreign ? ending.final : []), ...savepoint.end]);
      this.endings.push(foreign ? { ...ending, final: [] } : ending);
      this.completed += 1;
      return result;
    } catch (error) {
      if (begun) await this.serialized(() => this.undo(savepoint, error));
      throw error;
    }
  }

  /** What is left for the commit of the whole. */
  ending(): Ending {
    const { endings } = this;
    const final = endings.flatMap(({ final: each }) => each);
    return {
      last: [],
      // what all writers of a tenant lock last can be waited for
      final: this.isBounded ? [lockTimeout(0), ...final] : final,
      committed: () => endings.forEach(({ committed }) => committed()),
    };
  }

  private readonly setTenant = (tenantId: string): Statement => this.tx.setTenant(tenantId);

  private savepoint(tenantId: string): Savepoint {
    const name = `p${(this.savepoints += 1)}`;
    const foreign = tenantId !== this.tenantId;
    return {
      begin: [...this.bound(), plain(`savepoint ${name}`), ...(foreign ? [this.setTenant(tenantId)] : [])],
      end: [...(foreign ? [this.setTenant(this.tenantId)] : []), plain(`release savepoint ${name}`)],
      // undoes the entering of another tenant as well
      undo: [plain(`rollback to savepoint ${name}`), plain(`release savepoint ${name}`)],
    };
  }

  /**
   * Whoever has changed something and waits for somebody else may be waited for by them: the operations of a request lock in
   * the order of its client. So that is given up long before PostgreSQL looks for deadlocks, by one after the other.
   */
  private bound(): Statement[] {
    if (this.completed === 0 || this.isBounded) return [];
    this.isBounded = true;
    return [lockTimeout(lockMs + Math.floor(Math.random() * 3 * lockMs))];
  }

  /** Where even that fails, the connection is gone, and the end of the whole will say so. */
  private async undo(savepoint: Savepoint, reason: unknown): Promise<void> {
    if (collided(reason)) {
      this.collision ??= reason;
      return;
    }
    await this.tx.run(savepoint.undo).catch(() => {});
  }

  private async serialized<T>(work: () => Promise<T>): Promise<T> {
    if (this.ended)
      throw new Error(
        'The transaction has ended: work that goes on behind a request needs a context of its own (see `afterwards`).',
      );
    const mine = this.last.then(() => {
      // nothing more is begun while what was locked is held: the whole is undone, and tried again
      if (this.collision) throw this.collision as Error;
      return work();
    });
    this.last = mine.catch(() => {});
    return await mine;
  }
}

interface Savepoint {
  begin: Statement[];
  end: Statement[];
  undo: Statement[];
}

/** For how long a request that holds locks waits for those of others, in milliseconds: so long, to four times as long. */
const lockMs = 100;

const lockTimeout = (milliseconds: number): Statement => ({
  name: 'lock-timeout',
  text: "select set_config('lock_timeout', $1, true)",
  values: [String(milliseconds)],
});

const plain = (text: string): Statement => ({ text, values: [] });
