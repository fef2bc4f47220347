import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLField,
  type GraphQLInputType,
} from 'graphql';
import { dialects } from '../../rest-facade/index.js';
import { countOf, repeatable, seed } from '../support/generated.js';
import { send } from '../support/http.js';
import { argumentsOf, Fresh } from '../support/mutations.js';
import { everythingOf } from '../support/operations.js';
import { rawSocket } from '../support/socket.js';
import { customer } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Whatever text a caller can send has a bound: no argument of the graph and no parameter or field of a dialect takes one
// without an end.

let t: TestTenant;
let fresh: Fresh;
beforeAll(async () => {
  t = await tenant();
  fresh = new Fresh(t);
});

const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));

/** A text among the arguments of a field at the root. */
interface Place {
  kind: string;
  field: GraphQLField<unknown, unknown>;
  path: string[];
  type: string;
}

function placesIn(type: GraphQLInputType, path: string[], seen: readonly string[] = []): Array<[string[], string]> {
  const named = getNamedType(type);
  if (named.name === 'String' || named.name === 'ID') return [[path, named.name]];
  if (!isInputObjectType(named) || seen.includes(named.name)) return [];
  return Object.values(named.getFields()).flatMap((field) =>
    placesIn(field.type, [...path, field.name], [...seen, named.name]),
  );
}

const places: Place[] = [schema.getQueryType()!, schema.getMutationType()!, schema.getSubscriptionType()!].flatMap(
  (root) =>
    Object.values(root.getFields()).flatMap((field) =>
      field.args
        .flatMap(({ name, type }) => placesIn(type, [name]))
        .map(([path, type]) => ({ kind: root.name.toLowerCase(), field, path, type })),
    ),
);

/** Puts a value into arguments at a place, into the first item of every list on the way. */
function put(
  args: ReadonlyArray<{ name: string; type: GraphQLInputType }>,
  into: Data,
  path: readonly string[],
  value: unknown,
): Data {
  const fields = new Map<string, { type: GraphQLInputType }>(args.map((each) => [each.name, each]));
  const [name, ...rest] = path as [string, ...string[]];
  const { type } = fields.get(name)!;
  const before = into?.[name];
  const wrapped = isListType(getNullableType(type));
  const present = wrapped ? before?.[0] : before;
  const named = getNamedType(type);
  const inner =
    rest.length === 0 || !isInputObjectType(named)
      ? value
      : put(Object.values(named.getFields()), named.isOneOf ? {} : (present ?? dummy(named)), rest, value);
  return { ...into, [name]: wrapped ? [inner, ...(before ?? []).slice(1)] : inner };
}

/** Required arguments that are nobody's. */
const dummies = ({ args }: GraphQLField<unknown, unknown>): Data =>
  Object.fromEntries(args.filter(({ type }) => isNonNullType(type)).map(({ name, type }) => [name, dummy(type)]));

function dummy(type: GraphQLInputType): unknown {
  const present = getNullableType(type);
  if (isListType(present)) return [dummy(present.ofType)];
  if (isInputObjectType(present))
    return Object.fromEntries(
      Object.values(present.getFields())
        .filter(
          (field, index) =>
            (isNonNullType(field.type) && field.defaultValue === undefined) || (present.isOneOf && index === 0),
        )
        .map((field) => [field.name, dummy(field.type)]),
    );
  const { name } = getNamedType(type);
  if (name === 'Int' || name === 'Percent') return 1;
  if (name === 'Boolean') return true;
  if (name === 'Date') return '2026-01-01';
  if (name === 'DateTime') return '2026-01-01T00:00:00Z';
  if (name === 'Decimal') return '1';
  return 'values' in present || 'getValues' in present
    ? (present as unknown as { getValues(): Array<{ name: string }> }).getValues()[0]!.name
    : '1';
}

function operation({ kind, field }: Place, args: Data): { query: string; variables: Data } {
  const given = field.args.filter(({ name }) => name in args);
  const head = given.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const list = given.map(({ name }) => `${name}: $${name}`).join(', ');
  const shown =
    kind === 'mutation'
      ? '{ userErrors { code field } }'
      : kind === 'query'
        ? everythingOf(field.type) || '{ id }'
        : '{ kind }';
  return { query: `${kind} (${head}) { ${field.name}(${list}) ${shown} }`, variables: args };
}

/** Refusals as `CODE path`, whether they are data or errors. */
const refusalsIn = ({ data, errors }: Data): string[] => [
  ...(errors ?? []).map(({ extensions }: Data) => `${extensions.code} ${extensions.field?.join('.')}`),
  ...Object.values(data ?? {}).flatMap((payload: Data) =>
    (payload?.userErrors ?? []).map(({ code, field }: Data) => `${code} ${field?.join('.')}`),
  ),
];

/** The name of a place in a refusal: the items of lists are numbered. */
const named = ({ path }: Place): RegExp => new RegExp(`^TOO_LONG ${path.join('(?:\\.0)?\\.')}(?:\\.0)?$`);

const sampled = <T>(all: readonly T[], few: number): T[] => {
  const count = countOf({ few, all: all.length });
  return Array.from({ length: count }, (_, index) => all[(seed + index * Math.ceil(all.length / count)) % all.length]!);
};

async function answered(place: Place, args: Data): Promise<Data> {
  const { query, variables } = operation(place, args);
  if (place.kind !== 'subscription') return (await t.admin.graph.raw(query, variables)).body;
  const raw = await rawSocket({ token: t.admin.token });
  raw.send({ id: '1', type: 'subscribe', payload: { query, variables } });
  const { payload } = await raw.next();
  raw.socket.terminate();
  return { errors: payload };
}

test('there are places of every kind', () => {
  expect(places.length).toBeGreaterThan(500);
  expect(new Set(places.map(({ kind }) => kind)).size).toBe(3);
});

test(
  'no place takes a text of 20,001 characters',
  () =>
    repeatable(async () => {
      const wrong: string[] = [];
      for (const place of sampled(places, 150)) {
        const refusals = refusalsIn(
          await answered(place, put(place.field.args, dummies(place.field), place.path, 'x'.repeat(20_001))),
        );
        if (!refusals.some((refusal) => named(place).test(refusal)))
          wrong.push(JSON.stringify([place.field.name, place.path.join('.'), refusals]).slice(0, 1_000));
      }
      expect(wrong).toEqual([]);
    }),
  600_000,
);

test(
  'nor one that is longer than what it is for: 201 characters to look for, 101 to name a record, 8,001 for an address',
  () =>
    repeatable(async () => {
      const wrong: string[] = [];
      for (const place of sampled(
        places.filter(
          // what is described for a preview is not stored, and nothing is looked for by its texts
          ({ kind, type, path, field }) =>
            type === 'ID' ||
            (kind === 'query' && !field.name.endsWith('Preview') && !/^(after|before)$/.test(path.at(-1)!)),
        ),
        80,
      )) {
        const isAddress = place.path.at(-1) === 'path';
        const text = 'x'.repeat(place.type === 'ID' ? 101 : isAddress ? 8_001 : 201);
        const refusals = refusalsIn(
          await answered(place, put(place.field.args, dummies(place.field), place.path, text)),
        );
        if (!refusals.some((refusal) => named(place).test(refusal)))
          wrong.push(JSON.stringify([place.field.name, place.path.join('.'), refusals]).slice(0, 1_000));
      }
      expect(wrong).toEqual([]);
    }),
  600_000,
);

test(
  'nor stores one of more than 20,000 characters',
  () =>
    repeatable(async () => {
      const stored: string[] = [];
      const texts = places.filter(
        ({ kind, type, path }) => kind === 'mutation' && type === 'String' && path.at(-1) !== 'timeZone',
      );
      for (const place of sampled(texts, 40)) {
        const valid = await argumentsOf[place.field.name]!(fresh);
        const args = put(place.field.args, valid, place.path, '长'.repeat(20_001));
        const { query, variables } = operation(place, args);
        const { body } = await t.admin.graph.raw(query, variables);
        const text = JSON.stringify(body);
        if (!/"(?:TOO_LONG|INVALID|CURSOR_INVALID)"/.test(text)) {
          const results = await resultsOf(place, args);
          if (!/"(?:TOO_LONG|INVALID|CURSOR_INVALID)"/.test(results))
            stored.push(JSON.stringify([place.field.name, place.path.join('.'), text, results]).slice(0, 1_000));
        }
      }
      expect(stored).toEqual([]);
    }),
  600_000,
);

/** What a mutation over many items says of each. */
async function resultsOf(place: Place, args: Data): Promise<string> {
  const payload = (place.field.type as unknown as { getFields(): object }).getFields();
  if (!('results' in payload)) return '';
  const { query, variables } = operation(place, args);
  const { body } = await t.admin.graph.raw(
    query.replace('{ userErrors', '{ results { userErrors { code field } } userErrors'),
    variables,
  );
  return JSON.stringify(body);
}

test('lists of more than 5,000 items are refused', async () => {
  const items = Array.from({ length: 5_001 }, () => '1');
  for (const query of [
    'query ($items: [ID!]) { customers(filter: { ids: $items }) { totalCount } }',
    'query ($items: [String!]) { auditEntries(filter: { operation: $items }) { totalCount } }',
  ]) {
    const { status, body } = await t.admin.graph.raw(query, { items });
    expect([status, refusalsIn(body)]).toEqual([200, [expect.stringMatching(/^OUT_OF_RANGE filter\.\w+$/)]]);
  }
});

test('a text of the most that may be looked for is found, and one longer than what candidates are found by', async () => {
  const name = `${'长'.repeat(100)}${'名'.repeat(99)}`;
  await customer(t.admin, { name });
  const search = 'query ($text: String!) { search(text: $text) { customers { nodes { name } } } }';
  const filter = 'query ($text: String!) { customers(filter: { search: $text }) { nodes { name } } }';
  for (const text of [name, name.slice(0, 33), name.slice(50, 150), name.slice(90, 110)]) {
    expect((await t.admin.graph(search, { text })).search.customers.nodes).toEqual([{ name }]);
    expect((await t.admin.graph(filter, { text })).customers.nodes).toEqual([{ name }]);
  }
  for (const text of [`${name.slice(0, 40)}无`, name.replace('长名', '长无名')])
    expect((await t.admin.graph(filter, { text })).customers.nodes).toEqual([]);
});

describe.each(dialects.map(({ name }) => name))('in %s', (name) => {
  test(
    'no parameter takes a text of 10,001 characters, and no field one that is longer than the document says',
    () =>
      repeatable(async () => {
        const document = (await send('GET', `/api/v1/schema/?format=json&dialect=${name}`)).body;
        const wrong: string[] = [];
        const texts: Array<[method: string, path: string, parameter: string, isQuery: boolean, length: number]> = [];
        for (const [path, item] of Object.entries(document.paths as Data))
          for (const [method, each] of Object.entries(item as Data)) {
            for (const { in: place, name: parameter, schema: of } of (each as Data).parameters as Data[])
              if (place === 'query' && of.type === 'string' && !of.enum && !/^(?:format|ordering)$/.test(parameter))
                texts.push([method, path, parameter, true, 10_001]);
            const reference = (each as Data).requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1);
            const fields = (reference && document.components.schemas[reference].properties) ?? {};
            for (const [field, of] of Object.entries(fields as Data))
              if ([(of as Data).type].flat().includes('string'))
                texts.push([method, path, field, false, ((of as Data).maxLength ?? 10_000) + 1]);
          }
        for (const [method, path, field, isQuery, length] of sampled(texts, 40)) {
          const place = path.replace(/\{\w+\}/g, '1');
          const long = 'x'.repeat(length);
          const { status } = await send(
            method.toUpperCase(),
            `${place}${isQuery ? `?${field}=${long}` : ''}`,
            {
              authorization: `Bearer ${t.admin.token}`,
              'x-api-dialect': name,
              ...(name === 'cell' && { 'x-tenant-id': t.code }),
            },
            isQuery ? undefined : { [field]: long },
          );
          if (status < 400 || status >= 500) wrong.push(JSON.stringify([method, path, field, status]).slice(0, 1_000));
        }
        expect(wrong).toEqual([]);
      }),
    600_000,
  );
});
