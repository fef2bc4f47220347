import { send, type Answer } from './http.js';
import type { Actor, Data } from './tenant.js';

/** The smallest contents that are what their names say. */
export const contents = {
  'a.png': new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]),
  'a.pdf': new TextEncoder().encode('%PDF-1.7\n'),
  'a.txt': new TextEncoder().encode('0123456789'),
} as const;

/** Uploads a file as a browser does; `fields` are further members of the form. */
export function upload(
  by: Actor,
  name: string,
  content: Uint8Array | string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  form.set('file', new Blob([content as string]), name);
  return send('POST', '/api/v1/files', { authorization: `Bearer ${by.token}`, ...headers }, form);
}

/** Uploads a text file and returns what the server tells of it. */
export async function uploaded(
  by: Actor,
  name = 'a.txt',
  content: Uint8Array | string = contents['a.txt'],
  fields: Record<string, string> = {},
): Promise<Data> {
  const { status, body } = await upload(by, name, content, fields);
  if (status !== 200) throw new Error(`The upload was refused: ${status} ${JSON.stringify(body)}`);
  return body.data;
}

export const download = (
  by: Actor,
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> => send(method, url, { authorization: `Bearer ${by.token}`, ...headers });
