import { flagLabel, valueLabel, wordsOf } from '../core/labels.js';
import type { Locale } from '../core/errors.js';
import { entityRegistry } from '../model/entity.js';
import { exists, type Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
import type { Dimension } from './kind.js';
import type { GroupBucket } from './types.js';

/** One of the keys that records are grouped by, with its parts as SQL. */
export interface Key {
  dimension: Dimension;
  /** of days and instants */
  bucket?: GroupBucket;
  fill: boolean;
  /** SQL for the level of departments, where one was given */
  level?: string;
  /** SQL for the month in which years begin, where one was given */
  firstMonth?: string;
}

export const isTime = ({ type }: Dimension): boolean => type === 'day' || type === 'instant';

/** The entity whose records the key names; undefined where it names none. */
export const namedBy = ({ type, target }: Dimension): EntityClass | undefined =>
  type === 'department' ? entityRegistry.department : (target?.() as EntityClass | undefined);

/** How long a stretch of the calendar is, as a PostgreSQL interval. */
const lengths: Record<GroupBucket, string> = {
  DAY: '1 day',
  WEEK: '7 days',
  MONTH: '1 month',
  QUARTER: '3 months',
  YEAR: '1 year',
};
export const lengthOf = ({ bucket }: Key): string => `interval '${lengths[bucket!]}'`;

/** The first day of the stretch of the calendar that a column lies in, in the time zone of the tenant. */
function bucketOf(row: Scope, { dimension, bucket, firstMonth }: Key): string {
  const column = row.shown(dimension.property);
  const local = dimension.type === 'instant' ? `(${column} at time zone ${row.zone()})` : `${column}::timestamp`;
  if (bucket === 'DAY') return `(${local})::date`;
  const unit = bucket!.toLowerCase();
  if (firstMonth === undefined || bucket === 'WEEK' || bucket === 'MONTH')
    return `date_trunc('${unit}', ${local})::date`;
  const months = `make_interval(months => ${firstMonth} - 1)`;
  return `(date_trunc('${unit}', ${local} - ${months}) + ${months})::date`;
}

/** Which department stands for which one at a level: that above it, or itself where it is not below the level. */
function standing(row: Scope, level: string): string {
  const depths = `select descendant_id, max(depth) as depth from department_path where tenant_id = ${row.tenant()} group by descendant_id`;
  return `select p.descendant_id, p.ancestor_id from department_path p join (${depths}) d on d.descendant_id = p.descendant_id where p.tenant_id = ${row.tenant()} and p.depth = greatest(d.depth - ${level}, 0)`;
}

/** Whether the department is that of a user whom the column names. */
const isOfUser = ({ target }: Dimension): boolean => target?.() === entityRegistry.user;

const userRows = (row: Scope): { from: string; where: string; user: Scope } => {
  const { from, where, row: user } = row.unscoped(entityRegistry.user!);
  return { from, where, user };
};

/** A key of many rows: the expression, and the joins that it needs behind the table. */
export function joinedKey(row: Scope, key: Key, alias: string): { sql: string; joins: string } {
  const { dimension, level } = key;
  const { type, property } = dimension;
  if (isTime(dimension)) return { sql: bucketOf(row, key), joins: '' };
  if (type === 'reference') {
    if (row.sees(property)) return { sql: row.col(property), joins: '' };
    const { from, where, row: other } = row.rows(namedBy(dimension)!);
    return {
      sql: `${alias}.id`,
      joins: ` left join (select ${other.col('id')} as id from ${from} where ${where}) ${alias} on ${alias}.id = ${row.col(property)}`,
    };
  }
  if (type !== 'department') return { sql: row.shown(property), joins: '' };
  const users = isOfUser(dimension) && userRows(row);
  const joinUser = users
    ? ` left join (select ${users.user.col('id')} as id, ${users.user.col('department')} as department from ${users.from} where ${users.where}) ${alias}u on ${alias}u.id = ${row.col(property)}`
    : '';
  const department = users ? `${alias}u.department` : row.col(property);
  if (level === undefined) return { sql: department, joins: joinUser };
  return {
    sql: `${alias}.ancestor_id`,
    joins: `${joinUser} left join (${standing(row, level)}) ${alias} on ${alias}.descendant_id = ${department}`,
  };
}

/** The key of one row as an expression. */
export function keyOf(row: Scope, key: Key): string {
  const { dimension, level } = key;
  const { type, property } = dimension;
  if (isTime(dimension)) return bucketOf(row, key);
  if (type === 'reference') {
    if (row.sees(property)) return row.col(property);
    const visible = exists(row, namedBy(dimension)!, (other) => `${other.col('id')} = ${row.col(property)}`);
    return `case when ${visible} then ${row.col(property)} end`;
  }
  if (type !== 'department') return row.shown(property);
  const users = isOfUser(dimension) && userRows(row);
  const department = users
    ? `(select ${users.user.col('department')} from ${users.from} where ${users.where} and ${users.user.col('id')} = ${row.col(property)})`
    : row.col(property);
  return level === undefined
    ? department
    : `(select s.ancestor_id from (${standing(row, level)}) s where s.descendant_id = ${department})`;
}

/** How stretches of the calendar are written, as PostgreSQL formats them. */
const formats = (locale: Locale, fiscal: boolean): Record<GroupBucket, string> => ({
  DAY: 'YYYY-MM-DD',
  WEEK: locale === 'zh' ? 'IYYY"年第"FMIW"周"' : 'IYYY"-W"IW',
  MONTH: locale === 'zh' ? 'YYYY"年"FMMM"月"' : 'FMMon YYYY',
  QUARTER: yearForm(locale, fiscal, true),
  YEAR: yearForm(locale, fiscal, false),
});

/** A year, or a quarter of one; a year that does not begin in January is named by both of its years, of which `#` is the second. */
function yearForm(locale: Locale, fiscal: boolean, quarter: boolean): string {
  if (locale === 'zh') return `YYYY"${fiscal ? '/#财年' : '年'}${quarter ? '第"Q"季度"' : '"'}`;
  return `${quarter ? '"Q"Q ' : ''}${fiscal ? '"FY "YYYY"/#"' : 'YYYY'}`;
}

const noneOf: Record<Locale, string> = { zh: '（无）', en: '(none)' };
const othersOf: Record<Locale, string> = { zh: '其他', en: 'Others' };

/** What the group of the others is called, as SQL. */
export const othersLabel = (row: Scope): string => `${row.words('groups', wordsOfGroups)} ->> 'others'`;

const wordsOfGroups = (locale: Locale): unknown => ({
  none: noneOf[locale],
  others: othersOf[locale],
  flags: { true: flagLabel(true)[locale], false: flagLabel(false)[locale] },
  formats: { calendar: formats(locale, false), fiscal: formats(locale, true) },
});

/** The columns that records are called by, the first that an entity has. */
const nameColumns = ['name', 'subject', 'code', 'login'];

function recordLabel(row: Scope, entity: EntityClass, id: string): string {
  const { from, where, row: other } = row.rows(entity);
  const column = nameColumns.find((property) => other.model.fields.has(property));
  const label = column === undefined ? `${other.col('number')}::text` : other.shown(column);
  return `(select ${label} from ${from} where ${where} and ${other.col('id')} = ${id})`;
}

/** What the value of a key is called, as SQL over the value; null where it is called nothing. */
function valueLabelOf(row: Scope, { dimension, bucket, firstMonth }: Key, value: string): string {
  const { type, enumeration } = dimension;
  const entity = namedBy(dimension);
  if (entity) return recordLabel(row, entity, value);
  if (enumeration)
    return `(${row.words(`values of ${enumeration.name}`, (locale) =>
      Object.fromEntries(
        enumeration.values.map((name) => [name, valueLabel(enumeration.name, name)?.[locale] ?? wordsOf(name)]),
      ),
    )} ->> ${value})`;
  const words = row.words('groups', wordsOfGroups);
  if (type === 'flag') return `(${words} -> 'flags' ->> ${value}::text)`;
  if (!isTime(dimension)) return `${value}::text`;
  const format = (form: string): string => `${words} -> 'formats' -> '${form}' ->> '${bucket}'`;
  const calendar = `to_char(${value}::timestamp, ${format('calendar')})`;
  if (firstMonth === undefined || (bucket !== 'YEAR' && bucket !== 'QUARTER')) return calendar;
  const shifted = `(${value}::timestamp - make_interval(months => ${firstMonth} - 1))`;
  const fiscal = `replace(to_char(${shifted}, ${format('fiscal')}), '#', to_char(${shifted} + interval '1 year', 'YY'))`;
  return `case when ${firstMonth} = 1 then ${calendar} else ${fiscal} end`;
}

/** What a key is called, as SQL over its value. */
export const labelOf = (row: Scope, key: Key, value: string): string =>
  `coalesce(${valueLabelOf(row, key, value)}, ${row.words('groups', wordsOfGroups)} ->> 'none')`;

/** What keys are ordered by, as SQL over their value. */
export function orderOf(row: Scope, key: Key, value: string): string {
  const { enumeration } = key.dimension;
  const entity = namedBy(key.dimension);
  if (enumeration)
    return `array_position(array[${enumeration.values.map((name) => `'${name}'`).join(', ')}], ${value})`;
  return entity ? recordLabel(row, entity, value) : value;
}

/** Several values as one text that differs wherever they do, as SQL. */
export const tuple = (values: readonly string[]): string =>
  values.map((value) => `quote_nullable((${value})::text)`).join(` || ',' || `);
