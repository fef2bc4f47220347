import { type Found, planFor } from '../plan/matcher.js';
import type { Site } from '../plan/site.js';
import type { Mount } from '../types.js';
import { one, type Sent } from './request.js';

/** A dialect that may answer a request, the path as it sees it, and what that leads to there; null where the dialect does not have it or it is no path at all. */
export interface Candidate {
  site: Site;
  path: string;
  found: Found | null;
}

/** A place where a dialect answers. */
interface Place extends Mount {
  site: Site;
  /** what paths there begin with */
  prefix: string;
}

/** The places of all dialects, the most particular ones first. */
export const placesOf = (sites: readonly Site[]): Place[] =>
  sites
    .flatMap((site) => site.dialect.mounts.map((mount) => ({ ...mount, site, prefix: `${mount.base}/` })))
    .sort((a, b) => b.base.length - a.base.length);

/** The dialects whose mount is the longest one that fits. */
export function candidatesFor(places: readonly Place[], path: string): Candidate[] {
  const candidates: Candidate[] = [];
  let longest: string | undefined;
  for (const place of places) {
    if (longest !== undefined && place.base.length < longest.length) break;
    if (!fits(place, path)) continue;
    longest = place.base;
    const below = path.slice(place.base.length);
    candidates.push({ site: place.site, path: below, found: finding(place.site, below) });
  }
  return candidates;
}

function fits({ prefix, sections, slash }: Place, path: string): boolean {
  if (!path.startsWith(prefix)) return false;
  return (
    (!sections || sections.includes(path.slice(prefix.length).split('/', 1)[0]!)) &&
    (!slash || (slash === 'always') === path.endsWith('/'))
  );
}

function finding({ matcher }: Site, path: string): Found | null {
  try {
    return matcher.find(path);
  } catch {
    return null;
  }
}

/** Decides among several: the one that alone has the path (or has it most literally), then what the request tells. */
export function choose(candidates: readonly Candidate[], request: Sent, sharedPaths: string | undefined): Candidate {
  const having = mostLiteral(candidates);
  if (having.length === 1) return having[0]!;
  const named = (name: string | undefined): Candidate | undefined =>
    having.find(({ site: { dialect } }) => dialect.name === name?.toLowerCase());
  return (
    named(one(request.headers['x-api-dialect'])) ??
    named(sharedPaths) ??
    onlyOneKnows(having, request) ??
    named(one(request.headers['x-tenant-id']) ? 'cell' : 'erp') ??
    having[0]!
  );
}

/** Those that have the path, and have it as literally as any; all where none has it. */
function mostLiteral(candidates: readonly Candidate[]): readonly Candidate[] {
  let best: string | undefined;
  for (const { found } of candidates) if (found && (best === undefined || found.rank < best)) best = found.rank;
  return best === undefined ? candidates : candidates.filter(({ found }) => found?.rank === best);
}

/** The dialect that alone has the method, or alone knows a parameter or member that was sent. */
function onlyOneKnows(candidates: readonly Candidate[], { method, query, body }: Sent): Candidate | undefined {
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

/** Parameters and body members that the candidate's row takes; null if it has no row for the method. */
function namesOf({ found }: Candidate, method: string): Set<string> | null {
  const match = found && planFor(found, method);
  if (!match) return null;
  const { query, body } = match.plan.row.params;
  return new Set([...Object.keys(query ?? {}), ...Object.keys(body ?? {})]);
}
