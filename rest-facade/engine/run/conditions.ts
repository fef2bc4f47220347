import { hash } from 'node:crypto';
import { VersionConflict } from '../errors.js';
import { jsonOf } from '../json-bytes.js';
import type { Plan } from '../plan/plan.js';
import type { Call, Representation } from '../types.js';

/**
 * The strong entity tag of a record: its version, and a digest of what is shown of it. `If-Match` looks at the version
 * alone, so that a tag holds in every dialect; `If-None-Match` at the whole, so that a computed value that changes without the
 * record, or another caller's mask, gives another tag. Records without a version have the digest only.
 */
export function representationOf(value: unknown, version: unknown): Representation {
  const json = jsonOf(value);
  const digest = hash('sha256', json.bytes, 'base64url').slice(0, 16);
  return { value, json, etag: `"${typeof version === 'number' ? `${version}-` : ''}${digest}"` };
}

const tags = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"/g) ?? [];

/** Whether `If-None-Match` contains the tag: weak comparison, `*` matches any. */
export const matchesTag = (header: string | undefined, etag: string | undefined): boolean =>
  header !== undefined &&
  etag !== undefined &&
  (header.trim() === '*' || tags(header).some((tag) => tag.replace(/^W\//, '') === etag));

/** A version that no record has: a change of it is refused, and the refusal shows the record as it is. */
const noVersion = 0;

/** How many tags of one `If-Match` are read. */
const maxTags = 10;

/** The versions that `If-Match` allows: undefined if it is not sent or is `*`, which every existing record meets; weak and unknown tags allow none. */
export function versionsAllowed({ request }: Call): number[] | undefined {
  const header = request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  const versions = tags(header)
    .slice(0, maxTags)
    .flatMap((tag) => (/^"(\d{1,9})-/.exec(tag) ?? []).slice(1).map(Number));
  return versions.length > 0 ? [...new Set(versions)] : [noVersion];
}

/** Refuses `If-Match` with tags for an operation that cannot compare versions. */
export function checkComparable({ row, types }: Plan, call: Call): void {
  if (row.method !== 'GET' && !types.has('version') && versionsAllowed(call))
    throw new VersionConflict('PRECONDITION_FAILED');
}

/** Makes a change with whichever of the versions is the current one; if none is, the last attempt is refused, and the refusal shows the record as it is. */
export async function withVersion<T>(
  versions: readonly number[],
  attempt: (version: number) => Promise<T>,
): Promise<T> {
  for (const version of versions) {
    try {
      return await attempt(version);
    } catch (error) {
      if (!(error instanceof VersionConflict) || version === versions.at(-1)) throw error;
    }
  }
  throw new VersionConflict('PRECONDITION_FAILED');
}

/** `If-None-Match` of a request that changes or deletes one record; undefined where there is none. */
export function noneMatchOf({ row }: Plan, { request }: Call): string | undefined {
  const isChange = row.kind !== 'batch' && ['PUT', 'PATCH', 'DELETE'].includes(row.method);
  return isChange ? request.headers['if-none-match']?.trim() || undefined : undefined;
}

/** Refuses a change of a record that exists with `If-None-Match: *`. */
export function checkMayExist(plan: Plan, call: Call): void {
  if (noneMatchOf(plan, call) === '*') throw existsAlready(plan);
}

/** Refuses a change whose `If-None-Match` is `*` or contains the tag of the record as it is. */
export function checkNoneMatch(plan: Plan, call: Call, current: Representation): void {
  if (matchesTag(noneMatchOf(plan, call), current.etag)) throw existsAlready(plan);
}

const existsAlready = ({ dialect: { locale } }: Plan): VersionConflict =>
  new VersionConflict(
    'PRECONDITION_FAILED',
    undefined,
    locale === 'zh' ? '记录已存在，与 If-None-Match 不符' : 'The record exists, which If-None-Match forbids.',
  );
