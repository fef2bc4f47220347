import type { Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
import type { Rights } from '../core/rights.js';

/** A way in which an index finds rows: a condition, or that a reference names one of the records whose ids a select gives. */
export type Way = string | { property: string; among: string };

/** The condition that a row is found in a way. */
export const isFoundBy = (row: Scope, way: Way): string =>
  typeof way === 'string' ? way : `${row.col(way.property)} = any(array(${way.among}))`;

/** Conditions of one entity that depend on the caller; without them, rows are visible to all and owned by none. */
export interface Access {
  /** rows that a caller who sees only their own may see */
  visible?: (row: Scope) => string;
  /**
   * ways in which indexes find rows, so that every visible row is found in one of them: lists go by these where they find few.
   * `seen` is the way by a reference that names a record that the caller sees
   */
  found?: (row: Scope, seen: (property: string) => Way) => readonly Way[];
  /** rows that exist at all, beyond what their references say (see `belongs`): for those that rows link to a deleted record */
  exists?: (row: Scope) => string;
  /**
   * references of a visible row whose records its caller sees as well, and which are not deleted then: it is visible only through
   * them, and belongs to them
   */
  shows?: readonly string[];
  /** a right that shows all rows, whatever else the caller sees */
  right?: 'audit';
  /** a right without which no row is visible, whatever else the caller sees */
  only?: 'administer';
  /** rows in which a column that is `hideable` is hidden from the caller; 'false' where there are none */
  hides?: (row: Scope, property: string) => string;
  /** who sees a row and who may change it, where that is decided by the row alone, whatever else the caller sees and changes */
  personal?: { sees: (row: Scope) => string; changes: (row: Scope) => string };
  /** rows that are the caller's own: what is masked otherwise is shown */
  own?: (row: Scope) => string;
}

const accesses = new Map<EntityClass, Access>();

/** Who may see which rows of an entity, as its capability's policy declares. */
export const accessOf = (entity: EntityClass): Access | undefined => accesses.get(entity);

/** Declares who may see which rows of an entity; called by the capability's policy. */
export function access(entity: EntityClass, rules: Access): void {
  accesses.set(entity, rules);
}

/** Whether a caller may know of any row of an entity; of what is none, everybody may. */
export function mayKnowOf(rights: Rights, entity: EntityClass | undefined): boolean {
  const only = entity && accesses.get(entity)?.only;
  return !only || rights[only];
}

/** Whether it depends on the row who sees it, even for callers who see all records. */
export const isPersonal = (entity: EntityClass | undefined): boolean =>
  entity !== undefined && accesses.get(entity)?.personal !== undefined;

/** Rows that meet one of several conditions. */
export const eitherOf = (...conditions: readonly string[]): string =>
  conditions.includes('true') ? 'true' : conditions.join(' or ');

/** Rows that are found in one of several ways. */
export const isFoundByAny = (row: Scope, ways: readonly Way[]): string =>
  eitherOf(...new Set(ways.map((way) => isFoundBy(row, way)))) || 'false';

/** Whether a condition keeps anything out. */
export const restricts = (condition: string | undefined): boolean =>
  condition !== undefined && condition !== '' && condition !== 'true';
