// npm run bench -- --growth: W1 and W2 in the largest tenant, as it grows and as the number of tenants grows.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openData } from './data.mjs';
import { clientOf, press } from './load.mjs';
import { cpuOf, cpuOfPostgres, start } from './processes.mjs';
import { demoId } from '../src/demo/ids.js';
import { draws, requests } from './workloads.mjs';

/** So many customers are asked about, evenly spread over the tenant, so that the cost of its size is measured and not that of reading what was never read before. */
const askedAbout = 500;
/** Other tenants than the largest have so many customers each. */
const small = 10;
const cases = [
  { largest: 1_000, tenants: 20 },
  { largest: 10_000, tenants: 20 },
  { largest: 100_000, tenants: 20 },
  { largest: 1_000_000, tenants: 20 },
  { largest: 10_000, tenants: 2_000 },
];

/** @param max cases with a larger tenant than this are left out */
export async function grow({ secret, token, milliseconds, max }) {
  const lines = [];
  for (const one of cases.filter(({ largest }) => largest <= max)) {
    const data = await openData(`growth-${one.largest}-${one.tenants}`, {
      tenants: one.tenants,
      customers: one.largest + small * (one.tenants - 1),
      largest: one.largest,
      activities: 1,
      ngrams: false,
    });
    const server = await start('server', 18_490, data, secret);
    const client = clientOf(server.port);
    try {
      for (const workload of ['W1', 'W2'])
        lines.push({
          ...one,
          workload,
          ...(await measured(client, server, data.pid, workload, one, token, milliseconds)),
        });
    } finally {
      await client.destroy();
      await server.stop();
      if (!data.adopted) await data.stop();
    }
    process.stdout.write(`${JSON.stringify(lines.slice(-2))}\n`);
    writeFileSync(path.join(import.meta.dirname, 'GROWTH.md'), text(lines, milliseconds));
  }
}

async function measured(client, { pid }, postmaster, workload, { largest }, token, milliseconds) {
  const world = { codes: ['demo'], customers: largest };
  const next = () => {
    const draw = draws[workload](world);
    if (workload === 'W1')
      draw.id = demoId(
        'demo',
        'customer',
        2 * Math.floor((Math.floor(Math.random() * askedAbout) * largest) / askedAbout / 2),
      );
    return { request: requests.server[workload](draw), token };
  };
  await press(client, next, 2 * milliseconds);
  const before = [cpuOf(pid), cpuOfPostgres(postmaster)];
  const { count, seconds, times } = await press(client, next, 2 * milliseconds);
  return {
    rate: count / seconds,
    p50: times[count >> 1],
    node: (cpuOf(pid) - before[0]) / count,
    postgres: (cpuOfPostgres(postmaster) - before[1]) / count,
  };
}

const number = (value, digits = 0) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const text = (lines, milliseconds) => `# Growth

W1 and W2 (see RESULTS.md) in the largest tenant, ${(2 * milliseconds) / 1000} s each after as long a warm-up; the other tenants have ${small} customers each, and nothing can be searched for, which neither reads. W1 asks about ${askedAbout} customers that are evenly spread over the tenant. What has to stay flat is the CPU of PostgreSQL per request.

| customers in the tenant | tenants | workload | requests/s | p50 ms | CPU of Node, µs/request | CPU of PostgreSQL, µs/request |
| ---: | ---: | --- | ---: | ---: | ---: | ---: |
${lines.map(({ largest, tenants, workload, rate, p50, node, postgres }) => `| ${number(largest)} | ${number(tenants)} | ${workload} | ${number(rate)} | ${number(p50, 1)} | ${number(node)} | ${number(postgres)} |`).join('\n')}
`;
