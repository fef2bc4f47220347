import { hash } from 'node:crypto';
import { VersionConflict } from '../errors.js';
import { jsonOf } from '../json-bytes.js';
import type { Plan } from '../plan/plan.js';
import type { Call, Shown } from '../types.js';

/**
 * The strong entity tag of a record: its version, and a digest of what is shown of it. `If-Match` looks at the version
 * alone, so that a tag holds in every dialect; `If-None-Match` at the whole, so that a figure that changes without the
 * record, or another caller's mask, gives another tag. Records without a version have the digest only.
 */
export function shown(value: unknown, version: unknown): Shown {
  const json = jsonOf(value);
  const digest = hash('sha256', json.bytes, 'base64url').slice(0, 16);
  return { value, json, etag: `"${typeof version === 'number' ? `${version}-` : ''}${digest}"` };
}

const tags = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"/g) ?? [];

/** Whether the client holds what the tag stands for: weak comparison, `*` for anything. */
export const holds = (header: string | undefined, etag: string | undefined): boolean =>
  header !== undefined &&
  etag !== undefined &&
  (header.trim() === '*' || tags(header).some((tag) => tag.replace(/^W\//, '') === etag));

/** What no record has: a change for it is refused and tells the record as it is. */
const noVersion = 0;

/** Most tags of one `If-Match` that are looked at. */
const maxTags = 10;

/** The versions that `If-Match` allows: undefined where it is not sent or `*`, which any record that exists meets; weak tags and foreign ones allow none. */
export function versionsAllowed({ request }: Call): number[] | undefined {
  const header = request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  const versions = tags(header)
    .slice(0, maxTags)
    .flatMap((tag) => (/^"(\d{1,9})-/.exec(tag) ?? []).slice(1).map(Number));
  return versions.length > 0 ? [...new Set(versions)] : [noVersion];
}

/** A change that `If-Match` allows for certain versions can only be made by an operation that compares them. */
export function checkComparable({ row, types }: Plan, call: Call): void {
  if (row.method !== 'GET' && !types.has('version') && versionsAllowed(call))
    throw new VersionConflict('PRECONDITION_FAILED');
}

/** Makes a change with the one of the versions that is the present one; where none is, the last attempt is refused and tells the record as it is. */
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
