import type pg from 'pg';
import type { Row, Statement } from '../core/database.js';
import { isUnavailable } from '../core/database-faults.js';
import { refuse } from '../core/errors.js';
import type { Presence } from '../core/presence.js';
import { Batch, failure, type Wire } from './batch.js';
import { stop } from './cancel.js';

// How statements are sent on a connection that belongs to one request.

/** How a batch is sent on a connection of its own. */
export interface BatchOptions {
  begins?: boolean;
  took?: (milliseconds: number) => void;
  optional?: Statement | undefined;
  presence?: Presence | undefined;
  isCostly?: boolean | undefined;
}

/** Sends a batch that is stopped when whoever it is for goes; the connection is ready for others when it has ended. */
export async function stoppable(
  client: pg.PoolClient,
  statements: Statement[],
  presence?: Presence,
  optional?: Statement,
): Promise<Row[][]> {
  if (!presence) return run(client, statements, optional);
  if (presence.gone) throw refuse('TIMED_OUT');
  let stopped: (() => Promise<void>) | undefined;
  const done = presence.during(() => (stopped = stop(client)));
  try {
    return await run(client, statements, optional);
  } finally {
    done();
    if (stopped) {
      await stopped();
      // what was sent too late hits this
      await client.query('select 1').catch(() => {});
    }
  }
}

/** Sends a batch; `optional` is a statement of it that PostgreSQL may refuse, with Unreadable. */
export function run(client: pg.PoolClient, statements: Statement[], optional?: Statement): Promise<Row[][]> {
  return new Promise((resolve, reject) => {
    client.query(
      new Batch(statements, (error, results, isLost) =>
        error ? reject(failure(error, statements, results, isLost, optional)) : resolve(results),
      ),
    );
  });
}

/** A refusal leaves the connection usable; an error of the connection, or the end of PostgreSQL, does not. */
export const giveBack = (client: pg.PoolClient, error: unknown): void =>
  client.release(isUnavailable(error) ? (error as Error) : undefined);

/** Cuts a connection: whatever was asked on it fails. */
export const destroy = ({ connection }: { connection: unknown }): void => {
  (connection as Wire).stream.destroy?.();
};

/** Undoes a transaction and gives its connection back. */
export async function rollback(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('rollback');
    client.release();
  } catch (error) {
    client.release(error as Error);
  }
}
