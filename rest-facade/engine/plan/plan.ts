import type { GraphQLInputType, GraphQLObjectType } from 'graphql';
import type { StoredOperation } from '../../../src/schema/in-process-client.js';
import type { Converter, Dialect, Leaf, Row } from '../types.js';
import type { Reader } from './selection.js';

export type Data = Record<string, unknown>;

export type Source = 'path' | 'query' | 'headers' | 'body';

/** Where one field of a request goes: into which variable, at which path, of which type. */
export interface Target {
  wire: string;
  source: Source;
  /** the variable's name, then fields of inputs; relative to its parent inside a nested target */
  path: string[];
  type: GraphQLInputType;
  converter: Converter;
  unset?: unknown;
  required: boolean;
  /** what the fields of the record must be after an update for it to be filled */
  where?: Leaf['where'];
  /** fields of a nested object, or of each item of a nested list */
  fields?: Target[];
  /** the largest number of items of a list */
  maxItems?: number;
  /** the object that it is a part of, where that can be null and the part cannot: null for the part clears the object */
  partOf?: string[];
}

/** An operation with the types of its variables. */
export interface Operation {
  stored: StoredOperation;
  types: ReadonlyMap<string, GraphQLInputType>;
}

/** Reads the record before an update. */
export interface Before extends Operation {
  /** readers of the fields that the body may carry as well */
  fields: ReadonlyMap<string, Reader>;
  /** the same fields as the graph has them */
  values: ReadonlyMap<string, (record: Data) => unknown>;
  record: (data: Data) => Data | null;
  /** whether the record's version goes with the change */
  versioned: boolean;
}

/** A compiled row. */
export interface Plan extends Operation {
  row: Row;
  dialect: Dialect;
  targets: Target[];
  /** the operation's result in the answer's data: a connection, a list, a record or a payload */
  result: (data: Data) => unknown;
  /** the record (or item, or payload) in wire form */
  read: Reader;
  /** the record in a payload; the payload itself for removals */
  record: (payload: Data) => Data | null;
  /** version of the one record that is shown; undefined where it has none or there is no such record */
  version: (record: Data) => unknown;
  isConnection: boolean;
  /** where a connection has its rows: a relation has them on its edges */
  rows: 'nodes' | 'edges';
  /** the type that the row's shape begins at */
  type: GraphQLObjectType;
  /** what the graph says of the operation */
  description: string;
  before?: Before;
  needs?: Needs;
  /** reads a whole list along its cursor, for rows that send files */
  whole?: Whole;
  reads?: ReadFirst;
  /** rows that do all of an update if a field of the body has this value */
  instead?: ReadonlyArray<{ field: string; value: unknown; plan: Plan }>;
}

/** Reads the records of a batch before they are changed. */
export interface ReadFirst extends Operation {
  fields: ReadonlyMap<string, Reader>;
  records: (data: Data) => Data[];
}

/** Reads a whole list, page by page along its cursor. */
export interface Whole extends Operation {
  result: Plan['result'];
  portion: (connection: Data) => { nodes: Data[]; cursor: string | null };
  read: Reader;
}

/** Reads what must exist before anything is done. */
export interface Needs extends Operation {
  /** parameter → reader of what it names; null where there is nothing */
  found: ReadonlyMap<string, (data: Data) => unknown>;
}
