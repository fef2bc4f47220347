// npm run bench -- --texts: a client that never says the same thing twice. What the server remembers has its bounds, so
// its memory must be flat once those are reached.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openData } from './data.mjs';
import { ask, clientOf, connections } from './load.mjs';
import { residentMb, start } from './processes.mjs';

/**
 * MB that the server's old objects may take. Without a limit V8 takes as much memory as it likes between its collections,
 * and resident memory shows that; within this one whatever is never freed ends the process.
 */
const heapLimit = 256;

/** Members of a filter, each of which is there or not: 64 forms of variables. */
const fields = {
  status: ['ACTIVE'],
  kind: ['ENTERPRISE'],
  search: '科技',
  createdFrom: '2020-01-01',
  tier: ['GOLD', 'SILVER'],
  industry: '软件',
};
const names = Object.keys(fields);
const filterOf = (n) =>
  Object.fromEntries(names.filter((_, index) => n & (1 << index)).map((name) => [name, fields[name]]));

/** What the n-th request says: a text of its own; every third is to be kept under its hash, every fourth has a filter of another form, every tenth changes something. */
function said(n) {
  const query =
    n % 10 === 9
      ? `mutation M${n} { customerUpdate(id: "nobody", input: { remarks: "${n}" }) { c${n}: customer { id name } userErrors { code } } }`
      : `query Q${n}($f: CustomerFilter, $n: Int = ${n % 5}) { customers(first: $n, filter: $f) { nodes { n${n}: name id owner { name } contacts(first: ${1 + (n % 3)}) { edges { position } } } pageInfo { hasNextPage } } }`;
  return {
    query,
    ...(n % 4 === 0 && n % 10 !== 9 && { variables: { f: filterOf(n >> 2) } }),
    ...(n % 3 === 0 && {
      extensions: { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } },
    }),
  };
}

/** @param {{ secret: string, token: string, operator: string, count: number }} options */
export async function newTexts({ secret, token, operator, count }) {
  const data = await openData('quick', { tenants: 20, customers: 20_000, activities: 5 });
  const server = await start('server', 18_480, data, secret, [`--max-old-space-size=${heapLimit}`]);
  const client = clientOf(server.port);
  const lines = [];
  const portion = count / 20;
  try {
    const look = async (texts, seconds) => {
      const metrics = await metricsOf(client, operator);
      lines.push({
        texts,
        rate: seconds && portion / seconds,
        memory: residentMb(server.pid),
        heap: metrics('nodejs_heap_size_used_bytes') / 2 ** 20,
        known: metrics('crm_cache_entries{cache="document",kind="texts"}'),
        plans: metrics('crm_cache_entries{cache="query",kind="plans"}'),
        prepared: Math.max(...metrics.all('crm_database_prepared_statements{')),
      });
      process.stdout.write(`${JSON.stringify(lines.at(-1))}\n`);
      writeFileSync(path.join(import.meta.dirname, 'TEXTS.md'), report(lines, texts));
    };
    await look(0);
    for (let from = 0; from < count; from += portion) {
      const began = performance.now();
      let next = from;
      await Promise.all(
        Array.from({ length: connections }, async () => {
          while (next < from + portion) {
            const text = await ask(
              client,
              { method: 'POST', path: '/graphql', body: JSON.stringify(said(next++)) },
              token,
            );
            if (text.startsWith('{"errors"')) throw new Error(text.slice(0, 300));
          }
        }),
      );
      await look(from + portion, (performance.now() - began) / 1000);
    }
  } finally {
    await client.destroy();
    await server.stop();
    if (!data.adopted) await data.stop();
  }
}

async function metricsOf(client, operator) {
  const lines = (await ask(client, { method: 'GET', path: '/metrics/server' }, operator))
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  const values = lines.map((line) => [
    line.slice(0, line.lastIndexOf(' ')),
    Number(line.slice(line.lastIndexOf(' ') + 1)),
  ]);
  return Object.assign((name) => values.find(([key]) => key === name)[1], {
    all: (start) => values.filter(([key]) => key.startsWith(start)).map(([, value]) => value),
  });
}

const number = (value, digits = 0) =>
  value === undefined
    ? ''
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

function report(lines, count) {
  // the first quarter warms up
  const warm = lines.slice(Math.ceil(lines.length / 4)).map(({ memory }) => memory);
  const [first, last] = [warm.slice(0, warm.length >> 1), warm.slice(warm.length >> 1)].map(
    (half) => half.reduce((sum, each) => sum + each, 0) / half.length,
  );
  return `# New texts

${number(count)} operations with as many different texts, none said twice, from ${connections} connections, to this server in production mode (\`npm run bench -- --texts\`): every third is to be kept under its hash, every fourth has a filter of another form, every tenth is a mutation. That is the worst that a client can do to what the server remembers. The server runs with a heap of at most ${heapLimit} MB, so that memory which V8 only has not collected yet is not counted. After a quarter of them the resident memory is ${number(Math.min(...warm))} to ${number(Math.max(...warm))} MB; ${number(first)} MB on average in the first half of the rest, ${number(last)} MB in the second.

| texts so far | texts/s | resident memory, MB | heap in use, MB | texts known | plans | most prepared statements of a connection |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${lines.map(({ texts, rate, memory, heap, known, plans, prepared }) => `| ${number(texts)} | ${number(rate)} | ${number(memory)} | ${number(heap)} | ${number(known)} | ${number(plans)} | ${number(prepared)} |`).join('\n')}
`;
}
