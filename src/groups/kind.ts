import { Field, InputType, Int } from 'type-graphql';
import { columnsOf, type ColumnSpec } from '../model/columns.js';
import { entityRegistry } from '../model/entity.js';
import { enumeration, nameOfEnumeration } from '../model/enumeration.js';
import { constantCase, graphNames } from '../model/graph-names.js';
import type { Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
import { amountOf, type Summand } from '../model/money.js';
import type { ListSpec } from '../read/list.js';
import { Aggregation, GroupBucket, GroupKeyValue } from './types.js';

/** Something that records can be grouped by. */
export interface Dimension {
  name: string;
  property: string;
  description: string;
  type: 'text' | 'enum' | 'flag' | 'number' | 'reference' | 'department' | 'day' | 'instant';
  /** of an enumeration: its name, and its values in their order */
  enumeration?: { name: string; values: readonly string[] };
  /** the entity that the column names, which may register itself later: a user, where the department is that of the user */
  target?: () => unknown;
}

/** Something of which groups have a value: an amount of a record, or a number, day or instant of it; all that can be grouped by can be counted. */
export interface Measured {
  description: string;
  type: 'amount' | 'number' | 'day' | 'instant' | 'key';
  property?: string;
  summand?: (row: Scope) => Summand;
  dimension?: Dimension;
}

/** What the records of a list can be grouped and measured by, with the inputs that say so. */
export interface GroupKind {
  list: ListSpec;
  dimensions: ReadonlyMap<string, Dimension>;
  measured: ReadonlyMap<string, Measured>;
  By: new () => object;
  Measure: new () => object;
  GroupFilter: new () => object;
}

/** The longest text that divides records into groups where no filter says that it does. */
const maxText = 100;

/** Numbers of which there are few. */
const isScale = ({ range }: ColumnSpec): boolean => range !== undefined && range[1] - range[0] <= 100;

const isOfMany = ({ type, kind }: ColumnSpec): boolean =>
  (kind === 'text' || kind === 'integer') && Array.isArray(type());

/** Whether a text divides records into groups: what people write anew for each record, or what names one record, does not. */
const isDividing = ({ filter, input, max = 0, searched, key, format }: ColumnSpec): boolean =>
  format === 'currency' || Boolean(filter) || Boolean(input && max <= maxText && !searched && !key && !format);

/** How records can be grouped by a column; undefined where they cannot, as where it is masked or hidden in some records. */
function dimensionOf(spec: ColumnSpec): Dimension | undefined {
  const { property, kind, description, mask, hideable, shown, format } = spec;
  if (mask || hideable || (!shown && format !== 'currency') || isOfMany(spec)) return undefined;
  const one = { name: constantCase(property), property, description };
  switch (kind) {
    case 'text':
      return isDividing(spec) ? { ...one, type: 'text' } : undefined;
    case 'enum':
      return {
        ...one,
        type: 'enum',
        enumeration: { name: nameOfEnumeration(spec.type() as object), values: spec.values! },
      };
    case 'flag':
      return { ...one, type: 'flag' };
    case 'integer':
      return isScale(spec) ? { ...one, type: 'number' } : undefined;
    case 'decimal':
      return undefined;
    case 'day':
    case 'instant':
      return { ...one, type: kind };
    case 'reference':
      return {
        ...one,
        type: spec.type() === entityRegistry.department ? 'department' : 'reference',
        target: spec.type,
      };
  }
}

/** The departments of the users whom a column names, where callers say whom. */
function departmentOf({ property, kind, type, input, description }: ColumnSpec): Dimension | undefined {
  if (kind !== 'reference' || !input || type() !== entityRegistry.user) return undefined;
  const name = `${property}Department`;
  return {
    name: constantCase(name),
    property,
    description: `The department of the user: ${description}`,
    type: 'department',
    target: type,
  };
}

function dimensionsOf(entity: EntityClass): Map<string, Dimension> {
  const columns = [...columnsOf(entity).values()];
  const own = columns.flatMap((spec) => dimensionOf(spec) ?? []);
  const names = new Set(own.map(({ name }) => name));
  const departments = columns.flatMap((spec) => departmentOf(spec) ?? []).filter(({ name }) => !names.has(name));
  return new Map([...own, ...departments].map((dimension) => [dimension.name, dimension]));
}

/** What can be measured: numbers, what the list adds up, other amounts, and whatever records can be grouped by. */
function measuredOf(
  { entity, sums = {} }: ListSpec,
  dimensions: ReadonlyMap<string, Dimension>,
): Map<string, Measured> {
  const found = new Map<string, Measured>();
  for (const [name, { description, summand }] of Object.entries(sums))
    found.set(constantCase(name), { type: 'amount', description, summand });
  for (const spec of columnsOf(entity).values()) {
    const { property, kind, description, mask } = spec;
    if (isOfMany(spec) || (kind !== 'integer' && kind !== 'decimal')) continue;
    const names = [constantCase(property), ...(graphNames(entity).get(property) ?? [])];
    if (mask === 'amount' && !names.some((name) => found.has(name)))
      found.set(names.at(-1)!, { type: 'amount', description, summand: (row) => amountOf(row, property) });
    if (!mask && spec.shown) found.set(names[0]!, { type: 'number', description, property });
  }
  for (const dimension of dimensions.values()) {
    const { name, type, description, property } = dimension;
    if (found.has(name)) continue;
    const isTime = type === 'day' || type === 'instant';
    found.set(name, { type: isTime ? type : 'key', description, property, dimension });
  }
  return found;
}

const described = (fields: ReadonlyMap<string, { description: string }>): Record<string, string> =>
  Object.fromEntries([...fields].map(([name, { description }]) => [name, description]));

/** What the records of a list can be grouped by and measured by, from its columns and sums: one for each list. */
export function groupKind(list: ListSpec): GroupKind {
  const { name, entity, filter } = list;
  const dimensions = dimensionsOf(entity);
  const measured = measuredOf(list, dimensions);
  const GroupField = enumeration(
    `${name}GroupField`,
    `What records can be grouped by: ${name}. Values that are masked for some, or hidden in some records, are not among them.`,
    described(dimensions),
  );
  const MeasureField = enumeration(
    `${name}MeasureField`,
    `What of the records of a group can be added up or counted: ${name}.`,
    described(measured),
  );

  @InputType(`${name}GroupBy`, { description: `What records are grouped by: ${name}.` })
  class By {
    @Field(() => GroupField, { description: 'What to group by.' })
    field!: string;

    @Field(() => GroupBucket, {
      nullable: true,
      description: 'For days and instants: the stretch of the calendar. If left out, each day is one.',
    })
    bucket?: GroupBucket | null;

    @Field(() => Boolean, {
      nullable: true,
      description:
        'For days and instants: true adds the stretches without records between the first and the last one that has some, at most 2000 groups; in one of `by` only.',
    })
    fill?: boolean | null;

    @Field(() => Int, {
      nullable: true,
      description:
        'For departments: departments below this level, 0 to 50, count as the one above them at the level; 0 is the top. If left out, each counts for itself.',
    })
    level?: number | null;
  }

  @InputType(`${name}Measure`, { description: `What the records of a group come to: ${name}.` })
  class Measure {
    @Field(() => String, {
      description: 'Name of the measure in the answer: letters, digits and `_`, at most 40, a letter first.',
    })
    key!: string;

    @Field(() => MeasureField, {
      nullable: true,
      description: 'What to measure. If left out, the records themselves, which can be counted only.',
    })
    of?: string | null;

    @Field(() => Aggregation, { description: 'How values become one.' })
    as!: Aggregation;

    @Field(() => filter, {
      nullable: true,
      description: 'Only records of the group that meet all of these conditions.',
    })
    where?: object | null;
  }

  @InputType(`${name}GroupFilter`, { description: `Groups that records are in, as answers name them: ${name}.` })
  class GroupFilter {
    @Field(() => [By], {
      description: 'What the groups are made by, at most 3. Without any, all records are one group.',
    })
    by!: By[];

    @Field(() => Int, {
      nullable: true,
      description: 'The month, 1 to 12, in which years and quarters begin. If left out, the calendar is meant.',
    })
    fiscalYearStart?: number | null;

    @Field(() => [GroupKeyValue], {
      description: 'The values of the keys, those of one group after the other: for each as many as `by` has.',
    })
    values!: GroupKeyValue[];

    @Field(() => Boolean, {
      defaultValue: false,
      description: 'True for the records that are in none of these groups.',
    })
    others!: boolean;

    @Field(() => filter, {
      nullable: true,
      description: 'Only records of these groups that meet all of these conditions.',
    })
    where?: object | null;
  }
  return { list, dimensions, measured, By, Measure, GroupFilter };
}
