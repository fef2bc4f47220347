import { ManyToOne, Property } from '@mikro-orm/decorators/legacy';
import { Extensions, Field, Int } from 'type-graphql';
import { DateTime, Day, Decimal, Percent } from './scalars.js';

/**
 * Decorators that declare a column once for both sides: MikroORM's `@Property` and TypeGraphQL's `@Field`.
 * What they record here is read by the validator (limits), by the read engine (masks) and by `inputFrom`.
 */
export type Mask = 'phone' | 'email' | 'contact' | 'amount';

export interface ColumnSpec {
  property: string;
  /** GraphQL type as a thunk */
  type: () => unknown;
  description: string;
  nullable: boolean;
  /** the column may be empty, whoever looks */
  optional: boolean;
  /** maximum number of characters of a text */
  max?: number;
  /** decimals of a decimal number */
  scale?: number;
  /** bounds of a number, inclusive */
  range?: readonly [number, number];
  /** how the value is shown to callers who may not see it: phones and e-mails in part, the rest as null */
  mask?: Mask;
  /** in some rows the value is hidden from some who see the row, as the policy of the entity says (`hides` of `access`) */
  hideable?: boolean;
  /** a reference that the server works out from what else is stored: it need not agree with others of the record */
  computed?: boolean;
  /** required format of a text */
  format?: 'email' | 'url' | 'currency';
  /** values of an enumeration */
  values?: readonly string[];
  /** lists can be searched by it, also in large tenants (see `ngram-index.ts`) */
  searched?: boolean;
  /** column that PostgreSQL keeps beside the text: the form in which two texts are the same */
  key?: string;
  /** column beside an exact number that lists compare: the number as a whole number of units of its last decimal */
  units?: string;
  kind: 'text' | 'integer' | 'decimal' | 'flag' | 'day' | 'instant' | 'enum' | 'reference';
  /** of a reference: the record belongs to the one that it names */
  belongs?: Belonging;
  /** callers write it: a field of the entity's input (see `written`) */
  input?: boolean;
  /** lists can be filtered by it (see `filterFrom`), by several values at once */
  filter?: boolean | 'several';
  /** lists can be ordered by it */
  order?: boolean;
  /** shown as a field of its own; money columns are shown through a `Money` field instead */
  shown: boolean;
  /** the field that shows it as a part of itself */
  shownIn?: string;
  /** the value as of now (SQL over a row), where it changes with the clock: it is written later */
  asOfNow?: (row: ClockRow) => string;
}

/** What the value of a column as of now is made of: columns of its row, today and the time zone of the tenant. */
export interface ClockRow {
  col(property: string): string;
  today(): string;
  zone(): string;
}

/** That a record belongs to the one that a reference names, or only while another of its references names none. */
export type Belonging = true | { unless: string };

type Prototype = object;
type Class = abstract new (...args: never[]) => object;

const specs = new Map<unknown, Map<string, ColumnSpec>>();

/** How many columns were declared so far, in all; and what was found of a class when there were so many. */
let declared = 0;
const collected = new WeakMap<Class, { declared: number; columns: ReadonlyMap<string, ColumnSpec> }>();

/** The columns of an entity class, those of its base classes first. */
export function columnsOf(entity: Class): ReadonlyMap<string, ColumnSpec> {
  let known = collected.get(entity);
  if (known?.declared !== declared) collected.set(entity, (known = { declared, columns: collectColumns(entity) }));
  return known.columns;
}

function collectColumns(entity: Class): Map<string, ColumnSpec> {
  const found = new Map<string, ColumnSpec>();
  const chain: unknown[] = [];
  for (
    let type: unknown = entity;
    typeof type === 'function' && type !== Function.prototype;
    type = Object.getPrototypeOf(type)
  )
    chain.unshift(type);
  for (const type of chain) for (const [name, spec] of specs.get(type) ?? []) found.set(name, spec);
  return found;
}

interface Common {
  /** meaning, unit and limits: becomes the GraphQL description */
  description: string;
  nullable?: boolean;
  mask?: Mask;
  /** in some rows hidden from some who see the row, as the policy of the entity says */
  hideable?: boolean;
  /** default of the column; `now()` is the present instant */
  default?: string | number | boolean;
  /** kept from the graph: shown by another field */
  hidden?: boolean;
  /** the field that shows what is hidden as a part of itself */
  shownIn?: string;
  /** callers write it: it is a field of the entity's input */
  input?: boolean;
  /** lists of the entity can be filtered by it, as its type allows; a text that divides records into groups by `several` of them at once */
  filter?: boolean | 'several';
  /** lists of the entity can be ordered by it */
  order?: boolean;
  /** exported files have it as a column */
  exported?: boolean;
}

/** What of a column's options lists and inputs go by. */
const uses = ({ input, filter, order }: Common): Pick<ColumnSpec, 'input' | 'filter' | 'order'> => ({
  ...(input && { input }),
  ...(filter && { filter }),
  ...(order && { order }),
});

interface Definition extends Common {
  kind: ColumnSpec['kind'];
  graphType: () => unknown;
  columnType: string;
  runtime: string;
  max?: number;
  scale?: number;
  range?: readonly [number, number];
  format?: 'email' | 'url' | 'currency';
  values?: readonly string[];
  searched?: boolean;
  asOfNow?: (row: ClockRow) => string;
  sorted?: boolean;
  alike?: boolean;
  compared?: boolean;
}

/** Order of names: Chinese by pinyin, letters without regard to case. */
const nameOrder = 'name_order';

function column(definition: Definition): PropertyDecorator {
  return (target: Prototype, key: string | symbol) => {
    const property = String(key);
    const nullable = definition.nullable ?? false;
    const spec: ColumnSpec = {
      property,
      type: definition.graphType,
      description: definition.description,
      // a value that may be masked away is nullable for readers, whatever the column says
      nullable: nullable || definition.mask === 'amount' || definition.mask === 'contact',
      optional: nullable,
      kind: definition.kind,
      shown: !definition.hidden,
      ...(definition.shownIn && { shownIn: definition.shownIn }),
      ...(definition.max !== undefined && { max: definition.max }),
      ...(definition.scale !== undefined && { scale: definition.scale }),
      ...(definition.range && { range: definition.range }),
      ...(definition.mask && { mask: definition.mask }),
      ...(definition.hideable && { hideable: true }),
      ...(definition.format && { format: definition.format }),
      ...(definition.values && { values: definition.values }),
      ...(definition.searched && { searched: true }),
      ...uses(definition),
      ...(definition.asOfNow && { asOfNow: definition.asOfNow }),
      ...(definition.alike && { key: `${property}Key` }),
      ...(definition.compared && { units: `${property}Units` }),
    };
    record(target, spec);
    if (definition.exported) Extensions({ exported: true })(target, property);
    Property({
      type: definition.runtime,
      columnType: definition.columnType,
      nullable,
      ...(definition.sorted && { collation: nameOrder }),
      ...(definition.default === 'now()'
        ? { defaultRaw: 'now()' }
        : definition.default !== undefined
          ? { default: definition.default }
          : {}),
    })(target, property);
    if (!definition.hidden)
      Field(definition.graphType as () => typeof String, {
        nullable: spec.nullable,
        description: definition.description,
      })(target, property);
    if (definition.alike) besides(target, property);
    if (definition.compared)
      Property({
        type: 'bigint',
        columnType: 'bigint',
        nullable: true,
        ...(definition.default !== undefined && { default: Number(definition.default) * 10 ** definition.scale! }),
      })(target, `${property}Units`);
  };
}

/**
 * The columns beside a text that cannot be twice in whatever writing: `<property>Key`, its form, and `<property>Kept`, the
 * text itself where another record had the same form already when forms came to be compared.
 */
function besides(target: Prototype, property: string): void {
  const [text, kept] = [snake(property), `${snake(property)}_kept`];
  Property({ type: 'string', columnType: 'text', nullable: true })(target, `${property}Kept`);
  Property({
    type: 'string',
    columnType: 'text',
    collation: 'C',
    nullable: true,
    generated: `(case when ${text} = ${kept} then ${text} else text_key(${text}) end) stored`,
  })(target, `${property}Key`);
}

function record(target: Prototype, spec: ColumnSpec): void {
  const type = target.constructor;
  if (!specs.has(type)) specs.set(type, new Map());
  specs.get(type)!.set(spec.property, spec);
  declared += 1;
}

/**
 * A text of at most `max` characters; stored trimmed, a text without visible characters as null where that is allowed.
 * `searched` adds it to the entity's n-gram index; `sorted` orders it as a dictionary does; `alike` keeps the form in which
 * two texts are the same beside it, as `<property>Key`, for unique keys of the table.
 */
export const Text = (
  options: Common & {
    max: number;
    format?: 'email' | 'url' | 'currency';
    searched?: boolean;
    sorted?: boolean;
    alike?: boolean;
  },
): PropertyDecorator =>
  column({ ...options, kind: 'text', graphType: () => String, columnType: 'text', runtime: 'string' });

/** A list of texts, written by the server only. */
export const Texts = (options: Common): PropertyDecorator =>
  column({ ...options, kind: 'text', graphType: () => [String], columnType: 'text[]', runtime: 'string[]' });

/** A list of values of a registered GraphQL enumeration, stored as their names; written by the server only. */
export const SomeOf = (fields: Record<string, string>, options: Common): PropertyDecorator =>
  column({ ...options, kind: 'text', graphType: () => [fields], columnType: 'text[]', runtime: 'string[]' });

/** A list of whole numbers within 32 bits, written by the server only. */
export const Wholes = (options: Common): PropertyDecorator =>
  column({ ...options, kind: 'integer', graphType: () => [Int], columnType: 'int[]', runtime: 'number[]' });

/** A whole number within 32 bits. `percent` shows it as a rate. */
export const Whole = (options: Common & { range?: readonly [number, number]; percent?: boolean }): PropertyDecorator =>
  column({
    ...options,
    kind: 'integer',
    graphType: () => (options.percent ? Percent : Int),
    columnType: 'int',
    runtime: 'integer',
  });

/**
 * An exact decimal number; `numeric(18,2)` by default. `percent` shows it as a rate; `compared` lets conditions and orders
 * of lists be made of it, as `filter` and `order` do.
 */
export const Exact = (
  options: Common & {
    precision?: number;
    scale?: number;
    range?: readonly [number, number];
    percent?: boolean;
    compared?: boolean;
  },
): PropertyDecorator =>
  column({
    ...options,
    compared: options.compared ?? Boolean(options.filter ?? options.order),
    scale: options.scale ?? 2,
    kind: 'decimal',
    graphType: () => (options.percent ? Percent : Decimal),
    columnType: `numeric(${options.precision ?? 18},${options.scale ?? 2})`,
    runtime: 'string',
  });

export const Flag = (options: Common): PropertyDecorator =>
  column({ ...options, kind: 'flag', graphType: () => Boolean, columnType: 'boolean', runtime: 'boolean' });

/** A calendar day. */
export const OnDay = (options: Common): PropertyDecorator =>
  column({ ...options, kind: 'day', graphType: () => Day, columnType: 'date', runtime: 'string' });

/** An instant, to the millisecond. */
export const At = (options: Common): PropertyDecorator =>
  column({ ...options, kind: 'instant', graphType: () => DateTime, columnType: 'timestamptz(3)', runtime: 'string' });

/** One of the values of a registered GraphQL enumeration, stored as its name. */
export const OneOf = (
  fields: Record<string, string>,
  options: Common & { asOfNow?: (row: ClockRow) => string },
): PropertyDecorator =>
  column({
    ...options,
    kind: 'enum',
    graphType: () => fields,
    columnType: 'text',
    runtime: 'string',
    values: Object.keys(fields),
  });

/**
 * A reference to another record of the same tenant, stored in `<property>_id`. In the graph it is nullable: the other
 * record may be deleted or hidden from the caller. The foreign key includes the tenant and never nulls or cascades.
 * "Belongs" makes the record a part of the other one: it is not there while that is deleted, and whatever refers to both
 * must agree with it (see `references.ts`); `unless` names a reference whose record it belongs to instead, where there is one.
 */
export function To(
  entity: () => Class,
  options: Common & { belongs?: Belonging; /** the server works it out from what else is stored */ computed?: boolean },
): PropertyDecorator {
  return (target: Prototype, key: string | symbol) => {
    const property = String(key);
    const nullable = options.nullable ?? false;
    record(target, {
      property,
      type: entity,
      description: options.description,
      nullable: true,
      optional: nullable,
      kind: 'reference',
      shown: !options.hidden,
      ...(options.belongs && { belongs: options.belongs }),
      ...(options.computed && { computed: true }),
      ...uses(options),
    });
    ManyToOne({
      entity: entity as never,
      nullable,
      joinColumns: ['tenant_id', `${snake(property)}_id`],
      referencedColumnNames: ['tenant_id', 'id'],
      deleteRule: 'no action',
      updateRule: 'no action',
    })(target, property);
    if (!options.hidden)
      Field(entity as () => never, { nullable: true, description: options.description })(target, property);
  };
}

export const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
