import { opened, sealed } from './sealed.js';

/** A key that secrets are encrypted with before they are stored; its id stands in what is stored. */
export interface EncryptionKey {
  id: string;
  /** 32 bytes */
  key: Buffer;
}

/** A stored secret cannot be read with the keys that are configured. */
export class NotDecrypted extends Error {}

const form = /^enc:([\w-]+):([\w-]+)$/;

let keys: readonly EncryptionKey[] = [];

/** Says, once at start, which keys there are: the first one encrypts, and all of them decrypt. */
export function useKeys(all: readonly EncryptionKey[]): void {
  keys = all;
}

/** A secret as it is stored: encrypted with AES-256-GCM, or as it is where there is no key. `about` names the row that it is for. */
export function encrypted(secret: string, about: string): string {
  const [first] = keys;
  return first ? `enc:${first.id}:${sealed(first.key, secret, about)}` : secret;
}

/**
 * A stored secret, which may have been stored before there was a key. Throws NotDecrypted where there is no such key, or
 * another one, and for a secret that was changed or belongs to another row.
 */
export function decrypted(stored: string, about: string): string {
  const [, id, content = ''] = form.exec(stored) ?? [];
  if (id === undefined) return stored;
  const found = keys.find((one) => one.id === id);
  if (!found)
    throw new NotDecrypted(
      `CRM_ENCRYPTION_KEYS lacks the key ${id}, which secrets in the database are encrypted with.`,
    );
  const secret = opened(found.key, content, about);
  if (secret === undefined)
    throw new NotDecrypted(
      `The key ${id} of CRM_ENCRYPTION_KEYS is another one than the secret of ${about} is encrypted with.`,
    );
  return secret;
}

/** Whether a secret is stored as it would be stored now. */
export const isCurrent = (stored: string): boolean =>
  keys.length === 0 ? !stored.startsWith('enc:') : stored.startsWith(`enc:${keys[0]!.id}:`);
