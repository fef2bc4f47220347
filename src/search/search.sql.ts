import type { Arguments, Listed, Scope } from '../model/fields.js';

/** The text that is looked for, as the one row that the results hang on. */
export const sought = (_tenant: Scope, args: Arguments): Listed => ({
  select: `select ${args('text').bind('text', (text) => String(text).trim())} as text`,
});
