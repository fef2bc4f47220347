// npm run bench -- --weights: what each computed field, page, report and root field takes PostgreSQL and the server, where a
// tenant has some thousand customers; written as the points that operations are counted in.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from '../node_modules/graphql/index.js';
import { format } from 'prettier';
import { isPage, kindOf, weightName, weightsByKind } from '../src/graphql/cost.js';
import { weights as known } from '../src/graphql/weights.js';
import { buildGraph } from '../src/schema/schema.js';
import { openData } from './data.mjs';
import { Pool } from 'undici';
import { ask } from './load.mjs';
import { childrenOf, nanosecondsOf, start } from './processes.mjs';

const customers = 5_000;
/** Objects that a field is asked of at once; requests of which the fastest counts. */
const parents = 50;
const times = 5;
const pointsPerMs = 100;
/** The least that a field of the root costs, and what a field weighs that there is nothing of to weigh it with. */
const leastOfRoot = 10;
const fallback = 5;

const given = {
  text: '"科技"',
  path: '"/export/customers.csv"',
  metric: 'REVENUE',
  by: 'INDUSTRY',
  period: 'MONTH',
  from: '{ day: "2020-01-01" }',
};

/** Values for the arguments that have to be given. */
function argumentsOf({ args }, id) {
  const needed = args.filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined);
  const values = needed.map(({ name, type }) => {
    const of = getNamedType(type);
    if (name === 'id') return `id: "${id}"`;
    return `${name}: ${given[name] ?? (isEnumType(of) ? of.getValues()[0].name : '1')}`;
  });
  return values.length > 0 ? `(${values.join(', ')})` : '';
}

/** What is said to groups beside how many are wanted: without keys there are none. */
const grouped = ({ args }) =>
  args.some(({ name }) => name === 'measures')
    ? ', by: [{ field: CREATED_AT, bucket: MONTH }, { field: CREATED_BY }], measures: [{ key: "m", of: CREATED_BY, as: COUNT_DISTINCT }]'
    : '';

const isRecord = (type) => type.getInterfaces().length > 0;
const isPart = (type) => /(Connection|Edge)$/.test(type.name);

/** Everything of an object that is no record; of records their id, of pages nothing. */
function everythingOf(type, depth = 0) {
  if (isLeafType(type)) return '';
  if (!isObjectType(type) || isRecord(type)) return '{ q: __typename id }';
  const inner = Object.values(type.getFields()).flatMap((field) => {
    if (isPage(field) || argumentsOf(field) !== '' || depth > 4) return [];
    return [`${field.name} ${everythingOf(getNamedType(field.type), depth + 1)}`];
  });
  return `{ q: __typename ${inner.join(' ')} }`;
}

/** The shortest way from the root to each type, as what is written before and behind a selection of it. */
function waysTo(schema, ids) {
  const ways = new Map([[schema.getQueryType(), { before: '{', behind: '}' }]]);
  for (const [type, { before, behind }] of ways) {
    const isRoot = type === schema.getQueryType();
    const fields = Object.values(type.getFields());
    for (const field of [...fields.filter(isPage), ...fields.filter((one) => !isPage(one))]) {
      let target = getNamedType(field.type);
      if (!isObjectType(target) || (isRoot && !isPage(field) && isRecord(target))) continue;
      let open = `${field.name}${argumentsOf(field, ids[target.name])} {`;
      let close = '}';
      if (isPage(field)) {
        const nodes =
          target.getFields().nodes ??
          Object.values(target.getFields()).find((one) => isListType(getNullableType(one.type)));
        target = getNamedType(nodes.type);
        const needed = argumentsOf(field, ids[target.name]).slice(1, -1);
        open = `${field.name}(${needed}${needed && ', '}first: ${isRoot ? parents : 3}${grouped(field)}) { ${nodes.name} {`;
        close = '} }';
      }
      if (isObjectType(target) && !ways.has(target))
        ways.set(target, { before: `${before} ${open}`, behind: `${close} ${behind}` });
    }
  }
  return ways;
}

/** What is asked to weigh a field, by the names of its weights. */
function questions(type, field, id) {
  const target = getNamedType(field.type);
  const name = weightName(type, field, undefined);
  if (!isPage(field)) return [[name, `${field.name}${argumentsOf(field, id)} ${everythingOf(target)}`]];
  const parts = target.getFields();
  const needed = argumentsOf(field, id).slice(1, -1);
  const call = (args, selection) => `${field.name}(${needed}${needed && ', '}${args}) { ${selection} }`;
  const rows = Object.values(parts).find((one) => isListType(getNullableType(one.type)));
  const row = `${rows.name} ${isRecord(getNamedType(rows.type)) ? '{ id }' : '{ __typename }'}`;
  const found = [[name, call(`first: 1${grouped(field)}`, row)]];
  if (parts.totalCount) found.push([`${name}.totalCount`, call('first: 1', 'totalCount')]);
  if (parts.sums) found.push([`${name}.sums`, call('first: 1', `sums ${everythingOf(getNamedType(parts.sums.type))}`)]);
  const order = field.args.find((one) => one.name === 'orderBy');
  const ordered = order && getNamedType(order.type).getFields().field;
  const orders = ordered ? getNamedType(ordered.type).getValues() : [];
  if (type.name === 'Query')
    for (const one of orders) found.push([`${name}.scan`, call(`first: 1, orderBy: { field: ${one.name} }`, row)]);
  return found;
}

/** What is asked of an object anyway: of one that is no record its values, so that what they share is counted with none of its parts. */
const always = (type) =>
  isRecord(type) || type.name === 'Query'
    ? 'p: __typename'
    : `p: __typename ${Object.values(type.getFields())
        .filter((field) => isLeafType(getNamedType(field.type)) && argumentsOf(field) === '')
        .map(({ name }) => name)
        .join(' ')}`;

/** Weighs all fields, those of types with such names, or with `new` those that have no weight yet; what was known of others stays. */
export async function weigh({ secret, token, only }) {
  const data = await openData('weights', { tenants: 2, customers: customers + 100, largest: customers, activities: 5 });
  const server = await start('server', 18_494, data, secret, [], {
    CRM_OPERATION_COST: '1000000000',
    CRM_STATEMENT_SECONDS: 'read=600,report=600',
  });
  const client = new Pool(`http://127.0.0.1:${server.port}`, { connections: 1, headersTimeout: 0, bodyTimeout: 0 });
  const post = async (query) => {
    const text = await ask(client, { method: 'POST', path: '/graphql', body: JSON.stringify({ query }) }, token);
    if (text.startsWith('{"errors"')) throw new Error(`${query}: ${text.slice(0, 300)}`);
    return text;
  };
  const connectionsNow = () => childrenOf(data.pid, /^postgres: crm_server/);
  // CPU, not time: what else the machine does makes no difference
  const timed = async (query) => {
    let [best, text] = [Infinity, ''];
    for (let n = 0; n < times; n += 1) {
      const backends = connectionsNow();
      const used = () => [server.pid, ...backends].reduce((sum, pid) => sum + nanosecondsOf(pid), 0) / 1e6;
      try {
        const began = used();
        text = await post(query);
        const took = used() - began;
        // a new connection has used what was not counted
        if (connectionsNow().join() === backends.join()) best = Math.min(best, took);
        else n -= 1;
        if (took > 500) break;
      } catch (error) {
        // a connection of the pool ended meanwhile
        if (error.code !== 'ENOENT') throw error;
      }
    }
    return { best, text };
  };
  const weights = new Map();
  const isChosen = (type) => !only || only === 'new' || new RegExp(`^(?:${only})$`).test(type);
  const isMissing = (name) => only !== 'new' || known[name] === undefined;
  const unmeasured = [];
  try {
    const schema = buildGraph();
    const ids = {};
    for (const field of Object.values(schema.getQueryType().getFields())) {
      const nodes = isPage(field) && getNamedType(field.type).getFields().nodes;
      if (!nodes || !isRecord(getNamedType(nodes.type))) continue;
      const [first] = JSON.parse(await post(`{ l: ${field.name}(first: 1) { nodes { id } } }`)).data.l.nodes;
      ids[getNamedType(nodes.type).name] = first?.id ?? '00000000-0000-0000-0000-000000000000';
    }
    for (const [type, { before, behind }] of waysTo(schema, ids)) {
      if (isPart(type) || !isChosen(type.name)) continue;
      let base;
      for (const field of Object.values(type.getFields())) {
        const kind = kindOf(schema, type, field);
        if (kind !== 'computed' && !(kind === 'object' && !isRecord(type) && isObjectType(getNamedType(field.type))))
          continue;
        for (const [name, selection] of questions(type, field, ids[getNamedType(field.type).name] ?? ids.Customer)) {
          if (!isMissing(name)) continue;
          base ??= await timed(`${before} ${always(type)} ${behind}`);
          const count = base.text.split('"p":').length - 1;
          if (count === 0) {
            unmeasured.push(name);
            continue;
          }
          const answer = await timed(`${before} ${always(type)} ${selection} ${behind}`).catch((error) => {
            // what an administrator of a tenant may not see
            if (!String(error).includes('FORBIDDEN')) throw error;
          });
          if (!answer) {
            unmeasured.push(name);
            continue;
          }
          const { best, text } = answer;
          const points = (Math.max(0, best - base.best) / count) * pointsPerMs;
          if (best > 500) process.stdout.write(`${name}: ${best.toFixed(0)} ms for ${count}\n`);
          weights.set(name, Math.max(weights.get(name) ?? 0, points));
          if (!isPage(field) && isListType(getNullableType(field.type)) && isObjectType(getNamedType(field.type)))
            weights.set(`${name}.items`, Math.max(1, Math.ceil((text.split('"q":').length - 1) / count)));
        }
      }
    }
    for (const [name, points] of weights) {
      const inner = name.endsWith('.scan')
        ? points - (weights.get(name.slice(0, -5)) ?? known[name.slice(0, -5)])
        : points;
      weights.set(
        name,
        name.endsWith('.items')
          ? points
          : rounded(Math.max(inner, name.startsWith('Query.') ? leastOfRoot : weightsByKind.object)),
      );
    }
    for (const [name, points] of Object.entries(known))
      if (only === 'new' || !isChosen(name.split('.')[0])) weights.set(name, points);
    for (const name of unmeasured) weights.set(name, likeOthers(weights, name));
    const kept = [...weights]
      .filter(([name, points]) => isComputed(schema, name) || points > 1)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    const file = path.resolve(import.meta.dirname, '../src/graphql/weights.ts');
    const text = `/**
 * What fields cost, in points of about 10 µs: for a field \`Type.field\` of one object, with everything in it; for a page its
 * first row, \`.totalCount\`, \`.sums\`, and \`.scan\`, where all rows are looked at because it is filtered or ordered; \`.items\`
 * are how many objects a list without pages has. What there is nothing of to be weighed with weighs as much as elsewhere. Written by \`npm run bench -- --weights\` in a tenant of ${customers} customers.
 */
export const weights: Readonly<Record<string, number>> = ${JSON.stringify(Object.fromEntries(kept))};
`;
    writeFileSync(file, await format(text, { parser: 'typescript', singleQuote: true, printWidth: 120 }));
    process.stdout.write(
      `${kept.length} weights; there is nothing in this tenant to weigh ${unmeasured.join(', ') || 'nothing'} with\n`,
    );
  } finally {
    await client.destroy();
    await server.stop();
    if (!data.adopted) await data.stop();
  }
}

/** What a field weighs that there is nothing of to weigh it with: as much as the same field elsewhere. */
function likeOthers(weights, name) {
  const field = name.slice(name.indexOf('.'));
  const found = [...weights].filter(([other]) => other.endsWith(field)).map(([, points]) => points);
  return found.length > 0 ? Math.max(...found) : fallback;
}

/** Whether a weight is one of those that have to be there, since their kind does not say it. */
function isComputed(schema, name) {
  const [type, field, ...rest] = name.split('.');
  return (
    rest.length > 0 || kindOf(schema, schema.getType(type), schema.getType(type).getFields()[field]) === 'computed'
  );
}

const rounded = (points) => Number(points.toPrecision(2));
