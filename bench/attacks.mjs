// npm run bench -- --attacks: each attack of the list by one tenant, as often as one user's rate limit lets them strike, and what
// the light queries of another tenant take before and meanwhile.
import { spawn } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { quotas } from '../src/core/quotas.js';
import { attacks } from '../test/support/attacks.js';
import { openData } from './data.mjs';
import { ask, clientOf } from './load.mjs';
import { cpuOf, cpuOfPostgres, residentMb, start } from './processes.mjs';

const quietMs = 3_000;
const attackMs = 4_000;
/** How many light queries are sent in a second: so many that a single one decides nothing. */
const rate = 100;
/** How many strikes are begun in a second at most: what is more is 429, whatever it asks. */
const strikesPerSecond = quotas.user.count / quotas.user.seconds;
const light = {
  method: 'POST',
  path: '/graphql',
  body: JSON.stringify({ query: '{ customers(first: 5) { totalCount nodes { name owner { name } } } }' }),
};

/** Sends light queries at a steady rate for so long; what each took in milliseconds, counted from when it was due. */
async function sample(client, token, milliseconds) {
  const took = [];
  const asked = [];
  let failed = 0;
  const began = performance.now();
  for (let n = 0; n < (milliseconds / 1_000) * rate; n += 1) {
    const due = began + (n * 1_000) / rate;
    await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    // when this process was late, the server is not to blame
    const since = Math.max(due, performance.now());
    asked.push(
      ask(client, light, token).then(
        () => took.push(performance.now() - since),
        () => (failed += 1),
      ),
    );
  }
  await Promise.all(asked);
  took.sort((a, b) => a - b);
  const at = (share) => took[Math.min(took.length - 1, Math.floor(share * took.length))] ?? Infinity;
  return { p50: at(0.5), p99: at(0.99), failed };
}

/** Starts the attack in a process of its own; resolves once it has begun. `done` is what came of it. */
function strike(name, address, token) {
  const hook = path.resolve(import.meta.dirname, '../src/swc-hook.mjs');
  const child = spawn(
    process.execPath,
    [
      '--import',
      hook,
      path.join(import.meta.dirname, 'attacker.mjs'),
      name,
      address,
      token,
      String(attackMs + 1_000),
      String(strikesPerSecond),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  const done = new Promise((resolve) =>
    child.once('close', () => resolve(text.trim() ? JSON.parse(text) : { strikes: 0, outcomes: {}, cpu: 0 })),
  );
  return new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      text += chunk;
      resolve({ done });
    });
    child.once('exit', () => resolve({ done }));
  });
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

export async function underAttack({ secret, tokenOf, only, rounds, flags }) {
  const data = await openData('weights', { tenants: 2, customers: 5_100, largest: 5_000, activities: 5 });
  const server = await start('server', 18_493, data, secret, flags);
  const client = clientOf(server.port);
  const other = await tokenOf('demo2', 'somebody');
  const chosen = attacks.filter(({ name }) => !only || only.split(',').some((part) => name.includes(part)));
  const measured = new Map(chosen.map((attack) => [attack, []]));
  const perMs = (before, after) => (100 * (after - before)) / (attackMs * 1_000);
  try {
    await sample(client, other, 2_000);
    for (let round = 0; round < rounds; round += 1)
      for (const attack of chosen) {
        const quiet = await sample(client, other, quietMs);
        // another user each time, who has not used up what a user may ask
        const attacker = await tokenOf('demo', `attacker ${round} ${attack.name}`);
        const { done } = await strike(attack.name, `http://127.0.0.1:${server.port}`, attacker);
        await new Promise((resolve) => setTimeout(resolve, 500));
        const before = [cpuOf(server.pid), cpuOfPostgres(data.pid)];
        const during = await sample(client, other, attackMs);
        const after = [cpuOf(server.pid), cpuOfPostgres(data.pid)];
        const { strikes, outcomes, cpu } = await done;
        measured.get(attack).push({
          quiet,
          during,
          strikes,
          outcomes,
          ratio: during.p99 / quiet.p99,
          server: perMs(before[0], after[0]),
          postgres: perMs(before[1], after[1]),
          attacker: (100 * cpu) / ((attackMs + 1_000) * 1_000),
          memory: residentMb(server.pid),
        });
        process.stdout.write(`${row(attack, measured.get(attack).slice(-1))}\n`);
        // what it left behind is gone before the next one
        await new Promise((resolve) => setTimeout(resolve, 1_500));
      }
  } finally {
    await client.destroy();
    await server.stop();
    if (!data.adopted) await data.stop();
  }
  const text = report([...measured], rounds);
  if (!only) writeFileSync(path.join(import.meta.dirname, 'ATTACKS.md'), text);
  else process.stdout.write(text);
}

const ms = (value) => (value === Infinity ? '–' : value.toFixed(1));
const ratioOf = (runs) => median(runs.map(({ ratio }) => ratio));

function row(attack, runs) {
  const came = {};
  for (const { outcomes } of runs)
    for (const [outcome, count] of Object.entries(outcomes)) came[outcome] = (came[outcome] ?? 0) + count;
  const of = (value) => median(runs.map(value));
  const percents = [of((run) => run.server), of((run) => run.postgres), of((run) => run.attacker)];
  return `| ${[
    attack.name,
    attack.refused,
    of((run) => run.strikes),
    Object.entries(came)
      .map(([outcome, count]) => `${count} × ${outcome}`)
      .join('<br>') || 'none ended',
    percents.map((percent) => percent.toFixed(0)).join(' · '),
    `${ms(of((run) => run.quiet.p50))} · ${ms(of((run) => run.quiet.p99))}`,
    `${ms(of((run) => run.during.p50))} · ${ms(of((run) => run.during.p99))}`,
    ratioOf(runs).toFixed(1),
    runs.reduce((sum, { during }) => sum + during.failed, 0),
    of((run) => run.memory).toFixed(0),
  ].join(' | ')} |`;
}

const report = (lines, rounds) => `# Attacks

Each attack of the list (\`test/support/attacks.ts\`) by one user of a tenant of 5,000 customers: 24 requests at once, or 200 connections where
it holds them, and no more than ${strikesPerSecond} strikes a second, which is what the rate limit of a user lets through. Meanwhile ${rate} light queries a
second of another tenant on the same server, each after as long without an attack (\`npm run bench -- --attacks\`). Medians of ${rounds} rounds of
${attackMs / 1_000} s. The attacker is a process of low priority on the same machine of ${availableParallelism()} processors, whose load over 15 minutes was ${loadavg()[2].toFixed(1)} at the
end. CPU is in percent of one processor: of the server · of PostgreSQL · of the attacker.

| attack | refused how | strikes | what came of all | CPU % | quiet p50 · p99 ms | meanwhile p50 · p99 ms | p99 ratio | light queries failed | server MB |
| --- | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |
${lines.map((line) => row(...line)).join('\n')}

The ratio is to stay below 3. Over it: ${
  lines
    .filter(([, runs]) => !(ratioOf(runs) < 3))
    .map(([{ name }, runs]) => `${name} (${ratioOf(runs).toFixed(1)})`)
    .join(', ') || 'none'
}.
`;
