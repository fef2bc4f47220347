import type { Call, Finished, ItemOutcome, Kind, Method, Params, Row, RowOptions, Shape } from './types.js';

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

/** A page of a connection; `query` maps parameters to fields of its filter. */
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

/** A change of a record that is read first: fields sent back as they were read are not written. */
export const update = (endpoint: string, operation: string, shape: Shape, body: Shape, options: RowOptions = {}): Row =>
  row('update', endpoint, operation, shape, { body }, options);

/** A removal; its shape begins at the payload itself. */
export const remove = (endpoint: string, operation: string, shape: Shape, options: RowOptions = {}): Row =>
  row('remove', endpoint, operation, shape, {}, options);

/**
 * The same change of many records. One field of the body is the list of items (`each('$inputs', …)`); what is wrong with
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
