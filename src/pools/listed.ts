/** The values of an input without lists that are stored already: lists are read as PostgreSQL writes them. */
export const listed = <V extends object>(
  stored: object,
  values: V,
  lists: ReadonlyArray<keyof V & string>,
): Partial<V> =>
  Object.fromEntries(
    Object.entries(values).filter(
      ([field, value]) =>
        !(lists as readonly string[]).includes(field) ||
        `{${String(value)}}` !== String((stored as Record<string, unknown>)[field]),
    ),
  ) as Partial<V>;
