import type { Submittable } from 'pg';
import pgUtils from 'pg/lib/utils.js';
import type { Row, Statement } from '../core/database.js';
import { collided, sqlState } from '../core/errors.js';

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
  /** names of the statements that this connection has prepared, the longest unused first */
  prepared?: Map<string, 'certain' | 'uncertain'>;
  /** nothing that is prepared stays so: no statement is sent under its name */
  isUnprepared?: boolean;
}

const divisionByZero = '22012';

/** How many named statements one connection keeps; the longest unused is closed to make room. */
export const keptPerConnection = 400;

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
  /** names that are given or taken away by this batch */
  private readonly doubtful: string[] = [];

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
    if (!name || !this.keep(wire, name)) wire.parse({ name, text, types: [] });
    wire.bind({ portal: '', statement: name, values, valueMapper: (value) => pgUtils.prepareValue(value) });
    wire.execute({ portal: '', rows: 0 });
  }

  /** True if the connection surely knows the statement already; otherwise it is about to be parsed under a free name. */
  private keep(wire: Wire, name: string): boolean {
    const prepared = (wire.prepared ??= new Map());
    const state = prepared.get(name);
    prepared.delete(name);
    prepared.set(name, 'certain');
    if (state === 'certain') return true;
    if (state === 'uncertain') wire.close({ type: 'S', name });
    else if (prepared.size > keptPerConnection) {
      const oldest = prepared.keys().next().value!;
      prepared.delete(oldest);
      this.doubtful.push(oldest);
      wire.close({ type: 'S', name: oldest });
    }
    this.doubtful.push(name);
    return false;
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
    for (const name of this.doubtful) this.wire?.prepared?.set(name, 'uncertain');
    const failed = this.statements[this.results.length];
    this.done((sqlState(error) === divisionByZero && failed?.missing?.()) || error, this.results, isLost(error));
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
