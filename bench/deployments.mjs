// What one process, two, a pooler, a replica and a Citus cluster each give and cost: the same workloads on each, in alternating
// rounds on one machine. Everything shares its cores, so that what a deployment costs is shown, and what more machines give is not.
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadDemo, isEmpty } from '../src/demo/load.js';
import { migrate } from '../src/database/open.js';
import ormOptions from '../mikro-orm.config.js';
import { pooler, poolerVersion } from '../test/support/pooler.js';
import { replicated } from '../test/support/replicas.js';
import { press } from './load.mjs';
import { medianOf } from './report.mjs';
import { inRounds, serversOf } from './rounds.mjs';
import { draws, requests } from './workloads.mjs';

/** Addresses of a Citus cluster that is distributed already, by owner and by server; without them none is measured. */
const { BENCH_CITUS_OWNER_URL: citusOwner, BENCH_CITUS_URL: citusServer } = process.env;
const perTick = 10_000;

/** CPU that the whole machine has used so far, in microseconds. */
function cpuOfAll() {
  const [, user, nice, system] = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).map(Number);
  return (user + nice + system) * perTick;
}
function cpuOfThis() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

export async function deployed({ secret, tokens, workloads, titles, world, size, rounds, milliseconds }) {
  const database = await replicated(1);
  const stops = [() => database.stop()];
  try {
    const { ownerUrl, serverUrl } = database;
    const before = await pooler([serverUrl, ownerUrl]);
    stops.unshift(() => before.stop());
    const kinds = {
      'one process': {},
      'two processes': { CRM_WORKERS: '2' },
      [`behind PgBouncer ${poolerVersion().version}`]: {
        CRM_DATABASE_POOLER: '1',
        CRM_DATABASE_URL: before.of(serverUrl),
        CRM_DATABASE_LISTEN_URL: serverUrl,
      },
      'with a replica': { CRM_DATABASE_REPLICA_URLS: database.replicas[0].url },
      ...(citusOwner && {
        'on Citus': { CRM_DATABASE_OWNER_URL: citusOwner, CRM_DATABASE_URL: citusServer },
      }),
    };
    for (const url of [ownerUrl, ...(citusOwner ? [citusOwner] : [])]) {
      await migrate(url, ormOptions);
      if (await isEmpty(url)) await loadDemo(url, size);
    }
    const servers = await serversOf(kinds, 18_450, { ownerUrl, serverUrl }, secret, (server) =>
      stops.unshift(() => server.stop()),
    );
    const results = await inRounds({
      rounds,
      milliseconds,
      workloads,
      contendersOf: () => servers,
      labelOf: ({ kind }) => kind,
      measure: ({ client }, workload, duration) => measure(client, workload, world, tokens, duration),
    });
    for (const { client } of servers) await client.destroy();
    const text = table(results, workloads, titles, Object.keys(kinds), rounds, milliseconds);
    process.stdout.write(text);
    writeFileSync(path.join(import.meta.dirname, 'DEPLOYMENTS.md'), text);
  } finally {
    for (const stop of stops) await stop();
  }
}

async function measure(client, workload, world, tokens, duration) {
  const next = () => {
    const draw = draws[workload](world);
    return { request: requests.server[workload](draw), token: tokens.get(draw.code) };
  };
  const [all, own] = [cpuOfAll(), cpuOfThis()];
  const { count, seconds, times } = await press(client, next, duration);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))];
  return {
    rate: count / seconds,
    cpu: (cpuOfAll() - all - (cpuOfThis() - own)) / count,
    p50: at(0.5),
    p99: at(0.99),
  };
}

function table(results, workloads, titles, kinds, rounds, milliseconds) {
  const lines = workloads.flatMap((workload) =>
    kinds.map((kind) => {
      const median = (key) => medianOf(results, workload, kind, key);
      const share = median('rate') / medianOf(results, workload, kinds[0], 'rate');
      return `| ${workload} ${titles[workload] ?? ''} | ${kind} | ${median('rate').toFixed(0)} | ${share.toFixed(2)} | ${median('cpu').toFixed(0)} | ${median('p50').toFixed(1)} | ${median('p99').toFixed(1)} |`;
    }),
  );
  return `# Deployments

\`npm run bench -- --deployments\` · ${os.cpus()[0].model}, ${os.availableParallelism()} cores that the client, the servers and all PostgreSQLs share; ${rounds} rounds of ${milliseconds / 1_000} s,
16 connections. CPU is that of all processes but the client's, µs a request.

| workload | deployment | requests/s | of one process | CPU µs | p50 ms | p99 ms |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}
`;
}
