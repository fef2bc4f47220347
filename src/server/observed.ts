import type { IncomingHttpHeaders } from 'node:http';
import type { Channel, Context, TenantInfo } from '../core/context.js';
import type { Locale } from '../core/errors.js';

/** What becomes known of a request while it is answered, for its line in the access log and for the metrics. */
export interface Observed {
  readonly requestId: string;
  /** when it came, as `performance.now()` has it */
  readonly since: number;
  /** who made it: known once its token has been checked, also where it is refused since it came too often */
  ctx?: Context;
  /** language of the tenant that it is for: known before who made it may have an answer */
  language?: Locale;
  /** set once who made it is within the limits as well */
  admitted?: boolean;
  /** the REST dialect that it was for */
  channel?: Channel;
  /** the REST row that it was for, e.g. `GET /accounts/:id` */
  row?: string | undefined;
  /** its trace, where it has one */
  trace?: { traceId?: string; spanId?: string };
  /** codes of the errors that it was answered with */
  readonly codes: Set<string>;
}

/** Where a request is kept on its headers, which is what all channels pass on; a WeakMap costs ten times as much. */
const observedKey = Symbol('observed');

type Headers = IncomingHttpHeaders & { [observedKey]?: Observed };

/** Begins to observe a request, by whose headers it is found again. */
export function observe(headers: Headers, requestId: string): Observed {
  const observed = { requestId, since: performance.now(), codes: new Set<string>() };
  headers[observedKey] = observed;
  return observed;
}

/** What is known of the request with these headers; undefined where nobody observes it. */
export const observedOf = (headers: Headers): Observed | undefined => headers[observedKey];

/** Keeps who made a request; the errors that it is answered with are kept for it from now on. */
export function noteCaller(headers: IncomingHttpHeaders, ctx: Context): void {
  const observed = observedOf(headers);
  if (!observed) return;
  observed.ctx = ctx;
  ctx.stats.codes = observed.codes;
}

/** Keeps in which language a request is refused that asks for none. */
export function noteLanguage(headers: IncomingHttpHeaders, { language }: TenantInfo): void {
  const observed = observedOf(headers);
  if (observed) observed.language = language;
}

/** Keeps that who made a request may have an answer. */
export function noteAdmitted(headers: IncomingHttpHeaders): void {
  const observed = observedOf(headers);
  if (observed) observed.admitted = true;
}

/** Who made a request and may have an answer, so that what it is passed on to need not check it again; undefined until then. */
export function admittedOf(headers: IncomingHttpHeaders): Context | undefined {
  const observed = observedOf(headers);
  return observed?.admitted ? observed.ctx : undefined;
}

/** Keeps for which REST row a request was, and how it was refused. */
export function noteRow(
  headers: IncomingHttpHeaders,
  channel: Channel,
  { row, codes }: { row: string | undefined; codes: readonly string[] },
): void {
  const observed = observedOf(headers);
  if (!observed) return;
  observed.channel = channel;
  observed.row = row;
  for (const code of codes) observed.codes.add(code);
}
