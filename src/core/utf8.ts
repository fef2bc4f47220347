import { isUtf8 } from 'node:buffer';

/** Whether the percent-encoded bytes of a URL are UTF-8 throughout. What is not valid percent-encoding at all is not examined. */
export function isUtf8Url(url: string): boolean {
  if (!/%[89a-f]/i.test(url)) return true;
  return (url.match(/(?:%[\da-f]{2})+/gi) ?? []).every((run) => isUtf8(Buffer.from(run.replaceAll('%', ''), 'hex')));
}

/** False for a text that PostgreSQL cannot hold: one with the character U+0000, or with half of a surrogate pair. */
export const isStorable = (text: string): boolean => !/[\0\p{Surrogate}]/u.test(text);
