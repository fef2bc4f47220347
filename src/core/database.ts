import type { Presence } from './presence.js';

/** What the core needs from a database connection. `src/database/pool.ts` implements it over PostgreSQL. */

/** What a statement is sent for: for each there is a time after which PostgreSQL stops it. */
export const purposes = ['read', 'write', 'report', 'export', 'job'] as const;
export type Purpose = (typeof purposes)[number];

/** What is noted of the reads of a request that read replicas may answer. */
export interface Reading {
  /** how far the caller says that it has seen the tenant's changes; a replica must have as much */
  readonly seen: { seq: number; wal: bigint } | undefined;
  /** who has answered: replicas by their numbers, and `primary` */
  readonly by: Set<string>;
}

/** One SQL statement with `$n` placeholders. With a `name` it is prepared once per connection and kept. */
export interface Statement {
  text: string;
  values: unknown[];
  name?: string;
  /** what it is sent for; a read by default */
  purpose?: Purpose;
  /** set where a read replica may answer: one that has everything that is known of the tenant's changes */
  reading?: Reading | undefined;
  /** it may keep a processor busy for long, so that few of them are carried out at once; where unset, reports may */
  isCostly?: boolean;
  /** the error to throw if the statement divides by zero, which signals a missing record */
  missing?: () => Error;
  /** the same work by plain statements, for a database that is distributed; what has none is sent as it is */
  plain?: () => PlainForm;
}

/** Work that one PostgreSQL does in one statement, in plain statements on one table each, in up to two round trips. */
export interface PlainForm {
  /** what is sent first, at the beginning of whatever it is sent with, since it depends on nothing there */
  before: readonly Statement[];
  /** `before` is sent at its own place all the same, because of the locks that it takes */
  inPlace?: boolean;
  /** what follows, made of the rows of these; `rows` are those of the work as a whole, none by default. May throw. */
  rest: (rows: readonly Row[][]) => { statements: readonly Statement[]; rows?: Row[] };
}

/** A result row in PostgreSQL's text form, in the order of the select list. */
export type Row = Array<string | null>;

/** A connection inside one transaction. */
export interface Transaction {
  /** Sends the statements in one round trip and returns each one's rows. Fails as a whole. */
  run(statements: Statement[]): Promise<Row[][]>;
  /** What enters another tenant for the rest of the transaction, or until yet another one is entered. */
  setTenant(tenantId: string): Statement;
}

/** How a transaction ends: what is sent with its commit, and what is called after it. */
export interface Ending {
  /** writes that whatever follows in the same transaction must see */
  last: Statement[];
  /** what holds up other writers of the tenant, and is therefore sent at the very end */
  final: Statement[];
  /** called once the commit has succeeded, with what the `final` statements returned if they were sent by themselves */
  committed: (rows?: Row[][]) => void;
  /** read with the commit, after the `last` writes; its rows are handed over unless PostgreSQL refuses it */
  after?: { statement: Statement; got: (rows: Row[]) => void } | undefined;
}

/** The inside of a transaction. */
export type Work<T> = (tx: Transaction) => Promise<{ result: T } & Ending>;

export interface TransactionOptions {
  snapshot?: boolean;
  /** what it is made for: a write by default, an export if it is a snapshot */
  purpose?: Purpose;
  /** whoever waits for what a snapshot reads */
  presence?: Presence | undefined;
}

export interface Database {
  /**
   * Enters the tenant and runs the statement in one round trip, outside any longer transaction. Returns its rows. Stopped
   * when whoever it is read for goes.
   */
  read(tenantId: string, statement: Statement, presence?: Presence): Promise<Row[]>;
  /** Runs a statement on tables that belong to no tenant (the tenants themselves). */
  global(statement: Statement): Promise<Row[]>;
  /**
   * Runs `work` in one transaction inside the tenant and sends its `last` and `final` statements together with the
   * commit; if anything throws before, nothing is kept.
   * Serialisation failures and deadlocks are retried from the start, so `work` must have no effect outside. A `snapshot`
   * can only read, sees throughout what was there at its first statement, is one of its tenant's share of the connections,
   * and is refused with RATE_LIMITED while as many are open as half of the connections, or all but one of these or of its
   * share in the same tenant.
   */
  transaction<T>(tenantId: string, work: Work<T>, options?: TransactionOptions): Promise<T>;
}

/** The database for what the server does by itself, which may take longer than what somebody waits for. */
export const forJobs = (database: Database): Database => ({
  read: (tenantId, statement) => database.read(tenantId, { purpose: 'job', ...statement }),
  global: (statement) => database.global({ purpose: 'job', ...statement }),
  transaction: (tenantId, work, options) => database.transaction(tenantId, work, { purpose: 'job', ...options }),
});
