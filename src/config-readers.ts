import { isIP } from 'node:net';
import { purposes, type Purpose } from './core/database.js';
import type { Deprecation } from './core/deprecation.js';
import type { EncryptionKey } from './core/encryption.js';
import { quotas, type Limited, type Quotas } from './core/quotas.js';

// How the texts of configuration keys are read.

/** Thrown for a text that a key cannot have; says what it must be. */
export class WrongValue extends Error {}

export const text = (fallback?: string) => (value: string | undefined) => value || fallback;
export const flag =
  (fallback: (production: boolean) => boolean) => (value: string | undefined, production: boolean) => {
    if (value === undefined || value === '') return fallback(production);
    if (value === '0' || value === '1') return value === '1';
    throw new WrongValue('must be 0 or 1');
  };
export const optionalFlag = (value: string | undefined) => (value ? flag(() => false)(value, false) : undefined);
export const whole = (fallback: number, from: number, to: number) => (value: string | undefined) => {
  if (value === undefined || value === '') return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number < from || number > to)
    throw new WrongValue(`must be a whole number from ${from} to ${to}`);
  return number;
};
export const optionalWhole = (from: number, to: number) => (value: string | undefined) =>
  value ? whole(0, from, to)(value) : undefined;
/** Times in seconds by what statements are for, with commas between; in milliseconds. */
export const deadlines = (value: string | undefined): Record<Purpose, number> => {
  const milliseconds = { read: 10_000, write: 20_000, report: 30_000, export: 120_000, job: 600_000 };
  for (const part of (value ?? '').split(',').filter(Boolean)) {
    const [, purpose, seconds] = /^\s*(\w+)\s*=\s*([1-9]\d{0,4})\s*$/.exec(part) ?? [];
    if (!purposes.includes(purpose as Purpose))
      throw new WrongValue(`must be like read=10,report=30, of ${purposes.join(', ')} and whole seconds`);
    milliseconds[purpose as Purpose] = Number(seconds) * 1_000;
  }
  return milliseconds;
};
/** Quotas by what they limit, with commas between: `user=600/60` are 600 within 60 seconds, `user=off` is no limit. */
export const rateLimits = (value: string | undefined, production: boolean): Quotas => {
  const found = Object.fromEntries(
    Object.entries(quotas).map(([name, { count, seconds }]) => [
      name,
      { count: production ? count : count * 100, seconds },
    ]),
  ) as Quotas;
  for (const part of (value ?? '').split(',').filter(Boolean)) {
    const [, name = '', off, count, seconds] =
      /^\s*(\w+)\s*=\s*(?:(off)|([1-9]\d{0,8})\/([1-9]\d{0,4}))\s*$/.exec(part) ?? [];
    if (!Object.hasOwn(quotas, name))
      throw new WrongValue(`must be like user=600/60,login=off, of ${Object.keys(quotas).join(', ')}`);
    found[name as Limited] = off ? undefined : { count: Number(count), seconds: Number(seconds) };
  }
  return found;
};
export const url =
  (...protocols: string[]) =>
  (value: string | undefined) => {
    if (!value) return undefined;
    try {
      if (protocols.includes(new URL(value).protocol)) return value;
    } catch {
      // falls through to the refusal below
    }
    throw new WrongValue(
      `must be an address that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );
  };
export const urls =
  (...protocols: string[]) =>
  (value: string | undefined): readonly string[] =>
    (several(value) ?? []).map((text) => {
      try {
        return url(...protocols)(text)!;
      } catch {
        throw new WrongValue(
          `must be addresses that start with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}, with commas between`,
        );
      }
    });
export const origins = (value: string | undefined, production: boolean): readonly string[] | '*' => {
  if (!value) return production ? [] : '*';
  if (value.trim() === '*') return '*';
  const texts = value
    .split(',')
    .map((text) => text.trim())
    .filter(Boolean);
  for (const text of texts)
    if (!URL.canParse(text) || new URL(text).origin !== text)
      throw new WrongValue('must be origins such as https://crm.example.com with commas between, or *');
  return texts;
};
/** Texts with commas between; undefined for none. */
export const several = (value: string | undefined) => {
  const texts = (value ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter(Boolean);
  return texts.length > 0 ? texts : undefined;
};
export const networks = (value: string | undefined) => {
  const texts = several(value) ?? [];
  for (const text of texts) {
    const [address = '', bits = '', ...rest] = text.split('/');
    const width = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
    if (width === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > width)
      throw new WrongValue('must be networks such as 10.1.0.0/16 or fd00::/8, with commas between');
  }
  return texts;
};
export const oneOf =
  <T extends string>(fields: readonly T[], fallback?: T) =>
  (value: string | undefined) => {
    if (!value) return fallback;
    if ((fields as readonly string[]).includes(value)) return value as T;
    throw new WrongValue(`must be one of ${fields.join(', ')}`);
  };
export const timeOfDay =
  (fallback: (production: boolean) => string | undefined) => (value: string | undefined, production: boolean) => {
    if (!value) return fallback(production);
    if (value === 'off') return undefined;
    if (/^([01]\d|2[0-3]):[0-5]\d$/.test(value)) return value;
    throw new WrongValue('must be a time such as 02:00, or off');
  };
/** Keys by their ids, as `ID:BASE64`, with commas between. */
export const encryptionKeys = (value: string | undefined): EncryptionKey[] =>
  (several(value) ?? []).map((text, index, all) => {
    const [, id = '', content = ''] = /^([\w-]{1,20}):([A-Za-z0-9+/]{43}=)$/.exec(text) ?? [];
    const isTwice = all.findIndex((other) => other.startsWith(`${id}:`)) !== index;
    if (id === '' || isTwice)
      throw new WrongValue('must be keys as ID:BASE64 of 32 bytes each, with commas between and no id twice');
    return { id, key: Buffer.from(content, 'base64') };
  });
/** Headers as `name=value` with commas between, values percent-encoded; undefined for none. */
export const headers = (value: string | undefined): Record<string, string> | undefined => {
  const found = (several(value) ?? []).map((text) => {
    const [, name, content] = /^([!#$%&'*+.^`|~\w-]+)\s*=\s*(\S.*)$/.exec(text) ?? [];
    if (name === undefined || content === undefined)
      throw new WrongValue('must be headers as name=value, percent-encoded, with commas between');
    return [name, decoded(content)] as const;
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
};
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new WrongValue('must be headers as name=value, percent-encoded, with commas between');
  }
};
/** A number from 0 to 1. */
export const ratio = (fallback: number) => (value: string | undefined) => {
  if (!value) return fallback;
  if (/^(?:0(?:\.\d+)?|1(?:\.0+)?)$/.test(value)) return Number(value);
  throw new WrongValue('must be a number from 0 to 1');
};
const secondsOf = (day: string): number => {
  const at = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== day)
    throw new WrongValue(`names ${day}, which is no day`);
  return at / 1_000;
};
/** Dialects or rows with days, with commas between: `erp=2026-07-01/2027-07-01,cell GET /customers/:id=2026-07-01`. */
export const deprecations = (value: string | undefined): Deprecation[] =>
  (several(value) ?? []).map((text) => {
    const [, dialect, row, since, until] =
      /^(\w+)(?:\s+([A-Z]+\s\S+))?\s*=\s*(\d{4}-\d\d-\d\d)(?:\/(\d{4}-\d\d-\d\d))?$/.exec(text) ?? [];
    if (dialect === undefined || since === undefined)
      throw new WrongValue('must be like erp=2026-07-01/2027-07-01,cell GET /customers/:id=2026-07-01');
    const days = { since: secondsOf(since), until: until === undefined ? undefined : secondsOf(until) };
    if (days.until !== undefined && days.until < days.since)
      throw new WrongValue(`ends ${dialect} before it is deprecated`);
    return { dialect, row, ...days };
  });
export const secret = (value: string | undefined) => {
  if (value && value.length < 32) throw new WrongValue('must have at least 32 characters; it is too short');
  return value || undefined;
};
