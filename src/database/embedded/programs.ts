// Runs the programs of PostgreSQL.
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { program } from './binaries.js';
import type { Cluster } from './cluster.js';

/** An empty environment: LANG, PGDATA or secrets of ours are none of PostgreSQL's business. Node adds what Windows needs. */
export function spawnOptions({ account, data }: Cluster): SpawnOptions {
  return {
    cwd: data,
    env: {},
    windowsHide: true,
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  };
}

/** Runs a program to its end, as the cluster's account. */
export async function run(
  cluster: Cluster,
  name: 'initdb' | 'postgres' | 'pg_ctl',
  args: string[],
  input = '',
): Promise<{ code: number | null; output: string }> {
  const child = spawn(program(cluster.native, name), args, { ...spawnOptions(cluster), stdio: 'pipe' });
  const ended = endOf(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin?.on('error', () => {}); // a program that ends early closes its input; its exit code is more informative
  child.stdin?.end(input);
  const { code, message } = await ended.promise;
  return { code, output: message ?? output };
}

interface End {
  yet: boolean;
  promise: Promise<{ code: number | null; /** why it could not be run at all */ message?: string }>;
}

/** Reports whether and how a process ended. */
export function endOf(child: ChildProcess): End {
  const end: End = {
    yet: false,
    promise: new Promise((settle) => {
      child.once('error', (error) => settle({ code: null, message: error.message }));
      child.once('close', (code) => settle({ code }));
    }),
  };
  void end.promise.then(() => (end.yet = true));
  return end;
}
