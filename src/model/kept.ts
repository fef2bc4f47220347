const kept = new Set<unknown>();

/** Declares that versions of an entity's records are kept, so that they can be read as of a day. */
export const keepVersions = (entity: object): void => void kept.add(entity);

/** Whether they are. */
export const areVersionsKept = (entity: object): boolean => kept.has(entity);

/** A column as of an instant, from what else is stored, as SQL over the id of its record. */
type WorkedOut = (id: string, instant: string, tenant: string) => string;

const workedOut = new Map<object, Map<string, WorkedOut>>();

/** Says what a column was whose changes make no version. */
export function wasThen(entity: object, property: string, sql: WorkedOut): void {
  const known = workedOut.get(entity) ?? new Map<string, WorkedOut>();
  workedOut.set(entity, known.set(property, sql));
}

export const workedOutOf = (entity: object, property: string): WorkedOut | undefined =>
  workedOut.get(entity)?.get(property);
