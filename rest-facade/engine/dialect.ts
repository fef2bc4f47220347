import type { IncomingHttpHeaders } from 'node:http';
import type { Context, Channel } from '../../src/core/context.js';
import type { ErrorCode, Locale } from '../../src/core/errors.js';
import type { Shown } from './conditions.js';
import type { Converter, Shape } from './shapes.js';
import type { Method, Row } from './rows.js';

/** A request as rows and manners see it: texts as they were sent, nothing coerced yet. */
export interface RestRequest {
  method: string;
  /** path below the dialect's mount, e.g. `/customers/17` */
  path: string;
  /** path and query as sent */
  url: string;
  /** scheme and host, e.g. `http://127.0.0.1:8001` */
  origin: string;
  headers: IncomingHttpHeaders;
  /** parameters of the path, decoded */
  params: Record<string, string>;
  /** every value of every query parameter, in the order sent */
  query: Record<string, string[]>;
  /** the parsed JSON body; undefined where there was none */
  body: unknown;
  /** the caller's id of the request, or one made for it */
  requestId: string;
}

/** One request under way: what converters may look at. */
export interface Call {
  ctx: Context;
  request: RestRequest;
}

/** A page of a list in wire form. */
export interface Page {
  items: unknown[];
  /** rows of the whole list */
  total: number;
  page: number;
  size: number;
}

/** How a dialect (or a row) says something in its own words. */
export interface MessageOverride {
  status?: number;
  code?: string | number;
  message?: string;
  details?: string;
}

/** Words by error code, or by code and wire name of the member: `NAME_TAKEN`, `REQUIRED name`, `INVALID contacts.*.email`. The more exact one wins. */
export type Messages = Readonly<Record<string, MessageOverride>>;

/** One thing that is wrong, said of the member as the client calls it. */
export interface WireIssue {
  code: ErrorCode;
  message: string;
  /** dotted wire name of the member, e.g. `contactPhone`, `contacts.0.email`; absent when it concerns no member */
  field?: string;
  word?: MessageOverride;
}

/** Why a request was refused; the first issue decides. */
export interface Refusal {
  code: ErrorCode;
  /** HTTP status of the error table */
  status: number;
  issues: WireIssue[];
  /** what the first request was answered with, where this one repeats it */
  first?: { status: number; body: unknown };
  /** the record as it is, where a change was refused because it had been changed meanwhile */
  current?: Shown;
}

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** How lists are paged: names of the parameters, usual and largest size, and what happens outside the bounds. */
export interface Paging {
  page: string;
  /** the first of these that is sent counts; the first is the one the document names */
  size: readonly string[];
  defaultSize: number;
  maxSize: number;
  outside: 'refuse' | 'clamp';
}

/** Where a dialect answers: paths under `base`, optionally only those with these first segments or with this kind of ending. */
export interface Mount {
  base: string;
  sections?: readonly string[];
  slash?: 'always' | 'never';
}

/** The manners of a dialect: everything that is the same for all of its rows. The engine knows no more of it. */
export interface Dialect {
  name: Exclude<Channel, 'graphql' | 'system'>;
  /** for people, on the home page */
  label: string;
  /** path of a request worth trying */
  example: string;
  mounts: readonly Mount[];
  /** language of its messages */
  locale: Locale;
  /** converts every member that names no converter of its own */
  plain: Converter;
  /** converts parameters of paths that no row says more of; `plain` unless told */
  key?: Converter;
  paging: Paging;
  messages?: Messages;
  /** what a method is answered with that a known path does not have; NOT_FOUND unless told */
  unknownMethod?: ErrorCode;
  /** methods that must carry X-Request-ID where the deployment demands it */
  requestIdFor?: readonly Method[];
  /** what a repeated request id means for writes: refused, or answered as the first time */
  repeat: 'conflict' | 'replay';
  /** the tenant that the request names beside its token; the header X-Tenant-Id unless told */
  tenant?: (request: RestRequest) => string | undefined;
  /** throws a refusal where the caller may not use the row at all */
  admit?: (call: Call, row: Row) => void;
  success: (value: unknown, call: Call, row: Row, status: number) => unknown;
  /** body's value for a page; may refuse, e.g. a page beyond the end */
  page: (page: Page, call: Call) => unknown;
  error: (refusal: Refusal, request: RestRequest) => Answer;
  /** version of its OpenAPI document; 3.1.0 unless told */
  openapi?: '3.0.3';
  /** shapes that its document calls by name; several where ways to the same members differ */
  schemas?: Readonly<Record<string, Shape | readonly Shape[]>>;
  rows: readonly Row[];
}
