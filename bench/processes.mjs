// Contenders as processes of their own, and what they use, as /proc reports it.
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const hook = path.join(root, 'src/swc-hook.mjs');

export const poolSize = 10;

/** As the image starts it. */
const production = ['--max-semi-space-size=16', '--no-allocation-site-pretenuring'];

const scripts = {
  server: 'dist/src/main.js',
  floor: 'bench/contenders/floor.mjs',
  postgraphile: 'bench/contenders/postgraphile.mjs',
  naive: 'bench/contenders/naive.mjs',
  collector: 'bench/contenders/collector.mjs',
};

/** Compiles the server once, as it is compiled for production. */
let isBuilt = false;
function build() {
  if (!isBuilt)
    execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', root], {
      stdio: 'inherit',
    });
  isBuilt = true;
}

/** Starts a contender and waits until its port answers. */
export async function start(name, port, { ownerUrl, serverUrl, rivalUrl }, secret, flags = [], others = {}) {
  const environment =
    name === 'server'
      ? {
          CRM_DATABASE_URL: serverUrl,
          CRM_DATABASE_OWNER_URL: ownerUrl,
          CRM_DATABASE_POOL: String(poolSize),
          AUTH_JWT_SECRET: secret,
          CRM_DEMO_DATA: '0',
          CRM_HEALTH_AT: 'off',
          LOG_LEVEL: 'warn',
          HOST: '127.0.0.1',
        }
      : { BENCH_DATABASE_URL: rivalUrl, BENCH_POOL: String(poolSize), GRAPHILE_ENV: 'production' };
  if (name === 'server') build();
  const child = spawn(
    process.execPath,
    [
      ...flags,
      ...(name === 'naive' ? ['--import', hook] : []),
      ...(name === 'server' ? production : []),
      path.join(root, scripts[name]),
    ],
    {
      cwd: root,
      env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: String(port), ...environment, ...others },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let complaint = '';
  child.stderr.on('data', (chunk) => (complaint = `${complaint}${chunk}`.slice(-4000)));
  const contender = { name, port, pid: child.pid, complaint: () => complaint, stop: () => stop(child) };
  for (
    const began = Date.now();
    Date.now() - began < 60_000;
    await new Promise((resolve) => setTimeout(resolve, 100))
  ) {
    if (child.exitCode !== null) throw new Error(`${name} did not start: ${complaint}`);
    if (
      await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) }).then(
        () => true,
        () => false,
      )
    )
      return contender;
  }
  await stop(child);
  throw new Error(`${name} did not answer within a minute: ${complaint}`);
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}

/** Fields of /proc/<pid>/stat behind the name, from `state` on. */
const stat = (pid) => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};
const ticks = (fields) => Number(fields[11]) + Number(fields[12]);
const perTick = 10_000;

/** CPU that a process has used so far, in microseconds (Linux; its clock counts in 10 ms). */
export const cpuOf = (pid) => ticks(stat(pid)) * perTick;

/** CPU of a PostgreSQL with all of its processes, those that have ended included, in microseconds. */
export function cpuOfPostgres(postmaster) {
  const own = stat(postmaster);
  let sum = ticks(own) + Number(own[13]) + Number(own[14]);
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const fields = stat(entry);
      if (Number(fields[1]) === postmaster) sum += ticks(fields);
    } catch {
      // ended meanwhile
    }
  }
  return sum * perTick;
}

/** CPU that a process has used so far, in nanoseconds. */
export function nanosecondsOf(pid) {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      // ended meanwhile
    }
  }
  return sum;
}

/** The processes that a process has started and whose command lines have such a form. */
export const childrenOf = (parent, named) =>
  readdirSync('/proc').filter((entry) => {
    try {
      return (
        /^\d+$/.test(entry) &&
        Number(stat(entry)[1]) === parent &&
        named.test(readFileSync(`/proc/${entry}/cmdline`, 'utf8'))
      );
    } catch {
      return false;
    }
  });

/** Resident memory in MB. */
export const residentMb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
