import { isUtf8 } from 'node:buffer';

/** Whether the percent-encoded bytes of a URL are UTF-8 throughout. What is not valid percent-encoding at all is not examined. */
export function isUtf8Url(url: string): boolean {
  if (!/%[89a-f]/i.test(url)) return true;
  return (url.match(/(?:%[\da-f]{2})+/gi) ?? []).every((run) => isUtf8(Buffer.from(run.replaceAll('%', ''), 'hex')));
}

/** For body parsers that call `verify` with the raw body: refuses one that should be UTF-8 and is not, with status 400 and type `charset.invalid`. */
export function verifyUtf8(_request: unknown, _response: unknown, body: Buffer, charset: string): void {
  if (/^utf-?8$/i.test(charset || 'utf-8') && !isUtf8(body)) throw notUtf8();
}

export const notUtf8 = (): Error =>
  Object.assign(new Error('The body is not UTF-8.'), { status: 400, type: 'charset.invalid' });
