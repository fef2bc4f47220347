import type { Call, Paging, WireIssue, Messages } from './dialect.js';
import type { Shape } from './shapes.js';
import type { Render } from './stream.js';

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

/** How the records of a batch are read first, so that members sent back as they were read are not written. */
export interface Reads {
  /** root list whose filter takes `ids` */
  list: string;
  /** the item's member that names its record */
  key: string;
  /** how members look when they are read */
  shape: Shape;
}

export interface RowOptions {
  /** HTTP status of success; 200 unless told */
  status?: number;
  path?: Shape;
  headers?: Shape;
  /** query parameters of a write, where it has some */
  query?: Shape;
  /** name of the payload's record, where it has several; '' lets the shape begin at the payload itself */
  record?: string;
  /** root field that reads the record before an update; the payload's record field unless told */
  read?: string;
  /** what to answer instead of the shaped record, e.g. null */
  answer?: (value: unknown, call: Call) => unknown;
  /** the last word on status and value */
  finish?: (value: unknown, call: Call) => Finished;
  /**
   * what must be there before anything is done: a parameter, and the path from the query's root that leads to what it
   * names, e.g. `contactId: 'contact(id: $id).link(customer: $customer)'`; else NOT_FOUND of the first one missing
   */
  needs?: Readonly<Record<string, string>>;
  /** of a list: sends it as a file; whole, or, where `whole` is false, the page that was asked for. Undefined answers as ever. */
  file?: (call: Call) => { render: Render; whole: boolean } | undefined;
  /** of a list that is always a file: words of its parameter `format` → content types, the usual one first */
  formats?: Readonly<Record<string, string>>;
  /** a right that the caller must have, else FORBIDDEN */
  right?: 'export' | 'audit' | 'administer';
  /** other names that members of the body may be sent under: other name → name */
  synonyms?: Readonly<Record<string, string>>;
  /** for a batch of updates */
  reads?: Reads;
  /**
   * rows that do the whole of an update instead, where a member of the body asks for another value than was read:
   * `is_deleted: [[true, …], [false, …]]`; any other value of that member is refused
   */
  instead?: Readonly<Record<string, ReadonlyArray<readonly [value: string | number | boolean, row: Row]>>>;
  messages?: Messages;
  /** the dialect's own text of success, where it differs by row */
  message?: string;
  paging?: Partial<Paging>;
  /** what a repeated request id means here, where it differs from the dialect */
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

function row(kind: Kind, endpoint: string, operation: string, shape: Shape, params: Params, options: RowOptions): Row {
  const [method, pattern] = endpoint.split(' ') as [Method, string];
  const { path, headers, query, ...rest } = options;
  return {
    ...rest,
    kind,
    method,
    pattern,
    operation,
    shape,
    params: { ...params, ...(path && { path }), ...(headers && { headers }), ...(query && { query }) },
  };
}

/** A page of a connection; `query` maps parameters to members of its filter. */
export const list = (
  endpoint: string,
  operation: string,
  shape: Shape,
  query: Shape = {},
  options: RowOptions = {},
): Row => row('list', endpoint, operation, shape, { query }, options);

/** All rows of a connection or a list as a bare array. */
export const all = (
  endpoint: string,
  operation: string,
  shape: Shape,
  query: Shape = {},
  options: RowOptions = {},
): Row => row('all', endpoint, operation, shape, { query }, options);

/** One record, or a refusal NOT_FOUND. With the operation '' the shape begins at the graph's root. */
export const one = (
  endpoint: string,
  operation: string,
  shape: Shape,
  query: Shape = {},
  options: RowOptions = {},
): Row => row('one', endpoint, operation, shape, { query }, options);

/** A change, answered with the record in its payload. */
export const write = (
  endpoint: string,
  operation: string,
  shape: Shape,
  body: Shape = {},
  options: RowOptions = {},
): Row => row('write', endpoint, operation, shape, { body }, options);

/** A change of a record that is read first: members sent back as they were read are not written. */
export const update = (endpoint: string, operation: string, shape: Shape, body: Shape, options: RowOptions = {}): Row =>
  row('update', endpoint, operation, shape, { body }, options);

/** A removal; its shape begins at the payload itself. */
export const remove = (endpoint: string, operation: string, shape: Shape, options: RowOptions = {}): Row =>
  row('remove', endpoint, operation, shape, {}, options);

/**
 * The same change of many records. One member of the body is the list of items (`each('$inputs', …)`); what is wrong with
 * an item is reported of it alone. `finish` gets what came of each, as `ItemOutcome[]`.
 */
export const batch = (
  endpoint: string,
  operation: string,
  shape: Shape,
  body: Shape,
  finish: (outcomes: ItemOutcome[], call: Call) => Finished,
  options: RowOptions = {},
): Row =>
  row(
    'batch',
    endpoint,
    operation,
    shape,
    { body },
    { ...options, finish: finish as NonNullable<RowOptions['finish']> },
  );
