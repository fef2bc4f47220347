import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';

/** As how many rows a type, a field or another part of the schema counts. */
export const rowsPerPart = 4;

const partsOfSchemas = new WeakMap<GraphQLSchema, Readonly<Record<string, number>>>();

/** How many items the lists have that tell of the schema, on average, by their names. */
export function partsOf(schema: GraphQLSchema): Readonly<Record<string, number>> {
  let found = partsOfSchemas.get(schema);
  if (!found) {
    const types = Object.values(schema.getTypeMap());
    const fields = types.flatMap((type) =>
      isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [],
    );
    const args = fields.flatMap((field) => field.args);
    const inputs = types.flatMap((type) => (isInputObjectType(type) ? Object.values(type.getFields()) : []));
    const values = types.flatMap((type) => (isEnumType(type) ? type.getValues() : []));
    const perType = (count: number): number => Math.ceil(count / types.length);
    found = {
      types: types.length,
      directives: schema.getDirectives().length,
      fields: perType(fields.length),
      args: Math.ceil(args.length / fields.length),
      inputFields: perType(inputs.length),
      enumValues: perType(values.length),
      interfaces: 1,
      possibleTypes: 1,
    };
    partsOfSchemas.set(schema, found);
  }
  return found;
}
