/** Chinese name, and the English one where it is not the words of the name in the graph. */
export type Labels = Readonly<Record<string, string | readonly [zh: string, en: string]>>;

/** What something is called in each language. */
export interface Label {
  readonly zh: string;
  readonly en: string;
}

/** `expectedCloseOn` or `CLOSED_WON` as words: Expected close on, Closed won. */
export function wordsOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The label of a name in one of the tables; undefined where none of them has it. */
export function labelIn(name: string, ...tables: readonly Labels[]): Label | undefined {
  for (const table of tables) {
    const found = Object.hasOwn(table, name) ? table[name] : undefined;
    if (found === undefined) continue;
    return typeof found === 'string'
      ? { zh: found, en: wordsOf(name.replace(/^.*\./, '')) }
      : { zh: found[0], en: found[1] };
  }
  return undefined;
}
