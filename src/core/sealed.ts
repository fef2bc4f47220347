import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/**
 * Encrypts a text with a key of 32 bytes, so that only what is opened with the same key and said to be about the same is
 * opened at all. Equal texts give equal results: the initialisation vector follows from the text.
 */
export function sealed(key: Buffer, text: string, about: string): string {
  const iv = createHmac('sha256', key).update(`${about}\n${text}`).digest().subarray(0, ivBytes);
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(about));
  const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), content]).toString('base64url');
}

/** The text that was sealed; undefined if it was not sealed so, or has been changed. */
export function opened(key: Buffer, text: string, about: string): string | undefined {
  const bytes = Buffer.from(text, 'base64url');
  // another writing of the same bytes is not what was handed out
  if (bytes.length < ivBytes + tagBytes || bytes.toString('base64url') !== text) return undefined;
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
      .setAAD(Buffer.from(about))
      .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
