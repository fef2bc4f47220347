// What traces cost: the same server without them, with all requests traced, and with one in ten, in alternating rounds.
import os from 'node:os';
import { openData } from './data.mjs';
import { start } from './processes.mjs';
import { medianOf } from './report.mjs';
import { inRounds, serversOf } from './rounds.mjs';

const collectorPort = 18_439;
const traces = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collectorPort}` };
const kinds = {
  'not traced': {},
  traced: { ...traces, OTEL_TRACES_SAMPLER: 'parentbased_always_on' },
  'one in ten traced': {
    ...traces,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.1',
  },
};

export async function traced({ secret, measure, workloads, titles, world, size, kind, rounds, milliseconds }) {
  const data = await openData(kind, size);
  const running = [];
  try {
    running.push(await start('collector', collectorPort, data, secret));
    const servers = await serversOf(kinds, 18_440, data, secret, (server) => running.push(server));
    const results = await inRounds({
      rounds,
      milliseconds,
      workloads,
      contendersOf: () => servers,
      labelOf: (server) => server.kind,
      measure: (server, workload, duration) => measure(server, workload, world, data.pid, duration),
    });
    for (const { client } of servers) await client.destroy();
    process.stdout.write(table(results, workloads, titles, rounds, milliseconds));
  } finally {
    for (const each of running) await each.stop();
    if (!data.adopted) await data.stop();
  }
}

/** Share of the requests per second without traces that is left, round by round; the median of the rounds. */
function left(results, workload, name) {
  const of = (contender, round) =>
    results.find((each) => each.workload === workload && each.contender === contender && each.round === round);
  const shares = results
    .filter((each) => each.workload === workload && each.contender === name)
    .map(({ round, rate }) => rate / of('not traced', round).rate)
    .toSorted((a, b) => a - b);
  return shares[shares.length >> 1];
}

function table(results, workloads, titles, rounds, milliseconds) {
  const lines = workloads.flatMap((workload) =>
    Object.keys(kinds).map((name) => {
      const median = (key) => Math.round(medianOf(results, workload, name, key));
      return `| ${workload} ${titles[workload] ?? ''} | ${name} | ${median('rate')} | ${left(results, workload, name).toFixed(2)} | ${median('node')} | ${median('postgres')} | ${median('p99')} |`;
    }),
  );
  return `${os.cpus()[0].model}, ${os.availableParallelism()} cores, load ${os.loadavg()[0].toFixed(0)}; ${rounds} rounds of ${milliseconds / 1_000} s\n\n| workload | | requests/s | left | Node µs | PostgreSQL µs | p99 ms |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |\n${lines.join('\n')}\n`;
}
