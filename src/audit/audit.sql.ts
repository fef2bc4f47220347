import type { Scope } from '../model/fields.js';
import { type Condition, namesNothing, namesNumber } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { User } from '../identity/user.entity.js';

/** SQL condition: an entry of the record of that type with that id. */
export const isOfRecord =
  (type: string) =>
  (entry: Scope, id: string): string =>
    `${entry.col('recordId')} = ${id} and ${entry.col('recordType')} = '${type}'`;

/** An opaque id alone: a number names a record only together with its kind. */
export const ofRecord: Condition = (row, value) =>
  value.is((text) => namesNothing(text) || namesNumber(text))
    ? 'false'
    : `${row.col('recordId')} = ${value.bind('uuid')}`;

export const byActor: Condition = refersTo('actorId', User);

export const throughChannel: Condition = (row, value) =>
  `upper(${row.col('channelName')}) = any(${value.bind('text[]')})`;
