import { AsOfMoment } from '../read/as-of.js';
import { Extensions, Field, InputType, Int, ObjectType } from 'type-graphql';
import { Node } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { Money } from '../model/fields.js';
import { Decimal } from '../model/scalars.js';
import { SortDirection, type Direction } from '../read/list-types.js';

/** Most keys of a group, measures of a group, groups of an answer, and groups beside which the others can be one. */
export const maxKeys = 3;
export const maxMeasures = 8;
export const maxGroups = 2_000;
export const maxGroupsWithOthers = 1_000;
/** Groups of an answer where the caller says nothing. */
export const defaultGroups = 100;

export const GroupBucket = enumeration(
  'GroupBucket',
  'A stretch of the calendar that days and instants are grouped by, in the time zone of the tenant.',
  {
    DAY: 'A calendar day.',
    WEEK: 'A week from Monday, numbered as in ISO 8601.',
    MONTH: 'A month.',
    QUARTER: 'A quarter of a year.',
    YEAR: 'A year.',
  },
);
export type GroupBucket = keyof typeof GroupBucket;

export const Aggregation = enumeration('Aggregation', 'How the values of the records of a group become one.', {
  COUNT: 'How many records there are; of a field, how many have a value there.',
  SUM: 'What the values of a number or an amount add up to.',
  AVERAGE: 'The mean of a number, cut to four decimals, or of an amount, cut to whole cents.',
  MINIMUM: 'The smallest number or amount, the first day or instant.',
  MAXIMUM: 'The largest number or amount, the last day or instant.',
  COUNT_DISTINCT: 'How many different values there are.',
});
export type Aggregation = keyof typeof Aggregation;

const GroupOrderBy = enumeration('GroupOrderBy', 'What groups are ordered by.', {
  COUNT: 'How many records a group has.',
  KEY: 'The keys: texts as names are ordered, values of enumerations in their order, records by their labels, time from the first on.',
  MEASURE: 'What a measure gives; of amounts, the one in the currency of the tenant.',
});

@InputType({
  description: 'One step of the order of groups. Groups without a value come last, whichever end is first.',
})
export class GroupOrder {
  @Field(() => GroupOrderBy, { description: 'What to order by.' })
  by!: keyof typeof GroupOrderBy;

  @Field(() => String, { nullable: true, description: 'For MEASURE: the `key` of the measure.' })
  measure?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'For KEY: the place in `by` of what to order by, from 0. If left out, all of them in their order.',
  })
  place?: number | null;

  @Field(() => SortDirection, { defaultValue: 'ASC', description: 'Which end comes first.' })
  direction!: Direction;
}

@InputType({ description: 'A condition on groups: bounds of the count, or of what a measure gives.' })
export class GroupCondition {
  @Field(() => String, { nullable: true, description: 'The `key` of the measure. If left out, the count of records.' })
  measure?: string | null;

  @Field(() => Decimal, {
    nullable: true,
    description: 'At least this; of amounts, the one in the currency of the tenant.',
  })
  min?: string | null;

  @Field(() => Decimal, {
    nullable: true,
    description: 'At most this; of amounts, the one in the currency of the tenant.',
  })
  max?: string | null;
}

@InputType({ description: 'What a group has for one of the fields that records are grouped by.' })
export class GroupKeyValue {
  @Field(() => String, { nullable: true, description: 'The `value` as a `GroupKey` gives it; null for an empty one.' })
  value?: string | null;
}

@ObjectType({ description: 'Amounts of money in one or more currencies: nothing is converted.' })
class MoneyByCurrency {
  @Field(() => [Money], {
    description: 'An amount for each currency that there are amounts in, in the order of their codes.',
  })
  amounts!: Money[];
}

@ObjectType({ description: 'What one measure gives for a group.' })
class GroupValue {
  @Field(() => String, { description: 'The `key` of the measure.' })
  key!: string;

  @Field(() => Decimal, {
    nullable: true,
    description:
      'A count, or what numbers come to; 0 for a sum of none. Null for measures of amounts, days and instants, and where there are no numbers.',
  })
  number?: string | null;

  @Field(() => MoneyByCurrency, {
    nullable: true,
    description:
      'What amounts come to, currency by currency, without those that are hidden from the caller. Null for measures of anything else, and if there are records and all of their amounts are hidden.',
  })
  money?: MoneyByCurrency | null;

  @Field(() => String, {
    nullable: true,
    description:
      'For a measure with `where`: the filter, as JSON, with which the list of the same kind has exactly the records of the group that meet it. Null for other measures, which are of all records of the group.',
  })
  filter?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The first or last day (`YYYY-MM-DD`) or instant (in UTC, ISO 8601). Null for measures of anything else, and where there is none.',
  })
  time?: string | null;
}

@ObjectType({ description: 'What the records of a group have in common.' })
class GroupKey {
  @Field(() => String, { description: 'Name of the field that records are grouped by, e.g. `OWNER`.' })
  field!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The value as text: a text or the value of an enumeration as it is, `true` or `false`, a number, the id of a record, the first day of a stretch of the calendar. Null for records without a value, or whose value names a record that is hidden from the caller, and for the group of the others.',
  })
  value?: string | null;

  @Field(() => String, { description: 'Name of the value for people, in the language of the caller.' })
  label!: string;

  @Field(() => Node as never, {
    nullable: true,
    description: 'The record that the value names; null where values name none.',
  })
  @Extensions({ read: { kind: 'any', type: () => '', id: () => '' } })
  record?: object | null;
}

@ObjectType({ description: 'Records that have something in common, and what they come to.' })
class Group {
  @Field(() => [GroupKey], { description: 'What they have in common, in the order of `by`.' })
  keys!: GroupKey[];

  @Field(() => Int, { description: 'How many records there are.' })
  count!: number;

  @Field(() => [GroupValue], { description: 'What the measures give, in their order.' })
  values!: GroupValue[];

  @Field(() => Boolean, {
    description: 'True for the group of all records that are in none of the groups before; its keys have no value.',
  })
  others!: boolean;

  @Field(() => String, {
    description:
      'The filter, as JSON, with which the list of the same kind has exactly these records: parse it, and pass it as a variable.',
  })
  filter!: string;
}

@ObjectType({ description: 'Records in groups.' })
export class Grouping {
  @Field(() => [Group], {
    description: 'The groups in their order, then the group of the others if it was asked for and there are any.',
  })
  groups!: Group[];

  @Field(() => Group, { description: 'All records that meet the filter as one group without keys.' })
  totals!: Group;

  @Field(() => Int, { description: 'How many groups meet the conditions; with filled gaps, at most 2000 of those.' })
  groupCount!: number;

  @Field(() => AsOfMoment, {
    nullable: true,
    description: 'The moment in the past that was asked for, and how well it is known; null where none was.',
  })
  asOf?: AsOfMoment | null;

  @Field(() => Boolean, { description: 'True if there are more groups than `first` lets through.' })
  truncated!: boolean;
}
