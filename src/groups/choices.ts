import { Extensions, Field, Int, ObjectType } from 'type-graphql';
import { Node } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import type { Arguments, Embedded, Scope } from '../model/fields.js';
import { constantCase } from '../model/graph-names.js';
import type { EntityClass } from '../model/model.js';
import { andMeets } from '../read/filter.js';
import { isGiven, type Value } from '../read/value.js';
import { checkFirst, nameIn } from './arguments.js';
import { isTime, joinedKey, labelOf, namedBy, orderOf, type Key } from './key.js';
import type { GroupKind } from './kind.js';
import { defaultGroups } from './types.js';

/** A text of which a record has several: rows of another entity that refer to it. */
export interface Several {
  entity: EntityClass;
  /** the reference to the record, and the column with the text */
  by: string;
  property: string;
  description: string;
}

@ObjectType({ description: 'A value that records have, for a filter to choose.' })
class Choice {
  @Field(() => String, {
    description:
      'The value as text: a text or the value of an enumeration as it is, `true` or `false`, a number, the id of a record.',
  })
  value!: string;

  @Field(() => String, { description: 'Name of the value for people, in the language of the caller.' })
  label!: string;

  @Field(() => Int, { description: 'How many records have the value.' })
  count!: number;

  @Field(() => Node as never, {
    nullable: true,
    description: 'The record that the value names; null where values name none.',
  })
  @Extensions({ read: { kind: 'any', type: () => '', id: () => '' } })
  record?: object | null;
}

@ObjectType({ description: 'Values that records have in a field.' })
export class ChoiceList {
  @Field(() => [Choice], { description: 'The values, those of most records first.' })
  choices!: Choice[];

  @Field(() => Boolean, { description: 'True if there are more values than `first` lets through.' })
  truncated!: boolean;
}

/** The enumeration of what there are choices of: whatever records can be grouped by but time, and texts of which a record has several. */
export const choiceFields = (kind: GroupKind, several: Readonly<Record<string, Several>>): Record<string, string> =>
  enumeration(
    `${kind.list.name}ChoiceField`,
    `Fields whose values a filter can choose from: ${kind.list.name}.`,
    Object.fromEntries([
      ...[...kind.dimensions.values()]
        .filter((dimension) => !isTime(dimension))
        .map(({ name, description }) => [name, description]),
      ...Object.entries(several).map(([name, { description }]) => [constantCase(name), description]),
    ]),
  );

/** The values of a field of the records of a list, with how many of the records that the caller may see have each. */
export function choices(
  kind: GroupKind,
  several: Readonly<Record<string, Several>>,
): (tenant: Scope, args: Arguments) => Embedded {
  return (tenant, args) => {
    checkFirst(args('first') as Value, false);
    const name = nameIn(args('field') as Value)!;
    const { from, where, row } = tenant.rows(kind.list.entity);
    const meets = `${where}${andMeets(row, args)}`;
    const one = Object.entries(several).find(([property]) => constantCase(property) === name)?.[1];
    const key: Key | undefined = one ? undefined : { dimension: kind.dimensions.get(name)!, fill: false };
    const label = key ? labelOf(tenant, key, 'v.value') : 'v.value';
    const entity = key && namedBy(key.dimension);
    const found = key ? ofColumn(row, key, from, meets) : ofSeveral(tenant, row, one!, from, meets);
    const search = args('search').is(isGiven)
      ? ` and strpos(fold(${label}), fold(${args('search').bind('text', (text) => String(text).trim())})) > 0`
      : '';
    const first = args('first').bind('int', (given) => given ?? defaultGroups);
    const order = `v.n desc, ${key ? orderOf(tenant, key, 'v.value') : 'v.value'}, v.value`;
    const record = entity
      ? `json_build_object('type', '${tenant.unscoped(entity).row.model.name}', 'id', value)`
      : 'null::json';
    return {
      present: () => 'true',
      shared: () => ({
        found,
        shown: `select v.value, v.n, ${label} as label, row_number() over (order by ${order}) as place from found v where v.value is not null${search} order by place limit ${first} + 1`,
      }),
      fields: () => ({
        choices: {
          select: `select value::text as value, label, n::int as count, ${record} as record from shown where place <= ${first} order by place`,
        },
        truncated: `(select count(*) > ${first} from shown)`,
      }),
    };
  };
}

function ofColumn(row: Scope, key: Key, from: string, where: string): string {
  const { sql, joins } = joinedKey(row, key, 'key');
  return `select ${sql} as value, count(*) as n from ${from}${joins} where ${where} group by 1`;
}

function ofSeveral(tenant: Scope, row: Scope, { entity, by, property }: Several, from: string, where: string): string {
  const of = tenant.rows(entity);
  return `select ${of.row.shown(property)} as value, count(distinct ${row.col('id')}) as n from ${of.from} join (select ${row.alias}.id from ${from} where ${where}) ${row.alias} on ${row.alias}.id = ${of.row.col(by)} where ${of.where} group by 1`;
}
