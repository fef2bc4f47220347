import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a key looks like: who it belongs to, which key it is, and its secret of 256 random bits. */
const form = /^crm_([0-9A-Za-z]{22})([0-9A-Za-z]{22})_([0-9A-Za-z]{43})$/;

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Bytes as a number with 62 digits, filled up to a length: letters and digits only, so that a click marks the whole. */
function inDigits(hex: string, length: number): string {
  let rest = BigInt(`0x${hex}`);
  let text = '';
  while (text.length < length) {
    text = digits[Number(rest % 62n)]! + text;
    rest /= 62n;
  }
  return text;
}

const uuidDigits = 22;
const secretDigits = 43;

const ofUuid = (id: string): string => inDigits(id.replaceAll('-', ''), uuidDigits);

/** The id that digits stand for; undefined for a number that is larger than any id. */
function uuidOf(text: string): string | undefined {
  const number = [...text].reduce((value, digit) => value * 62n + BigInt(digits.indexOf(digit)), 0n);
  const hex = number.toString(16).padStart(32, '0');
  return hex.length === 32 ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : undefined;
}

/** The part of a key that is no secret, by which people and logs tell it from others. */
export const prefixOf = (tenantId: string, keyId: string): string => `crm_${ofUuid(tenantId)}${ofUuid(keyId)}`;

/** A new secret. */
export const newSecret = (): string => inDigits(randomBytes(32).toString('hex'), secretDigits);

/** What is stored of a secret. It is random and long, so that a plain digest keeps it. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Whether a secret is the one whose hash was stored; takes as long for every wrong one. */
export const isSecret = (hash: string, stored: string): boolean =>
  timingSafeEqual(Buffer.from(hash, 'hex'), Buffer.from(stored, 'hex'));

/** Whether a bearer's text is meant as a key, and not as a token of an issuer. */
export const isKeyText = (text: string): boolean => text.startsWith('crm_');

/** What a key says of itself; undefined where it is none. */
export function parseKeyText(text: string): { tenantId: string; keyId: string; hash: string } | undefined {
  const [, tenant = '', key = '', secret = ''] = form.exec(text) ?? [];
  const [tenantId, keyId] = [uuidOf(tenant), uuidOf(key)];
  return secret && tenantId && keyId ? { tenantId, keyId, hash: hashOf(secret) } : undefined;
}
