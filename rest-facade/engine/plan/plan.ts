import type { GraphQLInputType, GraphQLObjectType } from 'graphql';
import type { StoredOperation } from '../../../src/schema/in-process-client.js';
import type { Converter, Dialect, Row } from '../types.js';
import type { Reader } from './selection.js';

export type Data = Record<string, unknown>;

export type Source = 'path' | 'query' | 'headers' | 'body';

/** Where one member of a request goes: into which variable, at which path, of which type. */
export interface Target {
  wire: string;
  source: Source;
  /** the variable's name, then members of inputs; relative to its parent inside a nested target */
  path: string[];
  type: GraphQLInputType;
  converter: Converter;
  unset?: unknown;
  required: boolean;
  /** members of a nested object, or of each item of a nested list */
  fields?: Target[];
  /** most items of a list */
  maxItems?: number;
}

/** An operation with the types of its variables. */
export interface Operation {
  stored: StoredOperation;
  types: ReadonlyMap<string, GraphQLInputType>;
}

/** What reads the record before an update. */
export interface Before extends Operation {
  /** readers of the members that the body may carry as well */
  fields: ReadonlyMap<string, Reader>;
  /** the same members as the graph has them */
  values: ReadonlyMap<string, (record: Data) => unknown>;
  record: (data: Data) => Data | null;
  /** whether the record's version goes with the change */
  versioned: boolean;
}

/** A row ready to run. */
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
  /** the type that the row's shape begins at */
  type: GraphQLObjectType;
  /** what the graph says of the operation */
  description: string;
  before?: Before;
  needs?: Needs;
  /** reads a whole list along its cursor, for rows that send files */
  whole?: Whole;
  reads?: ReadFirst;
  /** what does the whole of an update where a member of the body has this value */
  instead?: ReadonlyArray<{ field: string; value: unknown; plan: Plan }>;
}

/** What reads the records of a batch. */
export interface ReadFirst extends Operation {
  fields: ReadonlyMap<string, Reader>;
  records: (data: Data) => Data[];
}

/** A whole list, portion by portion. */
export interface Whole extends Operation {
  result: Plan['result'];
  portion: (connection: Data) => { nodes: Data[]; cursor: string | null };
  read: Reader;
}

/** What must be there before anything is done. */
export interface Needs extends Operation {
  /** parameter → reader of what it names; null where there is nothing */
  found: ReadonlyMap<string, (data: Data) => unknown>;
}
