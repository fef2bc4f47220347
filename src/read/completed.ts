/** By alias: makes the select that stands for a source of rows, from the columns that the statement turns out to read of it. */
export type Selects = ReadonlyMap<string, (columns: ReadonlySet<string>) => string>;

/** Stands in a statement where such a select is put in the end. */
export const placeOf = (alias: string): string => `§${alias}§`;

/** A statement's text, and where its parameters come from: those that ended up unused are left out, since PostgreSQL could not type them. */
export function completed<S>(
  incomplete: string,
  selects: Selects,
  sources: readonly S[],
): { text: string; sources: S[] } {
  const text = [...selects].reduce((part, [alias, select]) => {
    const columns = new Set([...part.matchAll(new RegExp(`\\b${alias}\\."?(\\w+)"?`, 'g'))].map(([, name]) => name!));
    return part.replaceAll(placeOf(alias), select(columns));
  }, incomplete);
  const kept: S[] = [];
  const numbers = new Map<string, string>();
  const renumbered = text.replace(/\$(\d+)::/g, (_, old: string) => {
    if (!numbers.has(old)) {
      kept.push(sources[Number(old) - 1]!);
      numbers.set(old, `$${kept.length}::`);
    }
    return numbers.get(old)!;
  });
  return { text: renumbered, sources: kept };
}
