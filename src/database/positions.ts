import type { Statement } from '../core/database.js';
import { Recent } from '../core/recent.js';

/**
 * How far the changes of a tenant are known: the number of its latest event, and the place in PostgreSQL's write-ahead log
 * behind its latest change, since there are changes without an event. A copy of the database that has both has everything
 * that is known of.
 */
export interface Position {
  seq: number;
  wal: bigint;
}

export const nowhere: Position = { seq: 0, wal: 0n };

const form = /^(\d{1,15})-([\dA-F]{1,8})\/([\dA-F]{1,8})$/i;

/** A position as clients carry it, e.g. `1204-0/16B3748`. */
export const positionText = ({ seq, wal }: Position): string => `${seq}-${walText(wal)}`;

/** Reads a position as clients carry it; undefined for what is none. */
export function positionOf(text: string): Position | undefined {
  const [, seq, high, low] = form.exec(text) ?? [];
  return seq === undefined ? undefined : { seq: Number(seq), wal: walOf(`${high}/${low}`) };
}

/** A place in the write-ahead log in PostgreSQL's form. */
export const walText = (wal: bigint): string =>
  `${(wal >> 32n).toString(16)}/${(wal & 0xffffffffn).toString(16)}`.toUpperCase();

export function walOf(text: string): bigint {
  const [high, low] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/** Where the log ends, behind a commit for example. */
export const endOfLog: Statement = { name: 'end-of-log', text: 'select pg_current_wal_insert_lsn()', values: [] };

/** The later of both in each respect. */
export const later = (a: Position, b: Position = nowhere): Position => ({
  seq: Math.max(a.seq, b.seq),
  wal: a.wal > b.wal ? a.wal : b.wal,
});

/** What is known of one tenant. */
interface Known extends Position {
  /** false while there may be changes behind it */
  isCertain: boolean;
  /** how often it became uncertain */
  doubts: number;
}

/** How many tenants are remembered; nothing is known of the others, so that the database itself is asked about them first. */
const maxTenants = 10_000;

/** How far the changes of each tenant are known to this process: by what it has written, read and been notified of. */
export class Positions {
  private known = new Recent<Known>(maxTenants);

  /** What a copy must have to be asked; undefined where it is not known. */
  certain(tenantId: string): Position | undefined {
    const known = this.known.get(tenantId);
    return known?.isCertain ? known : undefined;
  }

  /** As far as it is known. */
  of(tenantId: string): Position | undefined {
    return this.known.get(tenantId);
  }

  /** There is something before a place: an event, or a change after which that was the end of the log. */
  raise(tenantId: string, { seq, wal }: Partial<Position>): void {
    const known = this.known.get(tenantId);
    if (!known) {
      // what stands in the log before its end is everything
      if (wal !== undefined) this.known.set(tenantId, { seq: 0, wal, isCertain: true, doubts: 0 });
      return;
    }
    if (seq !== undefined && seq > known.seq) known.seq = seq;
    if (wal !== undefined && wal > known.wal) known.wal = wal;
  }

  /** There may be changes of which nothing is known. */
  doubt(tenantId: string): void {
    const known = this.known.get(tenantId);
    if (known) {
      known.isCertain = false;
      known.doubts += 1;
    } else this.known.set(tenantId, { ...nowhere, isCertain: false, doubts: 1 });
  }

  /** As `doubt`, of all tenants. */
  doubtAll(): void {
    for (const known of this.known.values()) {
      known.isCertain = false;
      known.doubts += 1;
    }
  }

  /**
   * To be called before the database itself is asked. What it returns takes where the database was behind the answer: then
   * that is certain, unless there was a doubt meanwhile. A database that is behind what was known before has lost it.
   */
  learning(tenantId: string): (found: Position) => void {
    const before = this.known.get(tenantId);
    const { seq, wal, doubts } = before ?? { ...nowhere, doubts: 0 };
    return (found) => {
      const known = this.known.get(tenantId) ?? { ...nowhere, isCertain: false, doubts: 0 };
      if (known.seq === seq && found.seq < seq) known.seq = found.seq;
      if (known.wal === wal && found.wal < wal) known.wal = found.wal;
      if (found.seq > known.seq) known.seq = found.seq;
      if (!known.isCertain && known.doubts === doubts) {
        if (found.wal > known.wal) known.wal = found.wal;
        known.isCertain = true;
      }
      this.known.set(tenantId, known);
    };
  }
}
