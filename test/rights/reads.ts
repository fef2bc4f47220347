import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
} from 'graphql';
import { exported } from '../../rest-facade/exported.js';
import { send } from '../support/http.js';
import { bases, type Data, type Dialect } from '../support/tenant.js';
import { schema } from './schema.js';
import { places, type Marked, type Worlds } from './worlds.js';

// Everything that can be read, generated from the schema, the dialects' documents and the list of exports, so that what is
// added to them is read as well.

/** One thing that is read: a selection at the root of the graph, or a path; `of` is the kind of record that a whole list is of. */
export type Cell = { name: string; of?: string } & ({ graph: string } | { path: string; dialect?: Dialect });

/** Values that arguments and parameters are given. */
interface Samples {
  /** ids and numbers of records of each place, by the kind of record */
  keys: (kind: string) => string[];
  texts: string[];
  amounts: string[];
  days: string[];
}

/** Values by which something hidden could be found: parts of it, and what its masked form shows. */
function samplesOf({ rows }: Worlds): Samples {
  const of = (kind: string): Marked[] =>
    places.flatMap((place) => rows.filter(({ model, place: at }) => model.name === kind && at === place).slice(0, 2));
  return {
    keys: (kind) => of(kind).map(({ id }) => id),
    texts: ['Zq', 'ZqB', 'Hq', 'HqA', 'HqC', '13971', '13972', '1397', 'zHqC', '*'],
    amounts: ['0', '0.02', '770310500', '770320500', '770330500', '900000000'],
    days: ['1871-05-15', '1872-05-15', '1873-05-15', '2020-02-10', '2026-01-01'],
  };
}

/** What says which record the node of a list is, and what was done; entries that are no records by themselves name one. */
function idOf(fields: Record<string, GraphQLField<unknown, unknown>>): string {
  const list = fields['nodes'] ?? fields['edges']!;
  const of = (getNamedType(list.type) as GraphQLObjectType).getFields();
  const node = of['node'] ? (getNamedType(of['node'].type) as GraphQLObjectType).getFields() : of;
  return ['id', 'operation'].filter((name) => node[name]).join(' ') || '__typename';
}

const isRecord = (type: GraphQLObjectType): boolean => type.getInterfaces().some(({ name }) => name === 'Node');

/** All that can be asked of an object: its own values, objects that are no records, ids of other records, its lists. */
function everything(type: GraphQLObjectType, samples: Samples, depth = 0): string {
  const parts = Object.values(type.getFields()).flatMap((field) => selected(field, samples, depth));
  return `{ ${parts.length > 0 ? parts.join(' ') : '__typename'} }`;
}

function selected(field: GraphQLField<unknown, unknown>, samples: Samples, depth: number): string[] {
  const target = getNamedType(field.type);
  const args = argumentsOf(field, samples);
  const start = `${field.name}${args}`;
  if (isInterfaceType(target)) return [`${start} { id }`];
  if (!isObjectType(target)) return [start];
  const fields = target.getFields();
  if (fields['nodes'] || fields['edges']) {
    if (depth > 1) return [];
    const first = field.args.some(({ name }) => name === 'first') ? '(first: 2)' : args;
    const node = fields['edges'] && (getNamedType(fields['edges'].type) as GraphQLObjectType).getFields();
    const more = Object.keys(node ?? {}).filter(
      (name) => !['node', 'cursor'].includes(name) && !isObjectType(getNamedType(node![name]!.type)),
    );
    const sums = fields['sums']
      ? ` sums ${everything(getNamedType(fields['sums'].type) as GraphQLObjectType, samples, 9)}`
      : '';
    return [
      `${field.name}${first} { totalCount${fields['edges'] ? ` edges { ${['cursor', ...more].join(' ')} node { ${idOf(fields)} } }` : ` nodes { ${idOf(fields)} }`}${sums} }`,
    ];
  }
  if (!isRecord(target)) return depth > 4 && depth !== 9 ? [] : [`${start} ${everything(target, samples, depth + 1)}`];
  if (depth > 0) return [`${start} { id }`];
  const leaves = Object.values(target.getFields()).filter(
    (inner) =>
      !isObjectType(getNamedType(inner.type)) && !isInterfaceType(getNamedType(inner.type)) && inner.args.length === 0,
  );
  return [`${start} { ${leaves.map(({ name }) => name).join(' ')} }`];
}

/** Arguments that must be given. */
function argumentsOf({ args }: Pick<GraphQLField<unknown, unknown>, 'args'>, samples: Samples): string {
  const given = args.filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined);
  return given.length === 0
    ? ''
    : `(${given.map((arg) => `${arg.name}: ${valuesOf(arg.type, arg.name, samples)[0] ?? '""'}`).join(', ')})`;
}

/** Values of a type, as GraphQL writes them. */
function valuesOf(type: GraphQLInputType, name: string, samples: Samples, target?: string): string[] {
  const inner = getNullableType(type);
  if (isListType(inner)) return valuesOf(inner.ofType, name, samples, target).map((value) => `[${value}]`);
  if (isEnumType(inner)) return inner.getValues().map((value) => value.name);
  if (isInputObjectType(inner) && inner.isOneOf)
    return Object.values(inner.getFields()).flatMap((field) =>
      valuesOf(field.type, field.name, samples)
        .slice(0, 1)
        .map((value) => `{ ${field.name}: ${value} }`),
    );
  if (isInputObjectType(inner)) return [];
  const quoted = (values: readonly string[]): string[] => values.map((value) => JSON.stringify(value));
  switch (inner.name) {
    case 'Boolean':
      return ['true', 'false'];
    case 'Int':
      return ['0', '3', '1000'];
    case 'Percent':
      return ['0', '50', '100'];
    case 'Decimal':
      return quoted(samples.amounts);
    case 'Date':
      return quoted(samples.days);
    case 'DateTime':
      return quoted(['2026-01-01T00:00:00Z']);
    case 'ID':
      return quoted(samples.keys(target ?? kindNamed(name)));
    default:
      return quoted(samples.texts);
  }
}

const kinds: Record<string, string> = {
  owner: 'User',
  staff: 'User',
  assignee: 'User',
  actor: 'User',
  from: 'Customer',
  to: 'Customer',
  ids: 'Customer',
  record: 'Contract',
};
/** The kind of record that an argument names: its own name, as a rule. */
const kindNamed = (name: string): string =>
  kinds[name] ??
  (schema.getType(name[0]!.toUpperCase() + name.slice(1)) ? name[0]!.toUpperCase() + name.slice(1) : 'Customer');

/** One cell for each value of each condition of a list, and for the opposite of it. */
function filterCells(field: GraphQLField<unknown, unknown>, filter: GraphQLInputObjectType, samples: Samples): Cell[] {
  return Object.values(filter.getFields()).flatMap(({ name, type }) =>
    valuesOf(type, name, samples).flatMap((value) =>
      [`{ ${name}: ${value} }`, ...(filter.getFields()['not'] ? [`{ not: { ${name}: ${value} } }`] : [])].map(
        (condition) => ({
          name: `${field.name} filter ${condition}`,
          graph: `${field.name}(filter: ${condition}) { totalCount nodes { ${keyOf(field)} } }`,
        }),
      ),
    ),
  );
}

/** What a node is known by: a customer of another tenant has no id of its own there. */
const keyOf = (field: GraphQLField<unknown, unknown>): string => {
  const nodes = (getNamedType(field.type) as GraphQLObjectType).getFields()['nodes']!;
  return (getNamedType(nodes.type) as GraphQLObjectType).getFields()['id'] ? 'id' : '__typename';
};

const named = (args: readonly GraphQLArgument[], name: string): GraphQLArgument | undefined =>
  args.find((arg) => arg.name === name);

/** Lists of which whole records cost so much that fewer of them are asked for: as many as there are. */
const costly: Record<string, number> = { leads: 10 };

/** Groups by each field, with everything that can be measured of each one, in orders and under conditions that go by it. */
function groupCells({ name, args }: GraphQLField<unknown, unknown>): Cell[] {
  const inputOf = (argument: string): GraphQLInputObjectType =>
    getNamedType(named(args, argument)!.type) as GraphQLInputObjectType;
  const valuesIn = (input: GraphQLInputObjectType, field: string): string[] =>
    (getNamedType(input.getFields()[field]!.type) as GraphQLEnumType).getValues().map((value) => value.name);
  const fields = valuesIn(inputOf('by'), 'field');
  const measured = valuesIn(inputOf('measures'), 'of').map((of) => {
    const as = fields.includes(of) ? ['COUNT', 'COUNT_DISTINCT'] : ['SUM', 'AVERAGE', 'MINIMUM', 'MAXIMUM'];
    return { of, measures: as.map((one) => `{ key: "${one}", of: ${of}, as: ${one} }`), last: as.at(-1)! };
  });
  const shown = `{ keys { field value label record { id } } count values { key number time money { amounts { amount currency } } } filter others }`;
  const asked = (what: string): string => `${name}(${what}) { groups ${shown} totals ${shown} groupCount truncated }`;
  const [first] = fields;
  return [
    ...fields.map((field) => ({ name: `${name} by ${field}`, graph: asked(`by: [{ field: ${field} }]`) })),
    ...measured.flatMap(({ of, measures, last }) => [
      { name: `${name} of ${of}`, graph: asked(`by: [{ field: ${first} }], measures: [${measures.join(', ')}]`) },
      {
        name: `${name} where ${of}`,
        graph: asked(
          `by: [{ field: ${first} }], measures: [${measures.join(', ')}], having: [{ measure: "${last}", min: "1" }], orderBy: [{ by: MEASURE, measure: "${last}" }], first: 2, others: true`,
        ),
      },
    ]),
  ];
}

/** The cells of one field at the root of the graph. */
function rootCells(field: GraphQLField<unknown, unknown>, samples: Samples): Cell[] {
  const target = getNamedType(field.type);
  if (!isObjectType(target)) return [];
  const { args } = field;
  if (named(args, 'measures')) return groupCells(field);
  if (named(args, 'orderBy')) {
    const filter = getNamedType(named(args, 'filter')!.type) as GraphQLInputObjectType;
    const order = getNamedType(named(args, 'orderBy')!.type) as GraphQLInputObjectType;
    const orders = getNamedType(order.getFields()['field']!.type);
    const node = getNamedType(target.getFields()['nodes']!.type) as GraphQLObjectType;
    const isConnection = target.getFields()['edges'] !== undefined;
    const whole = `totalCount nodes ${everything(node, samples)}${isConnection ? ' edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }' : ''}`;
    const sums = target.getFields()['sums']
      ? ` sums ${everything(getNamedType(target.getFields()['sums']!.type) as GraphQLObjectType, samples, 9)}`
      : '';
    return [
      {
        name: field.name,
        of: node.name,
        graph: `${field.name}(first: ${costly[field.name] ?? 40}) { ${whole}${sums} }`,
      },
      ...(named(args, 'deleted')
        ? [{ name: `${field.name} deleted`, graph: `${field.name}(deleted: true) { totalCount nodes { id } }` }]
        : []),
      ...filterCells(field, filter, samples),
      ...(isEnumType(orders) ? orders.getValues() : []).flatMap(({ name }) =>
        ['ASC', 'DESC'].map((direction) => ({
          name: `${field.name} order ${name} ${direction}`,
          graph: `${field.name}(orderBy: { field: ${name}, direction: ${direction} }) { ${isConnection ? 'edges { cursor node { id } }' : 'nodes { __typename } totalCount'} }`,
        })),
      ),
    ];
  }
  const id = named(args, 'id');
  if (id && field.name !== 'node')
    return samples.keys(target.name).map((key) => ({
      name: `${field.name} ${key}`,
      graph: `${field.name}(id: "${key}") ${everything(target, samples)}`,
    }));
  const required = args.filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined);
  // each value of each argument once, beside the first value of what must be given
  const calls = new Set(
    ['', ...args.flatMap((arg) => valuesOf(arg.type, arg.name, samples).map((value) => `${arg.name}: ${value}`))].map(
      (one) => {
        const others = required
          .filter(({ name }) => !one.startsWith(`${name}:`))
          .map((arg) => `${arg.name}: ${valuesOf(arg.type, arg.name, samples)[0]}`);
        const given = [...others, ...(one === '' ? [] : [one])].join(', ');
        return given && `(${given})`;
      },
    ),
  );
  return [...calls].map((call) => ({
    name: `${field.name}${call}`,
    graph: `${field.name}${call} ${everything(target, samples)}`,
  }));
}

/** Each record as a node of its kind. */
const nodeCells = ({ rows }: Worlds): Cell[] =>
  rows.map(({ id, model }) => ({
    name: `node ${model.name}`,
    graph: `node(id: "${id}") { __typename id ... on ${model.name} { number } }`,
  }));

const kindsOfPaths: Record<string, string> = {
  accounts: 'Customer',
  customers: 'Customer',
  contacts: 'Contact',
  opportunities: 'Opportunity',
  activities: 'Activity',
  'follow-ups': 'Activity',
  cases: 'Case',
  leads: 'Lead',
  campaigns: 'Campaign',
  contracts: 'Contract',
  payments: 'Payment',
  files: 'File',
  members: 'CustomerContact',
  tenants: 'CustomerTenant',
  relations: 'CustomerContact',
  'success-tasks': 'SuccessTask',
};

/** A path with its parameters filled in, once for each record that it could be. */
function pathsOf(path: string, { rows }: Worlds, isNumbered: boolean): string[] {
  const parameter = /\{\w+\}/.exec(path);
  if (!parameter) return [path];
  const before = path.slice(0, parameter.index).split('/').filter(Boolean);
  const kind =
    before
      .toReversed()
      .map((part) => kindsOfPaths[part])
      .find(Boolean) ?? 'Customer';
  return places.flatMap((place) => {
    const row = rows.find(({ model, place: at }) => model.name === kind && at === place);
    return row
      ? pathsOf(path.replace(parameter[0], String(isNumbered ? row.number : row.id)), { rows } as Worlds, isNumbered)
      : [];
  });
}

async function restCells(worlds: Worlds, samples: Samples): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const dialect of Object.keys(bases) as Dialect[]) {
    const { paths } = (await send('GET', `/api/v1/schema/?format=json&dialect=${dialect}`)).body;
    for (const [pattern, { get }] of Object.entries(paths as Data) as Array<[string, Data]>) {
      if (!get) continue;
      const parameters = (get.parameters as Data[]).filter(({ in: where }) => where === 'query');
      const needed = parameters
        .filter(({ required }) => required)
        .map(({ name, schema: of }) => `${name}=${encodeURIComponent(wireValues(of, name, samples)[0] ?? '')}`);
      for (const path of pathsOf(pattern, worlds, dialect === 'lifecycle' || dialect === 'platform')) {
        const isFirst = path === pathsOf(pattern, worlds, dialect === 'lifecycle' || dialect === 'platform')[0];
        const queries = [
          '',
          ...(isFirst
            ? parameters.flatMap(({ name, schema: of }) =>
                wireValues(of, name, samples).map((value) => `${name}=${encodeURIComponent(value)}`),
              )
            : []),
        ];
        for (const query of queries) {
          const all = [
            ...needed.filter((one) => one.split('=')[0] !== query.split('=')[0]),
            ...(query ? [query] : []),
          ].join('&');
          cells.push({ name: `${dialect} GET ${pattern} ${query}`, path: `${path}${all && `?${all}`}`, dialect });
        }
      }
    }
  }
  return cells;
}

/** Values of a parameter of a row. */
function wireValues({ items, enum: values, type, anyOf, format }: Data, name: string, samples: Samples): string[] {
  if (items) return wireValues(items, name, samples);
  if (values) return values.map(String);
  if (anyOf) return wireValues(anyOf[0], name, samples);
  if (/page|size|limit|offset/i.test(name)) return type === 'integer' ? ['2'] : [];
  if (type === 'integer' || type === 'number') return ['1', '770320500'];
  if (type === 'boolean') return ['true', 'false'];
  if (format === 'date' || /date|_from|_to|day/i.test(name)) return samples.days.slice(1, 4);
  return [...samples.texts.slice(3, 8), ...(/id$/i.test(name) ? samples.keys('Customer') : [])];
}

const exportCells = (samples: Samples): Cell[] =>
  Object.entries(exported).flatMap(([name, { type }]) => {
    const filter = schema.getType(`${type}Filter`) as GraphQLInputObjectType;
    const { search } = filter.getFields();
    const found = search
      ? samples.texts.slice(3, 8).map((text) => `.csv?filter=${encodeURIComponent(JSON.stringify({ search: text }))}`)
      : [];
    return ['.csv', '.json', '.xlsx', ...found].map((ending) => ({
      name: `export ${name}${ending}`,
      path: `/export/${name}${ending}`,
    }));
  });

/** All cells. */
export async function cellsOf(worlds: Worlds): Promise<Cell[]> {
  const samples = samplesOf(worlds);
  return [
    ...Object.values(schema.getQueryType()!.getFields()).flatMap((field) => rootCells(field, samples)),
    ...nodeCells(worlds),
    ...(await restCells(worlds, samples)),
    ...exportCells(samples),
    { name: 'events', path: '/api/v1/events?limit=500' },
    ...samples.keys('File').map((id) => ({ name: 'file', path: `/api/v1/files/${id}` })),
  ];
}
