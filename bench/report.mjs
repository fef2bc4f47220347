// Figures as tables and as ratios per round.
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { connections } from './load.mjs';
import { poolSize } from './processes.mjs';

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const having = (results, workload, contender) =>
  results.filter((each) => each.workload === workload && each.contender === contender);

export const medianOf = (results, workload, contender, key) =>
  median(having(results, workload, contender).map((each) => each[key]));

/** This server's requests per second over another's, round by round; the median of the rounds. */
function ratio(results, workload, rival, of = (own, other) => own.rate / other.rate) {
  const theirs = having(results, workload, rival);
  if (theirs.length === 0) return undefined;
  return median(
    theirs.map((other) =>
      of(
        having(results, workload, 'server').find(({ round }) => round === other.round),
        other,
      ),
    ),
  );
}

const rivals = ['floor', 'postgraphile', 'naive'];

export function ratiosOf(results, workloads) {
  return Object.fromEntries(
    workloads.map((workload) => [
      workload,
      Object.fromEntries(
        rivals
          .map((rival) => [rival, ratio(results, workload, rival)])
          .filter(([, value]) => value !== undefined)
          .map(([rival, value]) => [rival, Number(value.toFixed(2))]),
      ),
    ]),
  );
}

const version = (name, from = '../node_modules') =>
  JSON.parse(readFileSync(new URL(`${from}/${name}/package.json`, import.meta.url), 'utf8')).version;
const number = (value, digits = 0) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const table = (head, rows) =>
  [head, head.map((_, index) => (index < 2 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
const cpu = ({ node, postgres }) => node + postgres;

export function report({ results, workloads, titles, compared, counts, rounds, milliseconds, quick }) {
  const contenders = [...new Set(results.map(({ contender }) => contender))];
  const measured = workloads.flatMap((workload) =>
    contenders
      .filter((contender) => having(results, workload, contender).length > 0)
      .map((contender) => {
        const of = (key) => medianOf(results, workload, contender, key);
        return [
          `${workload} ${titles[workload]}`,
          contender,
          number(of('rate')),
          number(of('p50'), 1),
          number(of('p99'), 1),
          number(of('node')),
          number(of('postgres')),
          number(of('memory')),
        ];
      }),
  );
  const inWords = workloads.map((workload) => [
    workload,
    titles[workload],
    ...rivals.map((rival) => ratio(results, workload, rival)?.toFixed(2) ?? ''),
    ratio(results, workload, 'floor', (own, other) => cpu(other) / cpu(own))?.toFixed(2) ?? '',
    having(results, workload, 'server')
      .map((own) =>
        (own.rate / having(results, workload, 'floor').find(({ round }) => round === own.round)?.rate).toFixed(2),
      )
      .join(' '),
  ]);
  return `# Results

${quick ? 'Quick run. ' : ''}${rounds} rounds of ${milliseconds / 1000} s per contender and workload, contenders taking turns, after a longer one that is not counted; ${connections} kept connections on the loopback, ${poolSize} database connections each. Medians of the rounds.

Machine: ${os.cpus().length} cores (${os.cpus()[0].model.trim()}), ${number(os.totalmem() / 2 ** 30)} GB, shared with the database, with the client and with other work; so CPU per request and the ratios say more than requests per second. Node ${process.versions.node}, PostgreSQL 18 embedded and durable (\`fsync\`), PostGraphile ${version('postgraphile', './node_modules')}, Apollo Server ${version('@apollo/server')}, MikroORM ${version('@mikro-orm/core')}.
Data: ${Object.entries(counts)
    .map(([name, count]) => `${number(count)} ${name}`)
    .join(', ')}.
Compared for equality before: ${Object.entries(compared)
    .map(([workload, count]) => `${count} × ${workload}`)
    .join(', ')}.

- **server**: this server compiled and in production mode, tokens checked, row level security on.
- **floor**: bare \`node:http\` and \`pg\`, one hand-written prepared statement, no token, no row level security, the same JSON. For W3 it writes the same rows as the server, in one statement: number series, deal, its n-grams, history, two audit entries, the tenant's event counter and event. For W5 it reads each table's rows of the customer once, for the list and for the aggregates.
- W4 and W5 are REST on both: \`GET /api/v1/crm/accounts?page=N&pageSize=20\` in the dialect \`erp\`, and \`GET /api/v1/crm/customers/{id}/360\` in the dialect \`cell\`, whose answer has customer, contacts, deals, relations, contracts, payments, follow-ups, cases, health and sums; answers are compared whole, envelopes included.
- **postgraphile**: Amber preset with its defaults; sums, open deals and moves as functions over the row. For W3 it calls a function whose one statement writes the same rows as the floor's.
- **naive**: Apollo Server, MikroORM entities, a DataLoader per relation. W3 inserts the deal alone, one row where the others write some thirty.

## Ratios

Requests per second of this server over the other's, round by round; CPU is the floor's over this server's (Node and PostgreSQL together, per request).

${table(['workload', '', ...rivals.map((rival) => `over ${rival}`), 'CPU: floor over server', 'over floor, each round'], inWords)}

## Figures

${table(['workload', 'contender', 'requests/s', 'p50 ms', 'p99 ms', 'CPU of Node, µs/request', 'CPU of PostgreSQL, µs/request', 'memory, MB'], measured)}
`;
}
