import { textOf, type CombinableInsert, type InsertTemplate } from './combined-insert.js';
import type { PlainForm, Statement } from '../core/database.js';
import { inPieces } from '../core/pieces.js';
import { prepared } from '../core/prepared.js';
import { inUnits } from '../model/comparable.js';
import { insertNgramsOf, insertWithNgrams } from '../model/ngram-index.js';
import { modelOf, type EntityModel, type FieldModel } from '../model/model.js';
import { Recent } from '../core/recent.js';

/** The next human number of a series, e.g. prefix `ACC` and width 3: `ACC001`, … `ACC1000`. Unique and in order per tenant. */
export class SeriesNumber {
  constructor(
    readonly name: string,
    readonly prefix: string,
    readonly width: number,
  ) {}

  /** A number of it as it is written. */
  written = (number: number): string => `${this.prefix}${String(number).padStart(this.width, '0')}`;
}

/** A record's fields as they are stored; a SeriesNumber stands for the number that it will get. */
export type NewRow = Record<string, unknown>;

/** Maximum number of remembered insert forms of an entity: one for each set of given fields. */
const maxForms = 50;
const known = new WeakMap<EntityModel, Recent<{ form: InsertTemplate; text: string }>>();

/** Who has written a new record, in the columns that it has for it. */
export const writersOf = (model: EntityModel, userId: string): NewRow =>
  Object.fromEntries(
    ['createdBy', 'updatedBy']
      .filter((writer) => model.versioned && model.fields.has(writer))
      .map((writer) => [writer, userId]),
  );

/** Adds one record. */
export function insertStatement(model: EntityModel, tenantId: string, row: NewRow): CombinableInsert {
  const given = Object.entries(row).filter(([, value]) => value !== undefined);
  const key = given
    .map(([property, value]) => (value instanceof SeriesNumber ? `${property}#${value.name}` : property))
    .join();
  const forms = known.get(model) ?? new Recent<{ form: InsertTemplate; text: string }>(maxForms);
  known.set(model, forms);
  let found = forms.get(key);
  if (!found) {
    const form = formOfOne(model, key, given);
    forms.set(key, (found = { form, text: textOf(form) }));
  }
  return {
    ...found,
    values: [
      tenantId,
      ...given.flatMap(([, value]) =>
        value instanceof SeriesNumber ? [value.name, value.prefix, value.width] : [value],
      ),
    ],
    plain: () => plainForm(model, tenantId, [row]),
    adds: {
      key: `${model.table} ${found.form.touches.join()}`,
      parents: parentsOf(model),
      rows: [row],
      plain: (rows) => plainForm(model, tenantId, rows as readonly NewRow[]),
    },
  };
}

/** The tables that records of an entity refer to. */
const parentsOf = ({ fields }: EntityModel): string[] =>
  [...fields.values()].flatMap(({ refersTo }) => (refersTo ? [modelOf(refersTo).table] : []));

function formOfOne(model: EntityModel, key: string, given: Array<[string, unknown]>): InsertTemplate {
  const columns = ['tenant_id'];
  const list = ['$1::uuid'];
  const series: InsertTemplate['parts'][number][] = [];
  const touches = [model.table];
  const addUnits = unitsInto(columns, list);
  let values = 1;
  for (const [property, value] of given) {
    const field = fieldOf(model, property);
    columns.push(`"${field.column}"`);
    if (value instanceof SeriesNumber) {
      const name = `s${series.length}§`;
      values += 3;
      series.push([name, taken(`$${values - 2}`, '1')]);
      touches.push(`#${value.name}`);
      list.push(
        `(select $${values - 1}::text || lpad(last::text, greatest($${values}::int, length(last::text)), '0') from ${name})`,
      );
    } else {
      values += 1;
      list.push(`$${values}::${field.sqlType}`);
      addUnits(field, list.at(-1)!);
    }
  }
  return {
    key: `${model.table}(${key})`,
    touches,
    ...adding(model, series, `insert into "${model.table}" (${columns.join(', ')}) select ${list.join(', ')}`, false),
  };
}

/** Inserts many records of one entity with the same defaults and series; numbers increase in the given order. */
export function insertMany(model: EntityModel, tenantId: string, rows: readonly NewRow[]): Statement {
  const properties = propertiesOf(rows);
  const columns = ['tenant_id'];
  const list = ['$1::uuid'];
  const series: InsertTemplate['parts'][number][] = [];
  const sources: string[] = [];
  const values: unknown[] = [tenantId];
  const addUnits = unitsInto(columns, list);
  for (const property of properties) {
    const field = fieldOf(model, property);
    const first = rows[0]![property];
    columns.push(`"${field.column}"`);
    if (first instanceof SeriesNumber) {
      const its = `s${series.length}§`;
      values.push(first.name, first.prefix, first.width, rows.length);
      const [name, start, width, count] = [3, 2, 1, 0].map((back) => `$${values.length - back}`);
      series.push([its, taken(name!, `${count}::int`)]);
      list.push(
        `(select ${start}::text || lpad(number, greatest(${width}::int, length(number)), '0') from ${its}, lateral (select (last - ${count}::int + v.n)::text number) counted)`,
      );
    } else {
      list.push(`v.c${sources.length}`);
      addUnits(field, list.at(-1)!);
      values.push(rows.map((row) => row[property] ?? null));
      sources.push(`$${values.length}::${field.sqlType}[]`);
    }
  }
  const names = sources.map((_, index) => `c${index}`);
  return {
    text: textOf(
      adding(
        model,
        series,
        `insert into "${model.table}" (${columns.join(', ')}) select ${list.join(', ')} from unnest(${sources.join(', ')}) with ordinality v(${[...names, 'n'].join(', ')}) order by v.n`,
        true,
      ),
    ),
    values,
    plain: () => plainForm(model, tenantId, rows),
  };
}

/** The properties that rows give. */
const propertiesOf = (rows: readonly NewRow[]): string[] => [
  ...new Set(rows.flatMap((row) => Object.keys(row).filter((property) => row[property] !== undefined))),
];

/** The same by plain statements: numbers of series first, then the records, then their n-grams, which are made of them. */
function plainForm(model: EntityModel, tenantId: string, rows: readonly NewRow[]): PlainForm {
  const properties = propertiesOf(rows);
  const series = properties.filter((property) => rows[0]![property] instanceof SeriesNumber);
  const each = series.map((property) => rows[0]![property] as SeriesNumber);
  return {
    before: each.length === 0 ? [] : [prepared(takenOfEach(tenantId, each, rows.length))],
    rest: ([taken]) => ({
      statements: [
        ...insertValues(
          tenantId,
          model,
          properties,
          rows.map((row, place) =>
            properties.map((property) => {
              const at = series.indexOf(property);
              return at < 0 ? row[property] : each[at]!.written(Number(taken![at]![0]) - rows.length + place + 1);
            }),
          ),
        ),
        ...(model.searched.length > 0
          ? [
              insertNgramsOf(
                model,
                tenantId,
                rows.map((row) => row['id']),
              ),
            ].map(prepared)
          : []),
      ],
    }),
  };
}

/** Most rows of one statement. */
export const rowsOfStatement = 1_000;

/** Most values of one statement: the protocol counts them in 16 bits. */
const maxValues = 30_000;

/** Statements that add rows by their values, in the order of the properties; a value that is not given is what the column has by default. */
function insertValues(
  tenantId: string,
  model: EntityModel,
  properties: readonly string[],
  rows: ReadonlyArray<readonly unknown[]>,
): Statement[] {
  const columns = ['tenant_id'];
  const fields = properties.map((property) => fieldOf(model, property));
  for (const field of fields) {
    columns.push(`"${field.column}"`);
    unitsInto(columns, [])(field, '');
  }
  const perStatement = Math.max(1, Math.floor(maxValues / properties.length));
  return inPieces(rows, perStatement).map((piece) => {
    const values: unknown[] = [tenantId];
    const lists = piece.map((row) => {
      const list = ['$1::uuid'];
      const addUnits = unitsInto([], list);
      for (const [place, field] of fields.entries())
        if (row[place] === undefined) list.push(...(field.units ? ['default', 'default'] : ['default']));
        else {
          values.push(row[place]);
          list.push(`$${values.length}::${field.sqlType}`);
          addUnits(field, list.at(-1)!);
        }
      return `(${list.join(', ')})`;
    });
    return prepared({
      text: `insert into "${model.table}" (${columns.join(', ')}) values ${lists.join(', ')}`,
      values,
    });
  });
}

/** Adds to columns and their values what is compared of an exact number. */
const unitsInto =
  (columns: string[], values: string[]) =>
  ({ units }: FieldModel, value: string): void => {
    if (!units) return;
    columns.push(`"${units.column}"`);
    values.push(inUnits(value, units.scale));
  };

/** Takes series numbers, inserts records, and updates their search index. */
function adding(
  model: EntityModel,
  series: InsertTemplate['parts'],
  insert: string,
  many: boolean,
): Pick<InsertTemplate, 'parts' | 'rest'> {
  if (model.searched.length === 0) return { parts: series, rest: `${insert} returning id` };
  return { parts: [...series, ...insertWithNgrams(model, insert, many)], rest: 'select id from added§' };
}

/** What records that `insertMany` adds together must have in common; null for one that has to be added alone. */
export function formOf(model: EntityModel, row: NewRow): string | null {
  const parts: string[] = [];
  for (const [property, value] of Object.entries(row)) {
    if (value === undefined) continue;
    const field = fieldOf(model, property);
    if (field.sqlType.endsWith('[]')) return null;
    if (value instanceof SeriesNumber) parts.push(`${property}#${value.name}`);
    else if (field.hasDefault) parts.push(property);
  }
  return parts.sort().join();
}

/** Takes so many numbers of each of several series, and gives the last of each, in their order. */
const takenOfEach = (tenantId: string, series: readonly SeriesNumber[], count: number): Statement => ({
  text: `insert into series (tenant_id, name, last) values ${series.map((_, place) => `($1, $${place + 3}, $2::int)`).join(', ')} on conflict (tenant_id, name) do update set last = series.last + excluded.last returning last`,
  values: [tenantId, count, ...series.map(({ name }) => name)],
});

/** Takes so many numbers of a series. */
const taken = (name: string, count: string): string =>
  `insert into series (tenant_id, name, last) values ($1, ${name}, ${count}) on conflict (tenant_id, name) do update set last = series.last + ${count} returning last`;

function fieldOf(model: EntityModel, property: string): NonNullable<ReturnType<EntityModel['fields']['get']>> {
  const field = model.fields.get(property);
  if (!field) throw new Error(`${model.name} has no column for ${property}.`);
  return field;
}
