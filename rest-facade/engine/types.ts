import type { IncomingHttpHeaders } from 'node:http';
import type { Channel, Context } from '../../src/core/context.js';
import type { ErrorCode, Locale } from '../../src/core/errors.js';
import type { Streamed } from './files/streamed.js';
import type { Json } from './json-bytes.js';
import type { JsonSchema } from './json-schema.js';

/** A request as rows and dialects see it: texts as they were sent, nothing coerced yet. */
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
  /** every value of every query parameter, in the order sent; empty ones are left out */
  query: Record<string, string[]>;
  /** the parsed JSON body; undefined where there was none */
  body: unknown;
  /** the request id sent by the caller, or a new one */
  requestId: string;
}

/** A request that is being handled: what converters can look at. */
export interface Call {
  ctx: Context;
  request: RestRequest;
}

/** Both directions of one conversion, so that what was read can be sent back. */
export interface Converter {
  /** value of the graph (null where there is none) → wire */
  out(value: unknown, call: Call): unknown;
  /** wire → value for the graph; undefined leaves the field out. Refuses INVALID with `wrong()`. */
  in(value: unknown, call: Call): unknown;
  /** all values of the graph that look like this on the wire, for arguments that take a list; none at all leaves the field out */
  every?(value: unknown, call: Call): unknown[];
  /** how the wire value looks in requests, where `out` does not show it */
  wire?: JsonSchema;
}

/** A value found by a path of graph fields: `owner.name` selects `owner { name }` and flattens it. */
export interface Leaf {
  kind: 'leaf';
  path: string;
  converter?: Converter;
  /** a second place in the request that the same value fills, with another converter where it is a leaf of its own */
  also?: string | Leaf;
  /** of an update: fills the place only where these fields have these values after it, e.g. `{ stage: 5 }` */
  where?: Readonly<Record<string, string | number>>;
  /** wire value to assume where the client sends none; a function is asked for it */
  unset?: unknown;
  /** refused with REQUIRED where the client sends none */
  required?: boolean;
}

/** An object, or a list of objects, with a shape of its own below a path; an empty path groups without going deeper. */
export interface Nested {
  kind: 'object' | 'list';
  path: string;
  shape: Shape;
  required?: boolean;
  /** the largest number of items that may be sent */
  maxItems?: number;
}

/** A value that comes from the call, not from the graph: a constant, the tenant's code. */
export interface Computed {
  kind: 'computed';
  value: (call: Call) => unknown;
  wire?: JsonSchema;
}

/** A value made of several graph values; read only. */
export interface Derived {
  kind: 'derived';
  from: Readonly<Record<string, string>>;
  out: (values: Record<string, unknown>, call: Call) => unknown;
  wire?: JsonSchema;
}

export type Field = string | Leaf | Nested | Computed | Derived;

/**
 * Wire names and where their values lie in the graph. In answers it is the selection set; in requests it says which
 * argument or input field a name fills. A path's segment may be raw GraphQL with arguments; equal segments merge.
 * In requests a path that starts with `$` begins at the operation's arguments: `$customer`, `$filter.status`.
 */
export type Shape = Readonly<Record<string, Field>>;

/** A page of a list in wire form. */
export interface Page {
  items: unknown[];
  /** rows of the whole list */
  total: number;
  page: number;
  size: number;
}

/** What a dialect (or a row) answers to an error instead of the error table's status, code and sentence. */
export interface MessageOverride {
  status?: number;
  code?: string | number;
  message?: string;
  details?: string;
}

/** Messages by error code, or by code and wire name of the field: `NAME_TAKEN`, `REQUIRED name`, `INVALID contacts.*.email`. The more specific one wins. */
export type Messages = Readonly<Record<string, MessageOverride>>;

/** One thing that is wrong with a request, with the field named as the client knows it. */
export interface WireIssue {
  code: ErrorCode;
  message: string;
  /** dotted wire name of the field, e.g. `contactPhone`, `contacts.0.email`; absent when it concerns no field */
  field?: string;
  /** what the dialect or the row answers instead */
  override?: MessageOverride;
}

/** A record as the client sees it, and its entity tag. */
export interface Representation {
  value: unknown;
  /** undefined where the answer is not a single record */
  etag?: string | undefined;
  /** the value as JSON, where that has been made already */
  json?: Json | undefined;
}

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
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
  current?: Representation;
}

/** How lists are paged: names of the parameters, default and largest size, and what happens outside the bounds. */
export interface Paging {
  page: string;
  /** the first of these that is sent counts; the first is the one the document names */
  size: readonly string[];
  defaultSize: number;
  maxSize: number;
  outside: 'refuse' | 'clamp';
}

/** Makes a body of a list's rows in wire form, which come in portions. */
export type Render = (portions: AsyncIterable<unknown[]>, call: Call) => Streamed;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a row does: a page, a whole list, one record, a change, a change of what was read before, a removal, the same change of many. */
export type Kind = 'list' | 'all' | 'one' | 'write' | 'update' | 'remove' | 'batch';

/** Where the client's values go. Paths in `query` and `headers` start at `filter` (reads) or `input` (writes), in `body` at `input`, in `path` at the arguments. */
export interface Params {
  path?: Shape;
  query?: Shape;
  headers?: Shape;
  body?: Shape;
}

/** What comes of an answer whose status or value depends on what happened, e.g. a partly successful bulk. */
export interface Finished {
  status?: number;
  value: unknown;
}

/** What came of one item of a batch. */
export interface ItemOutcome {
  /** its place in the request, from 0 */
  index: number;
  /** as it was sent */
  item: unknown;
  /** the record in wire form; null where there is none */
  record: unknown;
  /** why it was left out; empty if it was not */
  issues: WireIssue[];
}

/** How the records of a batch are read first, so that fields sent back as they were read are not written. */
export interface Reads {
  /** root list whose filter takes `ids` */
  list: string;
  /** the item's field that names its record */
  key: string;
  /** how fields look when they are read */
  shape: Shape;
}

export interface RowOptions {
  /** HTTP status of success; 200 by default */
  status?: number;
  path?: Shape;
  headers?: Shape;
  /** query parameters of a write, where it has some */
  query?: Shape;
  /** name of the payload's record, where it has several; '' lets the shape begin at the payload itself */
  record?: string;
  /** root field that reads the record before an update; the payload's record field by default */
  read?: string;
  /** what to answer instead of the shaped record, e.g. null */
  answer?: (value: unknown, call: Call) => unknown;
  /** decides the final status and value */
  finish?: (value: unknown, call: Call) => Finished;
  /**
   * what must be there before anything is done: a parameter, and the path from the query's root that leads to what it
   * names, e.g. `contactId: 'contact(id: $id).link(customer: $customer)'`; else NOT_FOUND of the first one missing
   */
  needs?: Readonly<Record<string, string>>;
  /** of a list: sends it as a file; whole, or, where `whole` is false, the page that was asked for. Undefined answers in JSON. */
  file?: (call: Call) => { render: Render; whole: boolean } | undefined;
  /** of a list that is always a file: values of its parameter `format` → content types, the default one first */
  formats?: Readonly<Record<string, string>>;
  /** a right that the caller must have, else FORBIDDEN */
  right?: 'export' | 'audit' | 'administer';
  /** whether it is answered without a token as well, where the configuration opens such rows */
  open?: boolean;
  /** other names that fields of the body may be sent under: other name → name */
  synonyms?: Readonly<Record<string, string>>;
  /** for a batch of updates */
  reads?: Reads;
  /**
   * rows that do the whole of an update instead, where a field of the body asks for another value than was read:
   * `is_deleted: [[true, …], [false, …]]`; any other value of that field is refused
   */
  instead?: Readonly<Record<string, ReadonlyArray<readonly [value: string | number | boolean, row: Row]>>>;
  /** whether a new record needs a field of the body, where the columns behind the fields do not show it; for the document only */
  demands?: Readonly<Record<string, boolean>>;
  /** values of the body's example, where samples of single fields do not fit together */
  example?: Readonly<Record<string, unknown>>;
  messages?: Messages;
  /** the dialect's own text of success, where it differs by row */
  message?: string;
  paging?: Partial<Paging>;
  /** what a repeated idempotency key means here, where it differs from the dialect */
  repeat?: 'conflict' | 'replay';
}

/** One endpoint as data. Order among rows means nothing. */
export interface Row extends RowOptions {
  kind: Kind;
  method: Method;
  /** pattern below the dialect's mount, e.g. `/customers/:id` */
  pattern: string;
  /** root field; a path such as `customer.contacts` goes through a record that must exist */
  operation: string;
  shape: Shape;
  params: Params;
}

/** Where a dialect answers: paths under `base`, optionally only those with these first segments or with this kind of ending. */
export interface Mount {
  base: string;
  sections?: readonly string[];
  slash?: 'always' | 'never';
}

/** The settings of a dialect: everything that is the same for all of its rows. The engine knows nothing else about a dialect. */
export interface Dialect {
  name: Exclude<Channel, 'graphql' | 'system'>;
  /** for people, on the home page */
  label: string;
  /** path of a request worth trying */
  example: string;
  mounts: readonly Mount[];
  /** language of its messages */
  locale: Locale;
  /** converts every field that names no converter of its own */
  plain: Converter;
  /** converts parameters of paths that no row says more of; `plain` by default */
  key?: Converter;
  paging: Paging;
  messages?: Messages;
  /** what a method is answered with that a known path does not have; NOT_FOUND by default */
  unknownMethod?: ErrorCode;
  /** null leaves a field alone, so that bodies in which null clears (`application/merge-patch+json`) are refused */
  ignoresNull?: boolean;
  /** methods that must carry X-Request-ID where the deployment demands it */
  requestIdFor?: readonly Method[];
  /** `X-Request-ID` is an idempotency key of writes, where `Idempotency-Key` is not sent; elsewhere it is for tracing */
  requestIdIsKey?: boolean;
  /** what a repeated idempotency key means for writes: refused, or answered as the first time */
  repeat: 'conflict' | 'replay';
  /** the tenant that the request names beside its token; the header X-Tenant-Id by default */
  tenant?: (request: RestRequest) => string | undefined;
  /** throws a refusal where the caller may not use the row at all */
  admit?: (call: Call, row: Row) => void;
  success: (value: unknown, call: Call, row: Row, status: number) => unknown;
  /** body's value for a page; may refuse, e.g. a page beyond the end */
  page: (page: Page, call: Call) => unknown;
  error: (refusal: Refusal, request: RestRequest) => Answer;
  /** version of its OpenAPI document; 3.1.0 by default */
  openapi?: '3.0.3';
  /** shapes that its document calls by name; several where ways to the same fields differ */
  schemas?: Readonly<Record<string, Shape | readonly Shape[]>>;
  rows: readonly Row[];
}
