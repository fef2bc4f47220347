// Directories that are made, moved and removed.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RETRY_LIMIT_MS, WINDOWS } from './cluster.js';

/** Part of the name of directories that are not yet in their place. */
export const UNFINISHED = '.unfinished-';

/** The real path of a directory that exists afterwards; one made here can be entered (not listed) by PostgreSQL's account. */
export function makeDirectory(path: string): string {
  if (fs.mkdirSync(path, { recursive: true }) !== undefined && process.getuid?.() === 0) fs.chmodSync(path, 0o711);
  return fs.realpathSync(path);
}

/** A short name for any text, the same everywhere. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Paths of everything below a directory, relative to it. */
export function everythingBelow(root: string): string[] {
  return fs.readdirSync(root, { recursive: true, encoding: 'utf8' });
}

/** Lets every account read a directory with all that is in it. */
export function openToAll(root: string): void {
  for (const name of ['', ...everythingBelow(root)]) {
    const path = join(root, name);
    const stat = fs.lstatSync(path);
    if (stat.isDirectory()) fs.chmodSync(path, 0o755);
    else if (!stat.isSymbolicLink()) fs.chmodSync(path, (stat.mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}

/** Renames a directory; if another process was faster its result stands and ours is left to be removed. */
export async function moveIntoPlace(from: string, to: string): Promise<void> {
  const began = Date.now();
  for (;;) {
    try {
      return fs.renameSync(from, to);
    } catch (error) {
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST') || fs.existsSync(to)) return;
      // On Windows a virus scanner may still have a new file open.
      if (!WINDOWS || Date.now() - began > RETRY_LIMIT_MS) throw error;
      await delay(100);
    }
  }
}

/** Removes a directory with all that is in it; it may be absent. */
export function removeAll(path: string): void {
  fs.rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Whether an error of the system bears one of the codes, such as ENOENT. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
