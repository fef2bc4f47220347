/** What the core needs from a database connection. `src/database/pool.ts` implements it over PostgreSQL. */

/** One SQL statement with `$n` placeholders. With a `name` it is prepared once per connection and kept. */
export interface Statement {
  text: string;
  values: unknown[];
  name?: string;
}

/** A result row in PostgreSQL's text form, in the order of the select list. */
export type Row = Array<string | null>;

/** A connection inside one transaction. */
export interface Transaction {
  /** Sends the statements in one round trip and returns each one's rows. Fails as a whole. */
  run(statements: Statement[]): Promise<Row[][]>;
}

/** The inside of a transaction: what it returns, what is sent with its commit, and who hears of the rows of that. */
export type Work<T> = (tx: Transaction) => Promise<{ result: T; last: Statement[]; committed: (results: Row[][]) => void }>;

export interface Database {
  /** Enters the tenant and runs the statement in one round trip, outside any longer transaction. Returns its rows. */
  read(tenantId: string, statement: Statement): Promise<Row[]>;
  /** Runs a statement on tables that belong to no tenant (the tenants themselves). */
  global(statement: Statement): Promise<Row[]>;
  /**
   * Runs `work` in one transaction inside the tenant; `last` gives statements that are sent together with the commit,
   * `committed` gets their rows once it has succeeded; if it throws before, nothing is kept.
   * Serialisation failures and deadlocks are retried from the start, so `work` must have no effect outside. A `snapshot`
   * can only read, and sees throughout what was there at its first statement.
   */
  transaction<T>(tenantId: string, work: Work<T>, options?: { snapshot?: boolean }): Promise<T>;
}
