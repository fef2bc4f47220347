import { type Found, planFor } from '../plan/matcher.js';
import type { CompiledDialect } from '../plan/compiled-dialect.js';
import type { Mount } from '../types.js';
import { headerValue, type IncomingRequest } from './request.js';

/** A dialect that may answer a request, the path below its mount, and what matches it there; null if nothing does or the path is malformed. */
export interface Candidate {
  site: CompiledDialect;
  path: string;
  found: Found | null;
}

/** A mount of a dialect. */
interface MountedDialect extends Mount {
  site: CompiledDialect;
  /** what paths there begin with */
  prefix: string;
}

/** The mounts of all dialects, the most specific ones first. */
export const mountsOf = (sites: readonly CompiledDialect[]): MountedDialect[] =>
  sites
    .flatMap((site) => site.dialect.mounts.map((mount) => ({ ...mount, site, prefix: `${mount.base}/` })))
    .sort((a, b) => b.base.length - a.base.length);

/** The dialects whose mount is the longest one that fits. */
export function candidatesFor(mounts: readonly MountedDialect[], path: string): Candidate[] {
  const candidates: Candidate[] = [];
  let longest: string | undefined;
  for (const mount of mounts) {
    if (longest !== undefined && mount.base.length < longest.length) break;
    if (!fits(mount, path)) continue;
    longest = mount.base;
    const below = path.slice(mount.base.length);
    candidates.push({ site: mount.site, path: below, found: findIn(mount.site, below) });
  }
  return candidates;
}

function fits({ prefix, sections, slash }: MountedDialect, path: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return (
    (!sections || sections.includes(path.slice(prefix.length).split('/', 1)[0]!)) &&
    (!slash || (slash === 'always') === path.endsWith('/'))
  );
}

function findIn({ matcher }: CompiledDialect, path: string): Found | null {
  try {
    return matcher.find(path);
  } catch {
    return null;
  }
}

/** Decides among several: the one that alone has the path (or has it most literally), then by what the request contains. */
export function choose(
  candidates: readonly Candidate[],
  request: IncomingRequest,
  sharedPaths: string | undefined,
): Candidate {
  const having = mostLiteral(candidates);
  if (having.length === 1) return having[0]!;
  const named = (name: string | undefined): Candidate | undefined =>
    having.find(({ site: { dialect } }) => dialect.name === name?.toLowerCase());
  return (
    named(headerValue(request.headers['x-api-dialect'])) ??
    named(sharedPaths) ??
    onlyOneKnows(having, request) ??
    named(headerValue(request.headers['x-tenant-id']) ? 'cell' : 'erp') ??
    having[0]!
  );
}

/** The candidates with the most literal match of the path; all if none has the path. */
function mostLiteral(candidates: readonly Candidate[]): readonly Candidate[] {
  let best: string | undefined;
  for (const { found } of candidates) if (found && (best === undefined || found.rank < best)) best = found.rank;
  return best === undefined ? candidates : candidates.filter(({ found }) => found?.rank === best);
}

/** The dialect that alone has the method, or alone knows a parameter or field that was sent. */
function onlyOneKnows(
  candidates: readonly Candidate[],
  { method, query, body }: IncomingRequest,
): Candidate | undefined {
  const known = candidates.map((candidate) => ({ candidate, names: namesOf(candidate, method) }));
  const having = known.filter(({ names }) => names !== null);
  if (having.length === 1) return having[0]!.candidate;
  const sent = [...Object.keys(query), ...Object.keys(body ?? {})];
  const telling = new Set(
    sent
      .map((name) => having.filter(({ names }) => names!.has(name)))
      .filter((knowing) => knowing.length === 1)
      .map(([knowing]) => knowing!.candidate),
  );
  return telling.size === 1 ? [...telling][0] : undefined;
}

/** Parameters and body fields that the candidate's row takes; null if it has no row for the method. */
function namesOf({ found }: Candidate, method: string): Set<string> | null {
  const match = found && planFor(found, method);
  if (!match) return null;
  const { query, body } = match.plan.row.params;
  return new Set([...Object.keys(query ?? {}), ...Object.keys(body ?? {})]);
}
