const kept = new Set<unknown>();

/** Declares that versions of an entity's records are kept, so that they can be read as of a day. */
export const keepVersions = (entity: object): void => void kept.add(entity);

/** Whether they are. */
export const areVersionsKept = (entity: object): boolean => kept.has(entity);
