import { isUtf8 } from 'node:buffer';

/** Whether the percent-encoded bytes of a URL are UTF-8 throughout. What is not valid percent-encoding at all is not examined. */
export function isUtf8Url(url: string): boolean {
  if (!/%[89a-f]/i.test(url)) return true;
  return (url.match(/(?:%[\da-f]{2})+/gi) ?? []).every((run) => isUtf8(Buffer.from(run.replaceAll('%', ''), 'hex')));
}
