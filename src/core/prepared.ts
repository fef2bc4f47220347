import type { Statement } from './database.js';
import type { Sizes } from './recent.js';

/** How many texts are remembered; the one that was not used for the longest goes first. */
const maxNames = 500;
const names = new Map<string, string | null>();
let made = 0;

/** How many texts of writes are remembered. */
export const rememberedWrites = (): Sizes => ({ writes: [names.size, maxNames] });

/** The statement with a name of its own from its second use on, so that what recurs is prepared and what does not leaves nothing behind. */
export function prepared(statement: Statement): Statement {
  if (statement.name) return statement;
  const known = names.get(statement.text);
  const name = known === undefined ? null : (known ?? `write-${(made += 1)}`);
  names.delete(statement.text);
  names.set(statement.text, name);
  if (names.size > maxNames) names.delete(names.keys().next().value!);
  return name === null ? statement : { ...statement, name };
}
