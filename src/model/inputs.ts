import type { GraphQLInputField } from 'graphql';
import { Directive, Field, ID, InputType } from 'type-graphql';
import { columnsOf, type ColumnSpec } from './columns.js';
import type { EntityClass } from './model.js';

/** What an input may contain for the fields of an entity: values, references as ids, null to clear. */
export type InputOf<E, K extends keyof E> = {
  [P in K]?: (E[P] extends object | null | undefined ? string : NonNullable<E[P]>) | null;
};

/** The columns that say `input`: callers write them. `K` is what code that reads the input knows of them by name. */
export const written = <E extends object, K extends keyof E & string = never>(entity: EntityClass<E>): K[] =>
  [...columnsOf(entity).values()].filter(({ input }) => input).map(({ property }) => property as K);

/**
 * Makes a GraphQL input type from columns of an entity: descriptions and types are the entity's, every field is
 * optional (the service reports what is missing), references are `ID`s. An input for creation only says in `createOnly` what
 * is required, and what holds where it is left out. Extend the class to add further fields.
 */
export function inputFrom<E extends object, K extends keyof E & string>(
  name: string,
  entity: EntityClass<E>,
  fields: readonly K[],
  description: string,
  createOnly: { required?: readonly K[]; defaults?: Partial<Record<K, unknown>> } = {},
): new () => InputOf<E, K> {
  class Input {}
  const columns = columnsOf(entity);
  for (const field of fields) {
    const spec = columns.get(field);
    if (!spec) throw new Error(`${entity.name} has no column ${field}.`);
    Field(inputType(spec) as () => typeof String, {
      nullable: !createOnly.required?.includes(field),
      ...(createOnly.defaults?.[field] !== undefined && { defaultValue: createOnly.defaults[field] }),
      description: asWritten(spec),
    })(Input.prototype, field);
    // the one thing that a field keeps when another input takes it over
    Directive(`@column(of: "${entity.name}.${field}")`)(Input.prototype, field);
    specs.set(`${entity.name}.${field}`, { entity, spec });
  }
  Object.defineProperty(Input, 'name', { value: name });
  InputType(name, { description })(Input);
  return Input as new () => InputOf<E, K>;
}

/** When a reference shows no record: what its description says of that is not for whoever writes it. */
const whereNotShown = /; null if [^;.]*\b(?:deleted|hidden)\b[^;.]*\.$/;

/** The description of a column for whoever writes it. */
const asWritten = ({ kind, description }: ColumnSpec): string =>
  kind === 'reference' ? description.replace(whereNotShown, ', by opaque id or integer number.') : description;

const specs = new Map<string, { entity: EntityClass; spec: ColumnSpec }>();

/** The column that a field of such an input is written to, with its entity; undefined for other fields. */
export function columnOf({ astNode }: GraphQLInputField): { entity: EntityClass; spec: ColumnSpec } | undefined {
  const place = astNode?.directives?.find(({ name }) => name.value === 'column')?.arguments?.[0]?.value;
  return place?.kind === 'StringValue' ? specs.get(place.value) : undefined;
}

function inputType(spec: ColumnSpec): () => unknown {
  return spec.kind === 'reference' ? () => ID : spec.type;
}

const oneOf = new Set<string>();

/** Marks a GraphQL input type of which exactly one field is given: `@oneOf` in the schema. */
export const OneOf = (): ClassDecorator => (type) => void oneOf.add(type.name);

/** Whether an input type is one of those. */
export const isOneOfInput = (name: string): boolean => oneOf.has(name);
