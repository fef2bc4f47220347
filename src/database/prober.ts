import pg from 'pg';
import type { Row, Statement } from '../core/database.js';

/** How long a probe waits for PostgreSQL, in milliseconds. */
const timeoutMs = 700;
/** After how many milliseconds a connection that cannot be made is given up. */
const connectTimeoutMs = 5_000;

/**
 * A connection of its own for those who ask whether the database is there: neither a pool in which all connections are in
 * use nor a PostgreSQL that hangs keeps them waiting. Probes that come together are answered together.
 */
export class Prober {
  private client: Promise<pg.Client> | undefined;
  private asking: Promise<Row[]> | undefined;

  constructor(private readonly address: () => pg.ClientConfig) {}

  ask(statement: Statement): Promise<Row[]> {
    this.asking ??= this.tried(statement).finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async tried({ text, values }: Statement): Promise<Row[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>(
      (_, reject) =>
        (timer = setTimeout(
          // where this process was busy, the answer may be there and unread
          () => setImmediate(() => reject(new Error('PostgreSQL did not answer a probe.'))),
          timeoutMs,
        )),
    );
    this.client ??= this.connected();
    const connecting = this.client;
    let isConnected = false;
    connecting.then(
      () => (isConnected = true),
      () => {},
    );
    const answer = connecting.then((client) => client.query<string[]>({ text, values, rowMode: 'array' }));
    try {
      return (await Promise.race([answer, late])).rows;
    } catch (error) {
      answer.catch(() => {});
      // one that is still being made is for the next probe; one that does not answer is not asked again, and nobody waits for its end
      if (isConnected) {
        this.client = undefined;
        connecting.then((client) => client.connection.stream.destroy()).catch(() => {});
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private async connected(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.address(), connectionTimeoutMillis: connectTimeoutMs });
    client.on('error', () => (this.client = undefined));
    try {
      await client.connect();
      return client;
    } catch (error) {
      this.client = undefined;
      throw error;
    }
  }

  async end(): Promise<void> {
    await this.client?.then((client) => client.end()).catch(() => {});
  }
}
