// npm run bench [-- --quick] [--growth] [--texts] [--export] [--reports [--customers 100000]] [--weights] [--attacks] [--tracing] [--deployments] [--only W1,W3] [--contenders server,floor] [--rounds 5] [--seconds 3] [--profile] [--compare]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import path from 'node:path';
import { sign } from '../src/identity/token.js';
import { underAttack } from './attacks.mjs';
import { openData } from './data.mjs';
import { deployed } from './deployments.mjs';
import { exportAll } from './export.mjs';
import { grow } from './growth.mjs';
import { clientOf, ask, press } from './load.mjs';
import { cpuOf, cpuOfPostgres, residentMb, start } from './processes.mjs';
import { medianOf, ratiosOf, report } from './report.mjs';
import { reportsAtSize } from './reports.mjs';
import { newTexts } from './texts.mjs';
import { traced } from './tracing.mjs';
import { inRounds } from './rounds.mjs';
import { weigh } from './weights.mjs';
import { draws, has, normal, requests, titles, workloads } from './workloads.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
    texts: { type: 'boolean', default: false },
    export: { type: 'boolean', default: false },
    reports: { type: 'boolean', default: false },
    customers: { type: 'string' },
    weights: { type: 'boolean', default: false },
    attacks: { type: 'boolean', default: false },
    tracing: { type: 'boolean', default: false },
    deployments: { type: 'boolean', default: false },
    only: { type: 'string' },
    contenders: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    profile: { type: 'boolean', default: false },
    compare: { type: 'boolean', default: false },
  },
});
const secret = 'the bench signs its own tokens with this secret';
const rounds = Number(options.rounds ?? (options.quick ? 3 : 5));
const milliseconds = 1000 * Number(options.seconds ?? (options.quick ? 1.2 : 3));
const chosen = options.only?.split(',') ?? workloads;
const names = options.contenders?.split(',') ?? ['server', 'floor', 'postgraphile', 'naive'];
const size = options.compare
  ? { tenants: 3, customers: 300, activities: 5 }
  : { tenants: 20, customers: options.quick ? 20_000 : 100_000, activities: 5 };
const kind = options.quick ? 'quick' : 'full';

const tokens = new Map();
async function signAll(codes) {
  for (const code of codes)
    tokens.set(
      code,
      await sign(secret, {}, { subject: 'tenant_admin', tenant: code, roles: ['tenant_admin'], expiresIn: '1d' }),
    );
}
const codeOf = (_, index) => (index === 0 ? 'demo' : `demo${index + 1}`);

/** What has the server write a CPU profile when it ends, if that is asked for. */
const profiled = () =>
  options.profile ? ['--cpu-prof', '--cpu-prof-dir', path.join(import.meta.dirname, '.data/profiles')] : [];

/** Every contender answers the same questions; all answers have to be equal. Returns how many were compared. */
async function compare(contenders, world) {
  const questions = { W1: options.quick ? 100 : 200, W2: 20, W3: 3, W4: 20, W5: 50 };
  for (const workload of chosen) {
    for (let n = 0; n < questions[workload]; n += 1) {
      const draw = draws[workload](world);
      let first;
      for (const { name, client } of contenders) {
        if (!has(name, workload)) continue;
        const text = await ask(client, requests[name][workload](draw), tokens.get(draw.code));
        const answer = normal(name, workload, JSON.parse(text));
        first ??= { name, answer };
        if (answer !== first.answer)
          throw new Error(
            `${workload}: ${name} and ${first.name} differ:\n${answer.slice(0, 1500)}\n${first.answer.slice(0, 1500)}`,
          );
      }
    }
  }
  return Object.fromEntries(chosen.map((workload) => [workload, questions[workload]]));
}

async function measure({ name, client, pid }, workload, world, postmaster, duration) {
  const before = [cpuOf(pid), cpuOfPostgres(postmaster)];
  const next = () => {
    const draw = draws[workload](world);
    return { request: requests[name][workload](draw), token: name === 'server' ? tokens.get(draw.code) : undefined };
  };
  const { count, seconds, times } = await press(client, next, duration);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))];
  return {
    rate: count / seconds,
    p50: at(0.5),
    p99: at(0.99),
    node: (cpuOf(pid) - before[0]) / count,
    postgres: (cpuOfPostgres(postmaster) - before[1]) / count,
    memory: residentMb(pid),
  };
}

async function main() {
  if (options.growth) {
    await signAll(['demo']);
    return grow({ secret, token: tokens.get('demo'), milliseconds, max: options.quick ? 10_000 : Infinity });
  }
  if (options.reports) {
    await signAll(['demo']);
    return reportsAtSize({
      secret,
      token: tokens.get('demo'),
      ...(options.customers && { customers: Number(options.customers) }),
    });
  }
  if (options.weights) {
    await signAll(['demo']);
    return weigh({ secret, token: tokens.get('demo'), only: options.only });
  }
  if (options.attacks) {
    const tokenOf = (code, subject) =>
      sign(secret, {}, { subject, tenant: code, roles: ['tenant_admin'], expiresIn: '1d' });
    return underAttack({ secret, tokenOf, only: options.only, rounds: Number(options.rounds ?? 3), flags: profiled() });
  }
  if (options.texts) {
    await signAll(['demo']);
    const operator = await sign(
      secret,
      {},
      {
        subject: 'operator',
        tenant: 'demo',
        roles: ['platform_admin'],
        expiresIn: '1d',
      },
    );
    return newTexts({ secret, token: tokens.get('demo'), operator, count: options.quick ? 20_000 : 200_000 });
  }
  if (options.export) {
    const signed = (code) =>
      sign(secret, {}, { subject: 'tenant_admin', tenant: code, roles: ['tenant_admin'], expiresIn: '1d' });
    return exportAll({ secret, signed, max: options.quick ? 100_000 : Infinity });
  }
  if (options.tracing) {
    const world = { codes: Array.from({ length: size.tenants }, codeOf), customers: size.customers / size.tenants };
    await signAll(world.codes);
    return traced({
      secret,
      measure,
      workloads: chosen.filter((workload) => has('server', workload)),
      titles,
      world,
      size,
      kind,
      rounds,
      milliseconds,
    });
  }
  if (options.deployments) {
    const small = { ...size, customers: 20_000 };
    const world = { codes: Array.from({ length: small.tenants }, codeOf), customers: small.customers / small.tenants };
    await signAll(world.codes);
    const asked = chosen.filter((workload) => has('server', workload));
    return deployed({ secret, tokens, workloads: asked, titles, world, size: small, rounds, milliseconds });
  }
  const data = await openData(options.compare ? 'compare' : kind, size);
  const world = { codes: Array.from({ length: size.tenants }, codeOf), customers: size.customers / size.tenants };
  await signAll(world.codes);
  const contenders = [];
  try {
    for (const [index, name] of names.entries()) {
      const flags = name === 'server' ? profiled() : [];
      const contender = await start(name, 18_400 + index, data, secret, flags);
      contenders.push({ ...contender, client: clientOf(contender.port) });
    }
    const compared = await compare(contenders, world);
    process.stdout.write(`Answers are equal: ${JSON.stringify(compared)}\n`);
    if (options.compare) return;
    const results = await inRounds({
      rounds,
      milliseconds,
      workloads: chosen,
      contendersOf: (workload) => contenders.filter(({ name }) => has(name, workload)),
      labelOf: ({ name }) => name,
      measure: (contender, workload, duration) => measure(contender, workload, world, data.pid, duration),
      said: (round, so) =>
        process.stdout.write(
          `round ${round} of ${rounds}: ${chosen.map((workload) => `${workload} ${medianOf(so, workload, 'server', 'rate')?.toFixed(0)}/s, ${medianOf(so, workload, 'server', 'node')?.toFixed(0)} µs`).join(' · ')}\n`,
        ),
    });
    const ratios = ratiosOf(results, chosen);
    const text = report({
      results,
      workloads: chosen,
      titles,
      compared,
      counts: data.counts,
      rounds,
      milliseconds,
      quick: options.quick,
    });
    if (options.only === undefined && options.contenders === undefined)
      writeFileSync(path.join(import.meta.dirname, options.quick ? '.data/RESULTS-quick.md' : 'RESULTS.md'), text);
    else process.stdout.write(text);
    process.stdout.write(`${JSON.stringify(ratios)}\n`);
  } finally {
    for (const { client, stop, complaint, name } of contenders) {
      if (complaint()) process.stderr.write(`${name} said: ${complaint().slice(0, 600)}\n`);
      await client.destroy();
      await stop();
    }
    if (!data.adopted) await data.stop();
  }
}

await main();
