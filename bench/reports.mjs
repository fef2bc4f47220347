// npm run bench -- --reports [--customers 100000]: how long reports over a whole tenant take, and what PostgreSQL reads for
// them; and how long the same numbers take in SQL that is written by hand. Of another size it is said and not kept.
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { everythingOf, schemaOf } from '../test/support/operations.js';
import { openData } from './data.mjs';
import { expectSame, handwritten } from './handwritten.mjs';
import { ask, clientOf } from './load.mjs';
import { start } from './processes.mjs';

const aMonthAgo = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);

const asked = [
  'analyticsOverview',
  'analyticsTrend(metric: CUSTOMERS, period: MONTH)',
  'analyticsTrend(metric: OPPORTUNITIES, period: WEEK)',
  'analyticsTrend(metric: REVENUE, period: QUARTER)',
  'analyticsTrend(metric: ACTIVITIES, period: YEAR)',
  'analyticsSegments(by: INDUSTRY)',
  'analyticsSegments(by: REGION)',
  'analyticsSegments(by: SIZE)',
  'analyticsSegments(by: TIER)',
  'analyticsLoyalty',
  'customerStatistics',
  'pipeline',
  'forecast',
  'funnel',
  'salesVelocity',
  'receivables',
  `pipeline(asOf: { day: "${aMonthAgo}" })`,
  `forecast(asOf: { day: "${aMonthAgo}" })`,
];
const times = 7;

/** The tables that a plan reads, with how. */
function reads(plan, found = new Map()) {
  if (plan['Relation Name']) {
    const way = `${plan['Relation Name']}: ${plan['Node Type']}${plan['Index Name'] ? ` ${plan['Index Name']}` : ''}`;
    found.set(way, (found.get(way) ?? 0) + 1);
  }
  for (const inner of plan.Plans ?? []) reads(inner, found);
  return found;
}

/** The size that is kept. */
export const defaultSize = 100_000;

const timed = async (took, work) => {
  const began = performance.now();
  const done = await work();
  took.push(performance.now() - began);
  return done;
};

const medianOf = (took) => took.toSorted((a, b) => a - b)[took.length >> 1];

/** The numbers of each report alone from the server, and from PostgreSQL by what is written by hand, in turns. */
async function besideHandwritten(post, rivalUrl) {
  const client = new pg.Client({ connectionString: rivalUrl });
  await client.connect();
  try {
    const tenant = (await client.query("select id from tenant where code = 'demo'")).rows[0].id;
    const lines = [];
    for (const [index, { field, query, rowsOf, values = () => [], sql }] of handwritten.entries()) {
      const took = { server: [], handwritten: [] };
      for (let n = 0; n <= times; n += 1) {
        const text = await timed(took.server, () => post(`{ report: ${field} ${query} }`));
        const { data, errors } = JSON.parse(text);
        if (errors) throw new Error(`${field}: ${text.slice(0, 300)}`);
        const { rows } = await timed(took.handwritten, () =>
          client.query({
            name: `handwritten ${index}`,
            text: sql,
            values: [tenant, ...values(data.report)],
            rowMode: 'array',
          }),
        );
        expectSame(field, rowsOf(data.report), rows);
      }
      // the first of each is not counted
      lines.push({ field, server: medianOf(took.server.slice(1)), handwritten: medianOf(took.handwritten.slice(1)) });
    }
    return lines;
  } finally {
    await client.end();
  }
}

export async function reportsAtSize({ secret, token, customers = defaultSize }) {
  const others = 19;
  const data = await openData(customers === defaultSize ? 'reports' : `reports-${customers}`, {
    tenants: 1 + others,
    customers: customers + 10 * others,
    largest: customers,
  });
  const lines = [];
  let beside;
  const post = (client, query) =>
    ask(client, { method: 'POST', path: '/graphql', body: JSON.stringify({ query }) }, token);
  const run = async (environment, work) => {
    const server = await start('server', 18_495, data, secret, [], environment);
    const client = clientOf(server.port);
    try {
      await work(client);
    } finally {
      await client.destroy();
      await server.stop();
    }
  };
  try {
    await run({ CRM_INTROSPECTION: '1' }, async (client) => {
      const schema = schemaOf(await ask(client, { method: 'GET', path: '/schema.graphql' }));
      for (const field of asked) {
        const query = `{ ${field} ${everythingOf(schema.getQueryType().getFields()[field.split('(')[0]].type, '{ totalCount }')} }`;
        const took = [];
        for (let n = 0; n < times; n += 1) {
          const began = performance.now();
          const text = await post(client, query);
          took.push(performance.now() - began);
          if (text.startsWith('{"errors"')) throw new Error(`${field}: ${text.slice(0, 300)}`);
        }
        lines.push({ field, query, took: took.toSorted((a, b) => a - b) });
      }
      beside = await besideHandwritten((query) => post(client, query), data.rivalUrl);
    });
    await run({ NODE_ENV: 'development' }, async (client) => {
      for (const line of lines) {
        const { extensions } = JSON.parse(
          await ask(
            client,
            {
              method: 'POST',
              path: '/graphql',
              body: JSON.stringify({ query: line.query, extensions: { explain: true } }),
            },
            token,
          ),
        );
        line.statements = extensions.explain.statements.length;
        line.reads = reads(
          extensions.explain.statements[0].plan[0]?.Plan ?? extensions.explain.statements[0].plan.Plan,
        );
      }
    });
  } finally {
    if (!data.adopted) await data.stop();
  }
  const text = report(lines, beside, customers);
  if (customers === defaultSize) writeFileSync(path.join(import.meta.dirname, 'REPORTS.md'), text);
  process.stdout.write(text);
}

const thousands = (number) => number.toLocaleString('en');

const report = (lines, beside, customers) => `# Reports

Numbers over a whole tenant with ${thousands(customers)} customers, ${thousands(2 * customers)} opportunities, ${thousands(customers)} contracts and ${thousands(3 * customers)} activities, by a caller who sees all of it, with every member selected (\`npm run bench -- --reports\`); ${times} times one after the other over HTTP, the first included, and what PostgreSQL's plan reads.

| report | statements | median ms | longest ms | reads |
| --- | ---: | ---: | ---: | --- |
${lines.map(({ field, statements, took, reads: found }) => `| \`${field}\` | ${statements} | ${took[times >> 1].toFixed(0)} | ${took.at(-1).toFixed(0)} | ${[...found].map(([way, count]) => `${way}${count > 1 ? ` × ${count}` : ''}`).join('<br>')} |`).join('\n')}

## Beside SQL that is written by hand

The numbers alone (without the lists behind them) of the server over HTTP, beside what somebody would write for the same numbers of one tenant,
without row level security and rights (\`bench/handwritten.mjs\`), on one connection of the same PostgreSQL in turns; each answer is the same. Medians of ${times}, on ${availableParallelism()} processors at a load of ${loadavg()[1].toFixed(0)}: where that is more than there are processors, times count for the ratios alone.

| report | server ms | by hand ms | ratio |
| --- | ---: | ---: | ---: |
${beside.map(({ field, server, handwritten: byHand }) => `| \`${field}\` | ${server.toFixed(1)} | ${byHand.toFixed(1)} | ${(byHand / server).toFixed(2)} |`).join('\n')}
`;
