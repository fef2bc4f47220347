// The directory outside of the project, for what another account must reach.
import * as fs from 'node:fs';
import { ADVICE } from './cluster.js';

/** Its path; nothing is made. */
export function sharedPath(): string {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? '/var/tmp/crm-graph' : `/var/tmp/crm-graph-${uid}`;
}

/** The directory outside of the project, for what other accounts must reach. Refused if anybody else could have put something there. */
export function sharedDirectory(): string {
  const uid = process.getuid?.();
  const path = sharedPath();
  if (fs.mkdirSync(path, { recursive: true }) !== undefined) fs.chmodSync(path, 0o755);
  const stat = fs.lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o022) !== 0)
    throw new Error(`${path} is not safe to use because other accounts can write to it: remove it, or ${ADVICE}.`);
  return path;
}
