import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** Where the server of a connection is, and which of its processes the connection belongs to; pg's types leave these out. */
interface Target {
  host: string;
  port: number;
  processID: number;
  secretKey: number;
}

interface CancelConnection {
  connect(port: number | string, host?: string): void;
  cancel(processID: number, secretKey: number): void;
  once(event: 'connect' | 'end' | 'error', listener: () => void): void;
  stream: { destroy(): void };
}

/** How long it is tried, in milliseconds. */
const timeoutMs = 2_000;

/**
 * Asks PostgreSQL to stop what a connection is at. Resolves when it has been asked, or cannot be: until then the connection
 * belongs to nobody else, since what it does next would be stopped instead.
 */
export function cancel(client: pg.PoolClient): Promise<void> {
  const { host, port, processID, secretKey } = client as unknown as Target;
  const { connection } = new pg.Client() as unknown as { connection: CancelConnection };
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      connection.stream.destroy();
      resolve();
    };
    const timer = setTimeout(end, timeoutMs);
    connection.once('connect', () => connection.cancel(processID, secretKey));
    connection.once('end', end);
    connection.once('error', end);
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
  });
}

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * Asks PostgreSQL to stop what a connection is at, and again as long as it has not: it passes over what it is asked before
 * it has begun. The function that is returned is called when the work has ended, stopped or not; what it returns resolves
 * when nothing is asked any more, and the connection can do something else.
 */
export function stop(client: pg.PoolClient): () => Promise<void> {
  const ended = new AbortController();
  const { signal } = ended;
  async function ask(): Promise<void> {
    for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      await cancel(client);
      await pause(pauseMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }
  const asking = ask();
  return () => {
    ended.abort();
    return asking;
  };
}
