import pg from 'pg';
import type { Row, Statement } from '../core/database.js';

/** How long a probe waits for PostgreSQL, in milliseconds. */
const timeoutMs = 1_000;

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
      (_, reject) => (timer = setTimeout(() => reject(new Error('PostgreSQL did not answer a probe.')), timeoutMs)),
    );
    this.client ??= this.connected();
    const connecting = this.client;
    const answer = connecting.then((client) => client.query<string[]>({ text, values, rowMode: 'array' }));
    try {
      return (await Promise.race([answer, late])).rows;
    } catch (error) {
      this.client = undefined;
      // a connection that does not answer is not asked again; nobody waits for its end
      answer.catch(() => {});
      connecting.then((client) => client.connection.stream.destroy()).catch(() => {});
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private async connected(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.address(), connectionTimeoutMillis: timeoutMs });
    client.on('error', () => (this.client = undefined));
    await client.connect();
    return client;
  }

  async end(): Promise<void> {
    await this.client?.then((client) => client.end()).catch(() => {});
  }
}
