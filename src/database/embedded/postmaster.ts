// The running server: its file, its process, its end.
import * as fs from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, RECOVERY_LIMIT_MS, RETRY_LIMIT_MS, WINDOWS } from './cluster.js';
import { hasCode } from './files.js';
import { run } from './programs.js';

const STOP_LIMIT_MS = 60_000;

/** What `postmaster.pid` says. */
export interface PostmasterFile {
  pid: number;
  port: number;
  /** starting, ready, stopping; empty while the file is still being written */
  status: string;
}

export interface Postmaster {
  pid: number;
  port: number;
}

/** Waits while the process is alive and not yet ready; undefined if it never wrote its postmaster.pid. */
export async function recovered(
  cluster: Cluster,
  pid: number,
  ended: { yet: boolean } = { yet: false },
): Promise<PostmasterFile | undefined> {
  const began = Date.now();
  for (;;) {
    const file = readPostmasterFile(cluster);
    const own = file?.pid === pid ? file : undefined;
    const waited = Date.now() - began;
    // Another's file stays where our process failed to get the lock; a file that is not there yet is soon to come.
    const pending = own === undefined ? waited < RETRY_LIMIT_MS : own.status === '' || own.status === 'starting';
    if (!pending || ended.yet || waited > RECOVERY_LIMIT_MS || !isPostmaster(pid, cluster)) return own;
    await delay(4);
  }
}

/** Stops the server and waits until it is gone; does nothing if it was. */
export async function shutDown(cluster: Cluster, pid: number): Promise<void> {
  const began = Date.now();
  if (isPostmaster(pid, cluster)) await askToStop(cluster, pid);
  while (isPostmaster(pid, cluster)) {
    if (Date.now() - began > STOP_LIMIT_MS)
      throw new Error(`PostgreSQL (process ${pid}) did not stop within ${STOP_LIMIT_MS / 1000} s.`);
    await delay(5);
  }
}

async function askToStop(cluster: Cluster, pid: number): Promise<void> {
  // On Windows a signal from Node is a kill; pg_ctl knows PostgreSQL's own way there.
  if (WINDOWS) await run(cluster, 'pg_ctl', ['stop', '-D', cluster.data, '-m', 'fast']);
  else signal(pid, 'SIGINT');
}

/** False if there is no such process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    if (name === 0 && hasCode(error, 'EPERM')) return true;
    throw error;
  }
}

/** Reads postmaster.pid; undefined where there is none to read. */
export function readPostmasterFile(cluster: Cluster): PostmasterFile | undefined {
  try {
    const lines = fs.readFileSync(join(cluster.data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return pid > 0 ? { pid, port: Number(lines[3]), status: lines[7]?.trim() ?? '' } : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EBUSY', 'EACCES')) return undefined;
    throw error;
  }
}

/**
 * Whether this running process is the postmaster of the cluster. Process ids are used again, by anything; where /proc is
 * absent the answer is only that the process lives. A zombie has an empty command line.
 */
export function isPostmaster(pid: number, cluster: Cluster): boolean {
  if (process.platform !== 'linux') return signal(pid, 0);
  try {
    const [name = '', ...args] = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return basename(name) === 'postgres' && args.includes(cluster.data);
  } catch {
    return false;
  }
}

/** Whether two paths name the same place. */
export function samePath(one: string, other: string): boolean {
  return resolve(one) === resolve(other);
}
