import type { Statement } from '../core/database.js';
import type { EntityClass } from '../model/model.js';
import type { Premise } from './premises.js';
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
  /** what the tenant must have for anything to follow: its statements are not sent where the tenant is believed not to have it */
  premise?: Premise;
  /** what the tenant has with the commit of such a change */
  establishes?: Premise;
  /** the statements for all such records of one transaction; they lock records in the order of their ids */
  statements: (tenantId: string, records: readonly ChangedRecord[]) => Statement[];
}

const consequences: Consequence[] = [];

/** Declares what is stored along with changes of records: in their transaction, with its commit, at once for all of them. */
export const consequence = (one: Consequence): void => void consequences.push(one);

/** The statements that follow from what a transaction has changed in a tenant that has these premises: those that may refuse it, or the others. */
export function consequencesOf(
  tenantId: string,
  records: readonly ChangedRecord[],
  has: ReadonlySet<Premise>,
  refusing = false,
): Statement[] {
  return consequences.flatMap((one) => {
    if ((one.refuses ?? false) !== refusing || (one.premise && !has.has(one.premise))) return [];
    const causes = causesOf(one, records);
    return causes.length > 0 ? one.statements(tenantId, causes) : [];
  });
}

/** The premises that a tenant has with the commit of what a transaction has changed. */
export const establishedBy = (records: readonly ChangedRecord[]): Premise[] =>
  consequences.flatMap((one) => (one.establishes && causesOf(one, records).length > 0 ? [one.establishes] : []));

const causesOf = ({ of, follows }: Consequence, records: readonly ChangedRecord[]): ChangedRecord[] =>
  records.filter((record) => of.includes(record.entity) && follows(record));
