import {
  getNamedType,
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  isScalarType,
  type GraphQLLeafType,
  type GraphQLOutputType,
} from 'graphql';

/** PostgreSQL types whose JSON equals the scalar's serialisation; other scalars are not compiled. */
const typeOfScalar: Record<string, string> = {
  Int: 'int',
  Float: 'float8',
  Boolean: 'boolean',
  String: 'text',
  ID: 'text',
  DateTime: 'text',
  Date: 'text',
  Decimal: 'text',
  Percent: 'numeric',
};

/** PostgreSQL type of a leaf, without lists; undefined where its JSON is not known to be the graph's. */
function typeOf(type: GraphQLLeafType): string | undefined {
  if (isScalarType(type)) return typeOfScalar[type.name];
  return type.getValues().every(({ name, value }) => name === value) ? 'text' : undefined;
}

/** PostgreSQL type of a leaf or a flat list of leaves. */
export function leafType(type: GraphQLOutputType): string | undefined {
  const named = getNamedType(type);
  if (!isScalarType(named) && !isEnumType(named)) return undefined;
  const base = typeOf(named);
  const bare = getNullableType(type);
  if (!base || !isListType(bare)) return base;
  return isListType(getNullableType(bare.ofType)) ? undefined : `${base}[]`;
}

/** An expression in the form in which the field's type leaves the server. Unknown scalars stay as they are. */
export function leaf(type: GraphQLOutputType, expression: string): string {
  const cast = leafType(type);
  if (!cast) return expression;
  // double precision prints exponents where JavaScript does not; numeric never does, but keeps noughts at its end
  return cast === 'float8' || cast === 'numeric' ? `trim_scale((${expression})::numeric)` : `(${expression})::${cast}`;
}

/** Reading an undefined setting makes PostgreSQL fail with 42704 while a statement runs, and not before. */
const missing = `current_setting('crm.null_where_none_may_be')`;

/** SQLSTATE of a statement that met a null in a non-null position. */
export const nullFound = '42704';

/** The expression; where the field's type forbids null, a null makes the statement fail, so that the executor reports it. */
export function guarded(type: GraphQLOutputType, expression: string, cast: string): string {
  const bare = getNullableType(type);
  const whole =
    isListType(bare) && isNonNullType(bare.ofType)
      ? `case when array_position(${expression}, null) is null then ${expression} else ${missing}::${cast} end`
      : expression;
  return isNonNullType(type) ? `coalesce(${whole}, ${missing}::${cast})` : whole;
}
