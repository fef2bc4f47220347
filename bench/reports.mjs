// npm run bench -- --reports: how long reports over a whole tenant take, where it has 100,000 customers, and what
// PostgreSQL reads for them.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema } from 'graphql';
import { everythingOf } from '../test/support/operations.js';
import { openData } from './data.mjs';
import { ask, clientOf } from './load.mjs';
import { start } from './processes.mjs';

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

export async function reportsAtSize({ secret, token }) {
  const data = await openData('reports', { tenants: 20, customers: 100_190, largest: 100_000 });
  const lines = [];
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
    await run({}, async (client) => {
      const schema = buildSchema(await ask(client, { method: 'GET', path: '/schema.graphql' }));
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
  const text = report(lines);
  writeFileSync(path.join(import.meta.dirname, 'REPORTS.md'), text);
  process.stdout.write(text);
}

const report = (lines) => `# Reports

Figures over a whole tenant with 100,000 customers, 200,000 deals, 100,000 contracts and 300,000 activities, by a caller who sees all of it, with every member selected (\`npm run bench -- --reports\`); ${times} times one after the other over HTTP, the first included, and what PostgreSQL's plan reads.

| report | statements | median ms | longest ms | reads |
| --- | ---: | ---: | ---: | --- |
${lines.map(({ field, statements, took, reads: found }) => `| \`${field}\` | ${statements} | ${took[times >> 1].toFixed(0)} | ${took.at(-1).toFixed(0)} | ${[...found].map(([way, count]) => `${way}${count > 1 ? ` × ${count}` : ''}`).join('<br>')} |`).join('\n')}
`;
