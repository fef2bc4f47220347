import { ID, InputType } from 'type-graphql';
import { columnsOf, type ColumnSpec } from '../model/columns.js';
import type { EntityClass } from '../model/model.js';
import { Day } from '../model/scalars.js';
import {
  among,
  atLeast,
  atMost,
  contains,
  containsOne,
  fromDay,
  isTrue,
  untilDay,
  Where,
  type Condition,
} from './filter.js';
import { refersTo } from './references.js';

type Field = [suffix: string, condition: Condition, type: () => unknown, meaning: string];

/** The fields of a filter that a column gives, by its kind. */
function fieldsOf({ property, kind, type, filter }: ColumnSpec): Field[] {
  const bounds = (cast: string, from: string, until: string): Field[] => [
    [from, atLeast(property, cast), type, 'At least this.'],
    [until, atMost(property, cast), type, 'At most this.'],
  ];
  switch (kind) {
    case 'text':
      if (filter === 'several')
        return [['', containsOne(property), () => [String], 'Contains one of these texts, ignoring case.']];
      return [['', contains(property), () => String, 'Contains this text, ignoring case.']];
    case 'enum':
      return [['', among(property), () => [type()], 'One of these.']];
    case 'flag':
      return [['', isTrue((row) => `(${row.shown(property)})`), () => Boolean, 'Only those where this is so.']];
    case 'reference':
      return [['', refersTo(property, type() as EntityClass), () => [ID], 'Refers to one of these records.']];
    case 'integer':
      return bounds('int', 'Min', 'Max');
    case 'decimal':
      return bounds('numeric', 'Min', 'Max');
    case 'day':
      return bounds('date', 'From', 'Until');
    case 'instant':
      return [
        ['From', fromDay(property), () => Day, 'On this day or later, in the time zone of the tenant.'],
        ['Until', untilDay(property), () => Day, 'On this day or earlier, in the time zone of the tenant.'],
      ];
  }
}

/**
 * Makes a GraphQL input type of conditions on the columns of an entity that say `filter`: texts by what they contain (with
 * `several` one of a list), enumerations by a list, numbers, days and instants by their bounds (`…Min`, `…Max`, `…From`, `…Until`), references by
 * id. Extend the class to add conditions of another form.
 */
export function filterFrom(name: string, entity: EntityClass): new () => object {
  class Filter {}
  for (const spec of columnsOf(entity).values()) {
    if (!spec.filter) continue;
    for (const [suffix, condition, type, meaning] of fieldsOf(spec))
      Where(condition, type, `${spec.description} ${meaning}`)(Filter.prototype, spec.property + suffix);
  }
  Object.defineProperty(Filter, 'name', { value: name });
  InputType(name, { description: `Conditions on columns of ${entity.name}.` })(Filter);
  return Filter;
}
