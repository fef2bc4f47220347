import { withoutReplicas, type Context } from '../../../src/core/context.js';
import { DomainError, refuse } from '../../../src/core/errors.js';
import { isUtf8Url } from '../../../src/core/utf8.js';
import type { InProcessClient } from '../../../src/schema/in-process-client.js';
import { keyOf, type IdempotencyGuard } from '../../../src/write/idempotency.js';
import type { Deprecations } from '../deprecations.js';
import { badRequest, noEndpoint, refusalOf, Refused, Repeated, VersionConflict } from '../errors.js';
import { Streamed } from '../files/streamed.js';
import { Json, jsonAround, jsonOf } from '../json-bytes.js';
import { type Found, planFor } from '../plan/matcher.js';
import type { Plan } from '../plan/plan.js';
import { checkNoneMatch, matchesTag, noneMatchOf } from '../run/conditions.js';
import type { Runner } from '../run/execute.js';
import { run } from '../run/run.js';
import type { Answer, Call, Dialect, Representation, RestRequest } from '../types.js';
import type { Body } from './body.js';
import type { Candidate } from './choose.js';
import { headerValue, type IncomingRequest } from './request.js';

/** What identifies a request. */
export interface Caller {
  authorization?: string | undefined;
  tenant?: string | undefined;
  requestId?: string | undefined;
  language?: string | undefined;
  /** who waits for the answer */
  presence?: Context['presence'];
  /** headers of the request, by which the server's access log finds who made it */
  headers?: RestRequest['headers'];
}

/** What the facade needs from the server that mounts it. */
export interface FacadeOptions extends Runner {
  client: InProcessClient;
  /** keeps requests that carry a key from being carried out twice */
  idempotent: IdempotencyGuard;
  identify: (caller: Caller, channel: Dialect['name']) => Promise<Context>;
  /** who asks for an open row without a token, where the configuration allows that */
  anonymous?: ((caller: Caller, channel: Dialect['name']) => Promise<Context>) | undefined;
  /** the dialect that answers shared paths, where it is configured */
  sharedPaths?: Dialect['name'] | undefined;
  /** whether dialects that know request ids require them */
  requireRequestId: boolean;
  /** whether `X-Forwarded-*` headers are trusted */
  trustsProxy: boolean;
  /** Refuses RATE_LIMITED a request of somebody who has asked too often, by its headers. */
  admit?: (headers: RestRequest['headers']) => void;
  production: boolean;
  /** what answers of deprecated rows carry */
  deprecations?: Deprecations | undefined;
  /** called when it is known how a request will be answered */
  noted?: (headers: RestRequest['headers'], dialect: Dialect['name'], answered: Answered) => void;
}

/** An answer, how many statements it took, for which row it was, and with which errors it refuses. */
export interface Answered extends Answer {
  statements: number;
  /** method and pattern of the row; undefined where the dialect has none */
  row: string | undefined;
  codes: readonly string[];
}

/** Answers a request in a dialect. Never throws: every failure has the dialect's shape. */
export async function serve(
  options: FacadeOptions,
  { site: { dialect, matcher }, path, found }: Candidate,
  sent: IncomingRequest,
  body: Body,
  presence: Context['presence'],
): Promise<Answered> {
  const request: RestRequest = { ...sent, path, params: {} };
  let plan: Plan | undefined;
  let ctx: Context | undefined;
  let call: Call | undefined;
  try {
    options.admit?.(request.headers);
    // a path without a match may be malformed, which is reported here
    found ??= matcher.find(path);
    const match = found && planFor(found, request.method);
    if (!match) throw noEndpoint((found && dialect.unknownMethod) || 'NOT_FOUND', dialect.locale);
    plan = match.plan;
    const asked = { ...request, params: match.params };
    const isOpen = plan.row.open && asked.headers.authorization === undefined;
    const identify = (isOpen && options.anonymous) || options.identify;
    ctx = await identify({ ...callerOf(asked, dialect), presence }, dialect.name);
    ctx.stats.operation = nameOf(plan);
    if (request.method !== 'GET') withoutReplicas(ctx);
    call = { ctx, request: asked };
    dialect.admit?.(call, plan.row);
    requireRequestId(options, dialect, asked);
    if (!isUtf8Url(asked.url)) throw badRequest('URL_CHARSET');
    if (body.failure) throw body.failure;
    if (body.isMergePatch && dialect.ignoresNull)
      throw refuse('UNSUPPORTED_MEDIA_TYPE', undefined, { type: 'application/merge-patch+json' });
    const answer = await carryOut(options, plan, ctx, asked, found!);
    return { ...answer, statements: ctx.stats.statements, row: nameOf(plan), codes: [] };
  } catch (error) {
    const refusal = refusalOf(
      refused(await withCurrent(error, options, found, call), options, request),
      dialect,
      plan?.row,
    );
    const { headers, ...answer } = dialect.error(refusal, request);
    return {
      ...answer,
      headers: { ...headers, ...tagged(refusal.current?.etag) },
      statements: ctx?.stats.statements ?? 0,
      row: plan && nameOf(plan),
      codes: refusal.issues.map(({ code }) => code),
    };
  }
}

/** Names a row within its dialect, e.g. `GET /accounts/:id`. */
const nameOf = ({ row: { method, pattern } }: Plan): string => `${method} ${pattern}`;

/** An answer with an entity tag is for this client alone: shared caches may not keep it, and its own cache must revalidate. */
const tagged = (etag: string | undefined): Record<string, string> =>
  etag ? { ETag: etag, 'Cache-Control': 'private, no-cache' } : {};

/** Refuses a change or deletion whose `If-None-Match` the record as it is does not meet. An update looks at `*` itself, when it reads the record. */
async function refuseIfNoneMatch(options: FacadeOptions, plan: Plan, call: Call, found: Found): Promise<void> {
  const header = noneMatchOf(plan, call);
  if (header === undefined || (header === '*' && plan.before)) return;
  const current = await currentOf(options, found, call).catch(() => undefined);
  if (current) checkNoneMatch(plan, call, current);
}

/** The record as a GET of the same path shows it; undefined if there is no such GET. */
async function currentOf(options: FacadeOptions, found: Found, call: Call): Promise<Representation | undefined> {
  const reading = planFor(found, 'GET');
  if (!reading) return undefined;
  call.ctx.loaders.clear();
  const request = { ...call.request, method: 'GET', params: reading.params, body: undefined };
  return run(options, reading.plan, { ...call, request });
}

/** Adds the current record to a version conflict: as a GET of the same path shows it or, if there is none, as the change would have. */
async function withCurrent(
  error: unknown,
  options: FacadeOptions,
  found: Found | null,
  call: Call | undefined,
): Promise<unknown> {
  if (!(error instanceof VersionConflict) || !found || !call) return error;
  try {
    const current = await currentOf(options, found, call);
    return current ? new VersionConflict(error.code, current, error.problems[0]!.message) : error;
  } catch {
    return error;
  }
}

/** Runs the row; a write with an idempotency key runs once, and its repetition is answered again or refused, as the dialect does. */
async function carryOut(
  options: FacadeOptions,
  plan: Plan,
  ctx: Context,
  request: RestRequest,
  found: Found,
): Promise<Answer> {
  const { dialect, row } = plan;
  const answer = async (inside: Context): Promise<Answer> => {
    const call = { ctx: inside, request };
    await refuseIfNoneMatch(options, plan, call, found);
    const { status, value, etag, json } = await run(options, plan, call);
    if (value instanceof Streamed) return { status, body: value };
    if (row.method === 'GET' && matchesTag(headerValue(request.headers['if-none-match']), etag))
      return { status: 304, body: undefined, headers: tagged(etag) };
    const body = dialect.success(value, call, row, status);
    return { status, body: json ? jsonAround(body, value, json) : body, headers: tagged(etag) };
  };
  const key =
    row.method === 'GET' ? undefined : keyOf((name) => headerValue(request.headers[name]), dialect.requestIdIsKey);
  if (!key) return answer(ctx);
  const conflicts = (row.repeat ?? dialect.repeat) === 'conflict';
  const { method, path, query, body } = request;
  let headers: Record<string, string> | undefined;
  const {
    status,
    body: text,
    etag,
    replayed,
  } = await options.idempotent(
    ctx,
    { key, content: [method, path, query, body ?? null], other: conflicts ? 'replay' : 'refuse' },
    async (inside) => {
      const given = await answer(inside.ctx);
      headers = given.headers;
      const { ETag } = given.headers ?? {};
      return { status: given.status, body: jsonOf(given.body).bytes.toString(), etag: ETag, done: given.status < 400 };
    },
  );
  if (replayed && conflicts) throw new Repeated({ status, body: JSON.parse(text) as unknown });
  return {
    status,
    body: new Json(Buffer.from(text)),
    headers: replayed ? { 'Idempotency-Replayed': 'true', ...tagged(etag) } : { ...headers },
  };
}

const callerOf = (request: RestRequest, { tenant, locale }: Dialect): Caller => ({
  authorization: request.headers.authorization,
  tenant: tenant ? tenant(request) : headerValue(request.headers['x-tenant-id']),
  requestId: request.requestId,
  language: locale,
  headers: request.headers,
});

function requireRequestId(
  { requireRequestId: isRequired }: FacadeOptions,
  dialect: Dialect,
  { method, headers }: RestRequest,
): void {
  const missing = isRequired && (dialect.requestIdFor as readonly string[] | undefined)?.includes(method);
  if (missing && !headerValue(headers['x-request-id'])) throw badRequest('REQUEST_ID');
}

function refused(error: unknown, { asRefusal }: FacadeOptions, { requestId }: RestRequest): Refused | DomainError {
  if (error instanceof Refused || error instanceof DomainError) return error;
  return error instanceof URIError ? badRequest('PATH') : asRefusal(error, requestId);
}
