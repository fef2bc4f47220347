import type { EntityMetadata, MetadataStorage } from '@mikro-orm/core';
import { columnsOf, snake, type ColumnSpec } from './columns.js';
import { areVersionsKept } from './kept.js';

export type EntityClass<E extends object = object> = abstract new (...args: never[]) => E;

/** One column of an entity, as MikroORM knows it, with what our own decorators said about it. */
export interface FieldModel {
  property: string;
  column: string;
  /** PostgreSQL type, e.g. `uuid`, `timestamptz(3)`, `numeric(18,2)` */
  sqlType: string;
  nullable: boolean;
  hasDefault: boolean;
  /** the order of a text, where it is not the database's */
  collation?: string;
  /** the entity it refers to */
  refersTo?: EntityClass;
  /** of an exact number that lists compare: the column with it in units of its last decimal, and how many decimals these are */
  units?: { column: string; scale: number };
  spec?: ColumnSpec;
}

/** One entity: its table and columns by property name. */
export interface EntityModel {
  name: string;
  type: EntityClass;
  /** empty where rows are put together from those of other entities (see `read/union.ts`) */
  table: string;
  fields: Map<string, FieldModel>;
  /** rows belong to a tenant: every table but `tenant` */
  owned: boolean;
  /** deletion only hides the row */
  soft: boolean;
  versioned: boolean;
  /** versions of the rows are kept (see `write/versions.ts`) */
  kept: boolean;
  /** what cannot be twice in a tenant: name of the constraint, its properties without the tenant (texts with a `key` in that form), and, where it holds for some records only, for which */
  uniques: ReadonlyArray<{ name: string; properties: readonly string[]; where?: string }>;
  /** references to records that the entity's rows belong to: a row is not there while such a record is deleted */
  parents: readonly FieldModel[];
  /** columns in the entity's n-gram index (see `ngram-index.ts`) */
  searched: readonly FieldModel[];
}

/** A field that has what is compared of it in another column. */
export type ComparedField = FieldModel & Required<Pick<FieldModel, 'units'>>;

/** Those fields of the entities. */
export const comparedIn = (of: readonly EntityModel[]): ComparedField[] =>
  of.flatMap(({ fields }) => [...fields.values()].filter((field): field is ComparedField => field.units !== undefined));

const models = new Map<EntityClass, EntityModel>();
const named = new Map<string, EntityModel>();

/** Reads MikroORM's metadata once, at start. Everything that builds SQL takes names of tables and columns from here. */
export function loadModel(metadata: MetadataStorage): void {
  for (const meta of metadata.getAll().values()) {
    if (meta.pivotTable || meta.abstract || !meta.class) continue;
    add(read(meta as EntityMetadata));
  }
}

function add(model: EntityModel): void {
  models.set(model.type, model);
  named.set(model.name, model);
}

function read(meta: EntityMetadata): EntityModel {
  const specs = columnsOf(meta.class as EntityClass);
  const keys = keysOf(specs);
  const units = new Map(meta.props.map(({ name, fieldNames }) => [String(name), fieldNames?.at(-1)]));
  const fields = new Map<string, FieldModel>();
  for (const property of meta.props) {
    if (keys.has(property.name)) continue;
    const spec = specs.get(property.name);
    fields.set(property.name, {
      property: property.name,
      column: property.fieldNames.at(-1)!,
      sqlType: property.columnTypes.at(-1)!,
      nullable: property.nullable ?? false,
      hasDefault:
        property.default !== undefined || property.defaultRaw !== undefined || property.generated !== undefined,
      ...(property.targetMeta && { refersTo: property.targetMeta.class as EntityClass }),
      ...(spec?.units && { units: { column: units.get(spec.units)!, scale: spec.scale! } }),
      ...(property.collation && { collation: property.collation }),
      ...(spec && { spec }),
    });
  }
  return {
    name: meta.className,
    type: meta.class as EntityClass,
    table: meta.tableName,
    fields,
    owned: fields.has('tenant'),
    soft: fields.has('deletedAt'),
    versioned: fields.has('version'),
    kept: areVersionsKept(meta.class),
    uniques: meta.uniques.map(({ name, properties, where }) => ({
      name: String(name),
      properties: [properties ?? []]
        .flat()
        .map((property) => keys.get(String(property)) ?? String(property))
        .filter((property) => property !== 'tenant'),
      ...(typeof where === 'string' && { where }),
    })),
    parents: [...fields.values()].filter(({ spec }) => spec?.belongs),
    searched: [...fields.values()].filter(({ spec }) => spec?.searched),
  };
}

/** The reference of an entity whose record its records belong to instead of that of `parent`, where they name one. */
export function insteadOf({ fields }: EntityModel, { spec }: FieldModel): FieldModel | undefined {
  const belongs = spec?.belongs;
  return typeof belongs === 'object' ? fields.get(belongs.unless) : undefined;
}

/** The references by which a record belongs to others. */
export const parentsOf = (model: EntityModel, record: Readonly<Record<string, unknown>>): FieldModel[] =>
  model.parents.filter((parent) => {
    const instead = insteadOf(model, parent);
    return !instead || (record[instead.property] ?? null) === null;
  });

/** The columns that are kept beside others, each with the property of that one. They are no fields: nobody reads or writes them by themselves. */
const keysOf = (specs: ReadonlyMap<string, ColumnSpec>): Map<string, string> =>
  new Map(
    [...specs.values()].flatMap(({ property, key, units }) => [
      ...(key ? ([key, `${property}Kept`] as const) : []).map((beside) => [beside, property] as const),
      ...(units ? [[units, property] as const] : []),
    ]),
  );

const sqlTypes: Record<ColumnSpec['kind'], string> = {
  text: 'text',
  integer: 'int',
  decimal: 'numeric',
  flag: 'boolean',
  day: 'date',
  instant: 'timestamptz(3)',
  enum: 'text',
  reference: 'uuid',
};

/** Makes the model of a class without a table of its own from what its decorators say. */
export function declareWithoutTable(type: EntityClass): void {
  const fields = new Map<string, FieldModel>();
  for (const [property, spec] of columnsOf(type)) {
    fields.set(property, {
      property,
      column: snake(property),
      sqlType: sqlTypes[spec.kind],
      nullable: spec.nullable,
      hasDefault: false,
      ...(spec.kind === 'reference' && {
        get refersTo() {
          return spec.type() as EntityClass;
        },
      }),
      spec,
    });
  }
  const model: EntityModel = {
    name: type.name,
    type,
    table: '',
    fields,
    owned: false,
    soft: false,
    versioned: false,
    kept: false,
    uniques: [],
    parents: [],
    searched: [],
  };
  add(model);
}

/** The model of an entity. Fails for a class that is none: a mistake in the program. */
export function modelOf(entity: EntityClass): EntityModel {
  const model = models.get(entity);
  if (!model) throw new Error(`${entity.name} is not an entity of this program.`);
  return model;
}

/** The entity of that name, if there is one: for names that come from the graph or from stored data. The program itself names entities by their classes. */
export const entityNamed = (name: string): EntityClass | undefined => named.get(name)?.type;

export const allModels = (): EntityModel[] => [...models.values()];

/** A column in the form in which it leaves the server: instants in UTC with milliseconds, exact numbers and days as text. */
export function wireForm(expression: string, sqlType: string): string {
  if (sqlType.startsWith('timestamptz'))
    return `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  if (sqlType.startsWith('numeric') || sqlType === 'date' || sqlType === 'bigint') return `${expression}::text`;
  return expression;
}
