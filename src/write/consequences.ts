import type { Statement } from '../core/database.js';
import type { EntityClass } from '../model/model.js';
import type { Changes } from './statements.js';

/** A record that a transaction has added, changed or removed, and its fields before and after. */
export interface ChangedRecord {
  entity: EntityClass;
  id: string;
  changes: Changes;
}

/** What has to be stored along with changes of records, such as a column that is computed from them. */
export interface Consequence {
  /** entities whose records it follows from */
  of: readonly EntityClass[];
  /** whether it follows from this change */
  follows: (record: ChangedRecord) => boolean;
  /**
   * its statements may refuse the changes, by dividing by zero: they are sent with each part of a bulk, so that only some of its
   * items are refused
   */
  refuses?: boolean;
  /** the statements for all such records of one transaction; they lock records in the order of their ids */
  statements: (tenantId: string, records: readonly ChangedRecord[]) => Statement[];
}

const consequences: Consequence[] = [];

/** Declares what is stored along with changes of records: in their transaction, with its commit, at once for all of them. */
export const consequence = (one: Consequence): void => void consequences.push(one);

/** The statements that follow from what a transaction has changed: those that may refuse it, or the others. */
export function consequencesOf(tenantId: string, records: readonly ChangedRecord[], refusing = false): Statement[] {
  return consequences.flatMap(({ of, follows, refuses = false, statements }) => {
    if (refuses !== refusing) return [];
    const causes = records.filter((record) => of.includes(record.entity) && follows(record));
    return causes.length > 0 ? statements(tenantId, causes) : [];
  });
}
