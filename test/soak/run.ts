// npm run soak [-- --quick] [-- --only sockets,crossing]: nothing lost, nothing twice, nothing half done, under everything that goes wrong.
import { parseArgs } from 'node:util';
import { breakBroker } from './broker.js';
import { cross } from './crossing.js';
import { interleave } from './interleavings.js';
import { killPostgres, killServers } from './kills.js';
import { report, type Report } from './report.js';
import { fillSockets } from './sockets.js';
import { add, clean, type Verdict } from './verdict.js';
import { makeWorld, type World } from './world.js';

/** How much of everything. */
const full = {
  interleavings: 10_000,
  kills: 200,
  postgresKills: 20,
  brokerSeconds: 60,
  sockets: 5_000,
  socketSeconds: 30,
  crossings: 1_000,
};
const quick = {
  interleavings: 1_000,
  kills: 12,
  postgresKills: 2,
  brokerSeconds: 8,
  sockets: 5_000,
  socketSeconds: 8,
  crossings: 200,
};
/** Writes in a second that are told to every socket: with 5,000 of these, 50,000 deliveries. */
const writesPerSecond = 10;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const sizes = values.quick ? quick : full;
const seed = Number(values.seed);
const began = Date.now();

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const every =
  (step: number) =>
  (done: number): void => {
    if (done % step === 0) say(`  ${done}`);
  };

const parts: Record<string, (world: World) => Promise<Verdict | null>> = {
  interleavings: (world) => interleave(world, sizes.interleavings, seed, every(1_000)),
  servers: (world) => killServers(world, sizes.kills, seed, every(10)),
  postgres: (world) => killPostgres(world, sizes.postgresKills, seed, every(5)),
  broker: (world) => breakBroker(world, sizes.brokerSeconds),
  sockets: (world) =>
    fillSockets(world, sizes.sockets, sizes.socketSeconds, writesPerSecond, (line) => say(`  ${line}`)),
  crossing: (world) => cross(world, sizes.crossings),
};

const wanted = values.only?.split(',') ?? Object.keys(parts);
const unknown = wanted.find((name) => !parts[name]);
if (unknown) throw new Error(`There is no part ${unknown}; there are ${Object.keys(parts).join(', ')}.`);
const verdict = clean();
const results: Record<string, object | null> = {};
const seconds: Record<string, number> = {};
for (const name of wanted) {
  say(name);
  const start = Date.now();
  const world = await makeWorld();
  try {
    const result = await parts[name]!(world);
    results[name] = result;
    if (result) add(verdict, result);
    say(`  ${result ? JSON.stringify(result) : 'left out: there is no nats-server on the PATH'}`);
  } finally {
    await world.end();
  }
  seconds[name] = Math.round((Date.now() - start) / 1_000);
}
const measurements: Report = {
  quick: values.quick,
  seed,
  seconds: Math.round((Date.now() - began) / 1_000),
  sizes,
  took: seconds,
  results: results as Report['results'],
  ...verdict,
};
const summary = report(measurements, { keep: !values.only });
say(JSON.stringify(summary));
process.exit(verdict.lost + verdict.repeated + verdict.half > 0 ? 1 : 0);
