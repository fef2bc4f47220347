import { onDatabase, type Context } from './context.js';
import type { Database, Row, Statement, Transaction } from './database.js';

/** A read-only view of the database at one moment. */
class Snapshot implements Database {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly tx: Transaction,
    private readonly tenantId: string,
  ) {}

  /** One statement after the other, since there is one connection. */
  read(tenantId: string, statement: Statement): Promise<Row[]> {
    if (tenantId !== this.tenantId) throw new Error('A snapshot is of one tenant.');
    const mine = this.last.then(() => this.tx.run([statement]));
    this.last = mine.catch(() => {});
    return mine.then(([rows]) => rows!);
  }

  global(statement: Statement): Promise<Row[]> {
    return this.read(this.tenantId, statement);
  }

  transaction(): Promise<never> {
    throw new Error('A snapshot can only be read.');
  }
}

/** A caller whose reads all see the same moment. */
export interface SnapshotContext {
  ctx: Context;
  /** gives the connection back */
  close(): Promise<void>;
}

/** A context whose reads all see the moment of the next statement. Holds a connection until it is closed. */
export function openSnapshot(ctx: Context): Promise<SnapshotContext> {
  return new Promise((resolve, reject) => {
    let end!: () => void;
    const ended = new Promise<void>((done) => (end = done));
    const over = ctx.database.transaction(
      ctx.tenant.id,
      async (tx) => {
        const snapshotCtx: Context = onDatabase(ctx, new Snapshot(tx, ctx.tenant.id), { loaders: new Map() });
        resolve({ ctx: snapshotCtx, close: () => (end(), over) });
        await ended;
        return { result: undefined, last: [], final: [], committed: () => {} };
      },
      { snapshot: true, presence: ctx.presence },
    );
    over.catch(reject);
  });
}
