import { randomBytes } from 'node:crypto';
import type { Database } from '../core/database.js';
import { decrypted, encrypted, isCurrent } from '../core/encryption.js';

/**
 * The secret of that name, which all servers on a database share; the first one that asks makes it. It is encrypted with the
 * present key if it was not yet. Throws NotDecrypted.
 */
export async function serverSecret(database: Database, name: string): Promise<Buffer> {
  const about = `server ${name}`;
  const read = async (): Promise<string | undefined> =>
    (await database.global({ text: 'select value from server_secret where name = $1', values: [name] }))[0]?.[0] ??
    undefined;
  const make = async (): Promise<string> => {
    await database.global({
      text: 'insert into server_secret (name, value) values ($1, $2) on conflict (name) do nothing',
      values: [name, encrypted(randomBytes(32).toString('base64'), about)],
    });
    return (await read())!;
  };
  const stored = (await read()) ?? (await make());
  const secret = decrypted(stored, about);
  if (!isCurrent(stored))
    await database.global({
      text: 'update server_secret set value = $3 where name = $1 and value = $2',
      values: [name, stored, encrypted(secret, about)],
    });
  return Buffer.from(secret, 'base64');
}
