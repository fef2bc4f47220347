import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  specifiedScalarTypes,
  type GraphQLField,
  type GraphQLType,
} from 'graphql';

// `schema.graphql` is what the server serves (test/graphql/schema.test.ts), so this reads it instead of building the graph.
const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !specifiedScalarTypes.some(({ name }) => name === type.name),
);
const withFields = types.filter((type) => isObjectType(type) || isInterfaceType(type) || isInputObjectType(type));

interface Place {
  place: string;
  description?: string | null | undefined;
  deprecationReason?: string | null | undefined;
  type?: GraphQLType;
}

/** Everything in the graph that has a name. */
function places(): Place[] {
  const found: Place[] = types.map((type) => ({ place: type.name, description: type.description }));
  for (const type of withFields) {
    for (const field of Object.values(type.getFields())) {
      found.push({ ...field, place: `${type.name}.${field.name}` });
      for (const argument of (field as GraphQLField<unknown, unknown>).args ?? [])
        found.push({ ...argument, place: `${type.name}.${field.name}(${argument.name}:)` });
    }
  }
  for (const type of types.filter(isEnumType))
    for (const value of type.getValues())
      found.push({
        place: `${type.name}.${value.name}`,
        description: value.description,
        deprecationReason: value.deprecationReason,
      });
  return found;
}

const namesOf = (found: Place[]): string[] => found.map(({ place }) => place);
const mutations = Object.values(schema.getMutationType()!.getFields());

test('everything is described, in a sentence', () => {
  expect(places().length).toBeGreaterThan(200);
  expect(namesOf(places().filter(({ description }) => !/^[\p{Lu}\p{Lo}`].*\.$/su.test(description ?? '')))).toEqual([]);
});

test('a deprecation says its reason', () => {
  expect(
    namesOf(
      places().filter(
        ({ deprecationReason }) =>
          deprecationReason !== undefined && deprecationReason !== null && !/^Use `.+`\./.test(deprecationReason),
      ),
    ),
  ).toEqual([]);
});

test('a mutation is nullable and returns a payload of its own with userErrors', () => {
  const wrong = mutations.filter(({ type, name }) => {
    const payload = getNamedType(type);
    const expected = `${name[0]!.toUpperCase()}${name.slice(1)}Payload`;
    return (
      isNonNullType(type) ||
      payload.name !== expected ||
      !isObjectType(payload) ||
      String(payload.getFields()['userErrors']?.type) !== '[UserError!]!'
    );
  });
  expect(mutations.length).toBeGreaterThan(0);
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('a payload promises nothing but its userErrors', () => {
  const payloads = types.filter(isObjectType).filter(({ name }) => name.endsWith('Payload'));
  const promised = payloads.flatMap((type) =>
    Object.values(type.getFields())
      .filter(
        (field) => field.name !== 'userErrors' && isNonNullType(field.type) && !isListType(getNullableType(field.type)),
      )
      .map((field) => `${type.name}.${field.name}`),
  );
  expect(promised).toEqual([]);
});

test('the change that a mutation makes is its argument `input`, or `inputs` for many; parts made along with it are lists', () => {
  const wrong = mutations.filter(({ args }) => {
    const changes = args.filter((argument) => isInputObjectType(getNamedType(argument.type)));
    const many = (type: GraphQLType): boolean => isListType(getNullableType(type));
    const [input, ...others] = changes.toSorted(
      (a, b) => Number(/^inputs?$/.test(b.name)) - Number(/^inputs?$/.test(a.name)),
    );
    return (
      input !== undefined &&
      (input.name !== (many(input.type) ? 'inputs' : 'input') ||
        !isNonNullType(input.type) ||
        others.some((other) => !many(other.type)))
    );
  });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('a mutation names the codes it fails with, and they exist', () => {
  const codes = schema.getType('ErrorCode');
  const known = isEnumType(codes) ? codes.getValues().map(({ name }) => name) : [];
  const wrong = mutations.filter(({ description }) => {
    const named = /Fails with ([A-Z_, ]+)\./.exec(description ?? '')?.[1]?.split(', ');
    return !named || named.some((code) => !known.includes(code));
  });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('a mutation begins with the name of a record', () => {
  const records = types.filter(isObjectType).map(({ name }) => name[0]!.toLowerCase() + name.slice(1));
  expect(
    mutations
      .filter(
        ({ name }) =>
          !records.some((record) =>
            [record, record.replace(/y$/, 'ies')].some((word) => name.startsWith(word) && name.length > word.length),
          ),
      )
      .map(({ name }) => name),
  ).toEqual([]);
});

test('elements of lists are never null', () => {
  const nullable = places().filter(({ type }) => {
    const list = type && getNullableType(type);
    return list !== undefined && isListType(list) && !isNonNullType(list.ofType);
  });
  expect(namesOf(nullable)).toEqual([]);
});

test('a list that is answered is empty rather than null, except where the whole may be hidden', () => {
  const outputs = types
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .flatMap((type) =>
      Object.values(type.getFields()).map((field) => ({ place: `${type.name}.${field.name}`, type: field.type })),
    );
  expect(namesOf(outputs.filter(({ type }) => isListType(type)))).toEqual(['UserError.field']);
});

test('names follow one form: types PascalCase and singular, members camelCase, enum values SCREAMING_CASE', () => {
  const plural = /(?<!s|u|i|serie|tatistic)s$/;
  expect(
    types.filter(({ name }) => !/^[A-Z][A-Za-z]*$/.test(name) || plural.test(name)).map(({ name }) => name),
  ).toEqual([]);
  const fieldNames = withFields.flatMap((type) =>
    Object.values(type.getFields()).flatMap((field) => [
      field.name,
      ...((field as GraphQLField<unknown, unknown>).args ?? []).map(({ name }) => name),
    ]),
  );
  expect(fieldNames.filter((name) => !/^[a-z][A-Za-z0-9]*$/.test(name))).toEqual([]);
  expect(
    types
      .filter(isEnumType)
      .flatMap((type) => type.getValues().map(({ name }) => name))
      .filter((name) => !/^[A-Z][A-Z0-9_]*$/.test(name)),
  ).toEqual([]);
});

test('records refer to records, not to ids', () => {
  const ids = types
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => getNamedType(field.type).name === 'ID' && field.name !== 'id')
        .map((field) => `${type.name}.${field.name}`),
    );
  expect(ids.filter((place) => !place.endsWith('Payload.deletedId'))).toEqual([]);
});

test('a connection has nodes, edges, pageInfo and totalCount, and takes the arguments of every list', () => {
  const connections = types.filter(isObjectType).filter(({ name }) => name.endsWith('Connection'));
  expect(connections.length).toBeGreaterThan(0);
  for (const type of connections) {
    const list = type.name.replace(/Connection$/, '');
    // the connection of a relation shows the records at its other end, and what the relation says on the edges
    const node = /^([A-Z]\w+?)Of[A-Z]/.exec(list)?.[1] ?? list;
    const sums = 'sums' in type.getFields() ? { sums: `[${list}Sum!]!` } : {};
    expect(
      Object.fromEntries(Object.values(type.getFields()).map((field) => [field.name, String(field.type)])),
    ).toEqual({
      nodes: `[${node}!]!`,
      edges: `[${list}Edge!]!`,
      ...sums,
      pageInfo: 'PageInfo!',
      totalCount: 'Int!',
    });
  }
  const fields = types
    .filter(isObjectType)
    .flatMap((type) => Object.values(type.getFields()))
    .filter((field) => getNamedType(field.type).name.endsWith('Connection'));
  for (const field of fields) {
    // what can be restored can be listed
    const restore = `${getNamedType(field.type).name.replace(/Connection$/, 'Restore')}`;
    const restorable = mutations.some(({ name }) => name.toLowerCase() === restore.toLowerCase());
    expect([field.name, field.args.map(({ name }) => name).toSorted()]).toEqual([
      field.name,
      ['after', 'before', ...(restorable ? ['deleted'] : []), 'filter', 'first', 'last', 'offset', 'orderBy'],
    ]);
  }
});

test('an implementation of Node is a record, with nothing technical in between', () => {
  const node = schema.getType('Node');
  const implementations = isInterfaceType(node) ? schema.getPossibleTypes(node).map(({ name }) => name) : [];
  expect(implementations).toContain('Customer');
  expect(implementations).not.toContain('Owned');
  expect(implementations).not.toContain('Editable');
});

test('money and times are told with their own scalars, never as floating point numbers', () => {
  expect(namesOf(places().filter(({ type }) => type && getNamedType(type).name === 'Float'))).toEqual([]);
  expect(
    types
      .filter((type) => isScalarType(type))
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['Date', 'DateTime', 'Decimal', 'Percent']);
  expect(types.filter((type) => isUnionType(type))).toEqual([]);
});

test('amounts of money have their currency with them: a bare decimal number is none', () => {
  const amounts = withFields.flatMap((type) =>
    Object.values(type.getFields())
      .filter(
        (field) =>
          getNamedType(field.type as GraphQLType).name === 'Decimal' &&
          /amount|revenue|cost|budget|value|limit|balance|price/i.test(field.name) &&
          !/(Min|Max)$/.test(field.name) &&
          !['Money', 'MoneyInput', 'MoneySum'].includes(type.name),
      )
      .map((field) => `${type.name}.${field.name}`),
  );
  expect(amounts).toEqual([]);
});

test('rates are percent', () => {
  const rates = withFields.flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => /(rate|share|probability|punctuality|adoption|confidence)$/i.test(field.name))
      .filter(
        (field) =>
          !['Percent', 'Boolean'].includes(getNamedType(field.type as GraphQLType).name) &&
          !isObjectType(getNamedType(field.type as GraphQLType)),
      )
      .map((field) => `${type.name}.${field.name}: ${String(field.type)}`),
  );
  expect(rates).toEqual([]);
});

test('the default of an argument stands in the schema, not in a sentence', () => {
  const args = places().filter(({ place }) => place.includes('('));
  expect(args.length).toBeGreaterThan(100);
  expect(namesOf(args.filter(({ description }) => /unless told|by default/.test(description ?? '')))).toEqual([]);
});
