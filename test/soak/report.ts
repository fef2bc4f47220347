import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { BrokerDown } from './broker.js';
import type { Crossing } from './crossing.js';
import type { Interleavings } from './interleavings.js';
import type { Kills } from './kills.js';
import type { Sockets } from './sockets.js';
import type { Verdict } from './verdict.js';

export interface Report extends Verdict {
  quick: boolean;
  seed: number;
  seconds: number;
  sizes: Record<string, number>;
  /** seconds that each part took */
  took: Record<string, number>;
  results: {
    interleavings?: Interleavings;
    servers?: Kills;
    postgres?: Kills;
    broker?: BrokerDown | null;
    sockets?: Sockets;
    crossing?: Crossing;
  };
}

const file = join(import.meta.dirname, '../../bench/SOAK.md');

/** Writes the report, if it is one of all parts, and returns the results in one line. */
export function report(measured: Report, { keep }: { keep: boolean }): Record<string, unknown> {
  if (keep) writeFileSync(file, page(measured));
  const { interleavings, servers, postgres, broker, sockets, crossing } = measured.results;
  return {
    kills: servers?.kills ?? 0,
    postgresKills: postgres?.kills ?? 0,
    interleavings: interleavings?.interleavings ?? 0,
    brokerDownSeconds: broker?.seconds ?? null,
    sockets: sockets?.sockets ?? 0,
    crossings: crossing?.writes ?? 0,
    lost: measured.lost,
    repeated: measured.repeated,
    half: measured.half,
    deliveriesPerSecond: sockets?.deliveriesPerSecond ?? 0,
    p99ms: sockets?.p99ms ?? null,
    burstPerSecond: sockets?.burstPerSecond ?? 0,
    quick: measured.quick,
    seconds: measured.seconds,
  };
}

const number = (value: number): string => value.toLocaleString('en-US');

function page(measured: Report): string {
  const { interleavings, servers, postgres, broker, sockets, crossing } = measured.results;
  const row = (part: string, what: string, result: Verdict | null | undefined): string =>
    result
      ? `| ${part} | ${what} | ${result.lost} | ${result.repeated} | ${result.half} | ${measured.took[part]} |`
      : `| ${part} | left out: no nats-server on the PATH | | | | |`;
  return `# Soak

Nothing lost, nothing twice, nothing half done. Written by \`npm run soak${measured.quick ? ' -- --quick` (counts scaled down' : '` (all counts'}, seed ${measured.seed}, ${measured.seconds} s).

Machine: ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, shared by servers, PostgreSQL and clients. Node ${process.versions.node}, the embedded PostgreSQL 18, durable.

| part | what was done | lost | repeated | half | seconds |
| --- | --- | ---: | ---: | ---: | ---: |
${row('interleavings', `${number(interleavings?.interleavings ?? 0)} interleavings of ${number(interleavings?.transactions ?? 0)} transactions held open before their rules, their writes, behind these or behind the feed's counter, let go in random order, ${number(interleavings?.givenUp ?? 0)} of them taken back; four readers page through the feed of another process meanwhile`, interleavings)}
${row('servers', `${servers?.kills} × \`kill -9\` of the server that 8 clients write to; ${number(servers?.acknowledged ?? 0)} opportunities acknowledged, ${number(servers?.retried ?? 0)} repetitions under the same key`, servers)}
${row('postgres', `${postgres?.kills} × \`kill -9\` of PostgreSQL below 8 clients; ${number(postgres?.acknowledged ?? 0)} opportunities acknowledged, ${number(postgres?.retried ?? 0)} repetitions`, postgres)}
${row('broker', `NATS killed under writes and back after ${broker?.seconds} s; ${number(broker?.events ?? 0)} events published, ${number(broker?.meanwhile ?? 0)} of them committed meanwhile`, broker)}
${row('sockets', `${number(sockets?.sockets ?? 0)} sockets on one process, ${number(sockets?.delivered ?? 0)} deliveries; all cut off at once under writes, each goes on behind the last event it saw`, sockets)}
${row('crossing', `${number(crossing?.writes ?? 0)} writes through two servers, told by both to ${crossing?.subscribers} subscribers`, crossing)}

"Half" counts opportunities without their audit entry, event or history or the other way round, keys without their answer, answers that were neither an acknowledgement nor "try again", and sockets that the server closed.

## Sockets

| what | value |
| --- | ---: |
| deliveries a second, written to steadily | ${number(sockets?.deliveriesPerSecond ?? 0)} |
| sending of the write to its event on a socket: p50, p99, longest | ${sockets?.p50ms} ms, ${sockets?.p99ms} ms, ${sockets?.longestMs} ms |
| deliveries a second, written to without pause | ${number(sockets?.burstPerSecond ?? 0)} |
| until all were subscribed, at first and after all were cut off | ${sockets?.opening.toFixed(1)} s, ${sockets?.reopening.toFixed(1)} s |
| memory of the server at the end | ${sockets?.memoryMb} MB |
`;
}
