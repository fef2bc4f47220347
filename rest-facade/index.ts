import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Door } from '../src/graphql/door.js';
import { cell } from './cell/index.js';
import { readBody, type Body } from './engine/body.js';
import type { Dialect, Mount } from './engine/dialect.js';
import { planFor } from './engine/match.js';
import { finding, one, restRequest, send, serve, site, type FacadeOptions, type Site } from './engine/serve.js';
import { erp } from './erp/index.js';
import { lifecycle } from './lifecycle/index.js';
import { platform } from './platform/index.js';

/** Every dialect of the facade. */
export const dialects: readonly Dialect[] = [erp, cell, lifecycle, platform];

/** What people are told of each: where it begins and a request worth trying. */
export const announced = dialects.map(({ name, label, mounts, example }) => ({ name, label, base: mounts[0]!.base, example, documentation: name === 'cell' ? '/docs' : `/api/v1/docs/?urls.primaryName=${name}` }));

/** Where the gateway of a dialect looks whether this server is well. */
export const healthPaths = ['/api/v1/crm/health'];

/** A dialect that may answer a request, and the path as it sees it. */
interface Candidate {
  site: Site;
  path: string;
  base: string;
}

/** Compiles every row of the dialects against the schema; throws an Error for a wrong one. */
export const sitesOf = (door: Door, served: readonly Dialect[] = dialects): Site[] => served.map((dialect) => site(dialect, door));

/** The REST facade as one Express handler. Requests outside of all mounts go on to the next handler. */
export function restFacade(options: FacadeOptions, sites: readonly Site[]): RequestHandler {
  return async (request, response, next) => {
    const candidates = candidatesFor(sites, pathOf(request));
    if (candidates.length === 0) return next();
    const requestId = (one(request.headers['x-request-id']) ?? one(request.headers['x-trace-id']) ?? randomUUID()).slice(0, 200);
    const body = await readBody(request, response);
    const { site: chosen, path } = choose(candidates, request, body, options.sharedPaths);
    const answered = await serve(options, chosen, restRequest(request, path, body, requestId), body);
    send(response, answered, { dialect: chosen.dialect.name, production: options.production, failed: (error) => void options.asRefusal(error, requestId) });
  };
}

/** The path exactly as sent: no slash is added, removed or merged. */
const pathOf = ({ originalUrl }: Request): string => originalUrl.split('?', 1)[0]!;

/** The dialects whose mount is the longest one that fits. */
function candidatesFor(sites: readonly Site[], path: string): Candidate[] {
  const fitting = sites.flatMap((one) => one.dialect.mounts.filter((mount) => fits(mount, path)).map(({ base }) => ({ site: one, base, path: path.slice(base.length) })));
  const longest = Math.max(...fitting.map(({ base }) => base.length));
  return fitting.filter(({ base }) => base.length === longest);
}

function fits({ base, sections, slash }: Mount, path: string): boolean {
  if (!path.startsWith(`${base}/`)) return false;
  const section = path.slice(base.length).split('/')[1]!;
  return (!sections || sections.includes(section)) && (!slash || (slash === 'always') === path.endsWith('/'));
}

/** Decides among several: the one that alone has the path (or has it most literally), then what the request tells. */
function choose(candidates: readonly Candidate[], request: Request, body: Body, sharedPaths: string | undefined): Candidate {
  const found = candidates.map((candidate) => ({ candidate, found: finding(candidate.site, candidate.path) }));
  const best = found.map((each) => each.found?.rank).filter((rank) => rank !== undefined).sort()[0];
  const having = best === undefined ? candidates : found.filter((each) => each.found?.rank === best).map(({ candidate }) => candidate);
  if (having.length === 1) return having[0]!;
  const named = (name: string | undefined): Candidate | undefined => having.find(({ site: { dialect } }) => dialect.name === name?.toLowerCase());
  return (
    named(one(request.headers['x-api-dialect'])) ??
    named(sharedPaths) ??
    onlyOneKnows(having, request, body) ??
    named(one(request.headers['x-tenant-id']) ? 'cell' : 'erp') ??
    having[0]!
  );
}

/** The dialect that alone has the method, or alone knows a parameter or member that was sent. */
function onlyOneKnows(candidates: readonly Candidate[], request: Request, body: Body): Candidate | undefined {
  const known = candidates.map((candidate) => ({ candidate, names: namesOf(candidate, request.method) }));
  const having = known.filter(({ names }) => names !== null);
  if (having.length === 1) return having[0]!.candidate;
  const sent = [...new URLSearchParams(request.originalUrl.split('?').slice(1).join('?')).keys(), ...Object.keys(body.value ?? {})];
  const telling = new Set(sent.map((name) => having.filter(({ names }) => names!.has(name))).filter((knowing) => knowing.length === 1).map(([knowing]) => knowing!.candidate));
  return telling.size === 1 ? [...telling][0] : undefined;
}

/** Parameters and body members that the candidate's row takes; null if it has no row for the method. */
function namesOf({ site: own, path }: Candidate, method: string): Set<string> | null {
  const found = finding(own, path);
  const match = found && planFor(found, method);
  if (!match) return null;
  const { query, body } = match.plan.row.params;
  return new Set([...Object.keys(query ?? {}), ...Object.keys(body ?? {})]);
}
