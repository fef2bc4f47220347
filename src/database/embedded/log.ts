// The log of PostgreSQL.
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster.js';

export const LOG_FILE = 'postgres.log';
const LOG_LIMIT_BYTES = 10_000_000;

/** Opens the log for appending, and returns its length. */
export function openLog(cluster: Cluster): { descriptor: number; size: number } {
  const path = join(cluster.data, LOG_FILE);
  if ((fs.lstatSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) fs.renameSync(path, `${path}.old`);
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = fs.constants;
  // The directory belongs to the other account, which must not be able to make root write elsewhere through a link.
  const descriptor = fs.openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  if (cluster.account !== undefined) fs.fchownSync(descriptor, cluster.account.uid, cluster.account.gid);
  return { descriptor, size: fs.fstatSync(descriptor).size };
}

/** What was appended since the log was that long. */
export function readLogFrom(cluster: Cluster, offset: number): string {
  return fs.readFileSync(join(cluster.data, LOG_FILE)).subarray(offset).toString('utf8');
}

/** The line of PostgreSQL's output that says why, without time stamp. */
export function reason(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling =
    lines.findLast((line) => /\b(FATAL|PANIC):|error(:| while)/i.test(line)) ?? lines.at(-1) ?? 'it gave no reason';
  return telling.replace(/^.*?\b(FATAL|PANIC|ERROR):\s*/i, '');
}
