import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  specifiedScalarTypes,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLType,
} from 'graphql';

export type WithFields = GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType;
export type Mutation = GraphQLField<unknown, unknown>;

/** Something in a graph that has a name and a description. */
export interface Place {
  place: string;
  kind: 'type' | 'field' | 'input field' | 'argument' | 'value';
  name: string;
  description: string;
  deprecationReason?: string | null | undefined;
  /** of a field or an argument */
  type?: GraphQLType;
  defaultValue?: unknown;
}

/** A schema, taken apart for rules about it. */
export class Graph {
  readonly types: GraphQLNamedType[];
  /** object types and interfaces */
  readonly outputs: Array<GraphQLObjectType | GraphQLInterfaceType>;
  readonly withFields: WithFields[];
  readonly queries: Mutation[];
  readonly mutations: Mutation[];
  readonly places: Place[] = [];

  constructor(readonly schema: GraphQLSchema) {
    this.types = Object.values(schema.getTypeMap()).filter(
      (type) => !type.name.startsWith('__') && !specifiedScalarTypes.some(({ name }) => name === type.name),
    );
    this.outputs = this.types.filter((type) => isObjectType(type) || isInterfaceType(type));
    this.withFields = [...this.outputs, ...this.types.filter(isInputObjectType)];
    this.queries = Object.values(schema.getQueryType()?.getFields() ?? {});
    this.mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
    for (const type of this.types) this.addType(type);
  }

  private add(place: string, kind: Place['kind'], of: { name: string; description?: string | null | undefined }): void {
    this.places.push({ ...of, place, kind, description: of.description ?? '' });
  }

  private addType(type: GraphQLNamedType): void {
    this.add(type.name, 'type', { name: type.name, description: type.description });
    if (isEnumType(type)) for (const value of type.getValues()) this.add(`${type.name}.${value.name}`, 'value', value);
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return;
    for (const field of fieldsOf(type)) {
      const place = `${type.name}.${field.name}`;
      this.add(place, isInputObjectType(type) ? 'input field' : 'field', field);
      for (const argument of field.args ?? []) this.add(`${place}(${argument.name}:)`, 'argument', argument);
    }
  }

  valuesOf(name: string): string[] {
    const type = this.schema.getType(name);
    return isEnumType(type) ? type.getValues().map((value) => value.name) : [];
  }
}

/** Fields of an object, an interface or an input; those of an input take no arguments. */
export const fieldsOf = (type: WithFields): Array<GraphQLField<unknown, unknown>> =>
  Object.values(type.getFields()) as Array<GraphQLField<unknown, unknown>>;
