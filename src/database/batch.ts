import type { Submittable } from 'pg';
import pgUtils from 'pg/lib/utils.js';
import type { Row, Statement } from '../core/database.js';
import { collided, sqlState } from '../core/database-faults.js';

/** A named statement of a connection. */
interface Prepared {
  readonly length: number;
  /** whether PostgreSQL has it: after a failure that may be or not */
  isCertain: boolean;
}

/** What pg's connection can send in the extended protocol; its type declarations leave these out. */
export interface Wire {
  parse(message: { name: string; text: string; types: number[] }): void;
  bind(message: {
    portal: string;
    statement: string;
    values: unknown[];
    valueMapper: (value: unknown) => unknown;
  }): void;
  execute(message: { portal: string; rows: number }): void;
  close(message: { type: 'S'; name: string }): void;
  sync(): void;
  stream: { cork?(): void; uncork?(): void; destroy?(): void };
  /** the statements that this connection has prepared, by name, the longest unused first */
  prepared?: Map<string, Prepared>;
  /** how many characters they have together */
  preparedLength?: number;
  /** nothing that is prepared stays so: no statement is sent under its name */
  isUnprepared?: boolean;
}

const divisionByZero = '22012';

/**
 * How many named statements one connection keeps, and of how many characters together, for each of which PostgreSQL keeps about
 * fifty bytes; the longest unused are closed to make room.
 */
export const keptPerConnection = 400;
export const keptCharacters = 4_000_000;

/** How many statements a connection has prepared. */
export const preparedOn = (connection: unknown): number => (connection as Wire).prepared?.size ?? 0;

/**
 * Statements sent in one round trip with a single Sync at the end: PostgreSQL runs them as one implicit transaction, so
 * a `set_config(…, true)` in the first covers the rest and ends with it, and an error in one skips those behind it.
 * Values travel as text; rows come back as text.
 */
export class Batch implements Submittable {
  private readonly results: Row[][] = [];
  private rows: Row[] = [];
  private wire: Wire | undefined;
  /** names that are given or taken away by this batch, with the lengths of their statements */
  private readonly doubtful = new Map<string, number>();

  constructor(
    private readonly statements: readonly Statement[],
    /** `results` are those of the statements that were completed; `isLost` says that the connection is of no use any more */
    private readonly done: (error: Error | undefined, results: Row[][], isLost: boolean) => void,
  ) {}

  /** Sends the statements; by itself, or ahead of its turn, in which case its turn sends nothing. */
  submit(connection: unknown): void {
    if (this.wire) return;
    const wire = connection as Wire;
    this.wire = wire;
    wire.stream.cork?.();
    try {
      for (const statement of this.statements) this.send(wire, statement);
      wire.sync();
    } finally {
      wire.stream.uncork?.();
    }
  }

  private send(wire: Wire, { name: given = '', text, values }: Statement): void {
    const name = wire.isUnprepared ? '' : given;
    if (!name || !this.keep(wire, name, text.length)) wire.parse({ name, text, types: [] });
    wire.bind({ portal: '', statement: name, values, valueMapper: (value) => pgUtils.prepareValue(value) });
    wire.execute({ portal: '', rows: 0 });
  }

  /** True if the connection surely knows the statement already; otherwise it is about to be parsed under a free name. */
  private keep(wire: Wire, name: string, length: number): boolean {
    const prepared = (wire.prepared ??= new Map<string, Prepared>());
    const known = prepared.get(name);
    prepared.delete(name);
    prepared.set(name, known ?? { length, isCertain: true });
    if (known?.isCertain) return true;
    if (known) {
      known.isCertain = true;
      wire.close({ type: 'S', name });
    }
    this.makeRoom(wire, prepared, known ? 0 : length);
    this.doubtful.set(name, length);
    return false;
  }

  /** Closes what has been unused for longest where there is too much; never what was added last. */
  private makeRoom(wire: Wire, prepared: Map<string, Prepared>, added: number): void {
    let length = (wire.preparedLength ?? 0) + added;
    for (const [oldest, one] of prepared) {
      if (prepared.size <= keptPerConnection && (length <= keptCharacters || prepared.size === 1)) break;
      prepared.delete(oldest);
      length -= one.length;
      this.doubtful.set(oldest, one.length);
      wire.close({ type: 'S', name: oldest });
    }
    wire.preparedLength = length;
  }

  handleRowDescription(): void {}

  handlePortalSuspended(): void {}

  handleDataRow(message: { fields: Row }): void {
    this.rows.push(message.fields);
  }

  handleCommandComplete(): void {
    this.results.push(this.rows);
    this.rows = [];
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete();
  }

  handleError(error: Error): void {
    // whether these were parsed or closed before the failure is not known: close them before the name is used again
    for (const [name, length] of this.doubtful) this.doubt(name, length);
    const failed = this.statements[this.results.length];
    this.done((sqlState(error) === divisionByZero && failed?.missing?.()) || error, this.results, isLost(error));
  }

  private doubt(name: string, length: number): void {
    const { wire } = this;
    if (!wire?.prepared) return;
    if (!wire.prepared.has(name)) wire.preparedLength = (wire.preparedLength ?? 0) + length;
    wire.prepared.set(name, { length, isCertain: false });
  }

  handleReadyForQuery(): void {
    this.done(undefined, this.results, false);
  }
}

/** An optional statement was refused, and would be again: what it was sent with can be done without it. */
export class Unreadable extends Error {}

/** What a batch that ended with an error fails with. */
export const failure = (
  error: Error,
  statements: readonly Statement[],
  completed: Row[][],
  isLost: boolean,
  optional: Statement | undefined,
): Error =>
  optional && statements[completed.length] === optional && !isLost && !collided(error) ? new Unreadable() : error;

/** A statement is not prepared although it should be, or is although it should not be: what was sent ahead on the same connection failed before it had prepared or closed it. */
export const isPreparedOtherwise = (error: unknown): boolean => ['26000', '42P05'].includes(sqlState(error) ?? '');

/** An error of PostgreSQL leaves the connection usable; an error of the connection, or the end of the server, does not. */
const isLost = (error: Error): boolean => sqlState(error)?.startsWith('57P') ?? true;
