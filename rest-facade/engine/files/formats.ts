import { refuse } from '../errors.js';
import type { Render, RowOptions } from '../types.js';

/** A form that a list can be downloaded in. */
export interface FileFormat {
  /** content type without parameters */
  type: string;
  render: Render;
}

/** A list that is always a file, whole: in the format that the parameter `format` names, the first one by default. Requires the right to export. */
export function asFileOf(formats: Readonly<Record<string, FileFormat>>): RowOptions {
  return {
    right: 'export',
    formats: Object.fromEntries(Object.entries(formats).map(([name, { type }]) => [name, type])),
    file({ request: { query } }) {
      const word = query['format']?.at(-1)?.trim().toLowerCase() || Object.keys(formats)[0]!;
      if (!Object.hasOwn(formats, word)) throw refuse('INVALID', ['format']);
      return { render: formats[word]!.render, whole: true };
    },
  };
}
