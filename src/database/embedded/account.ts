// The system account that runs PostgreSQL, and what it may reach.
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { type Account, ADVICE, type Cluster } from './cluster.js';

function accounts(): Account[] {
  return fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/** PostgreSQL refuses to run as root. */
export function unprivilegedAccount(): Account {
  const known = accounts();
  const account = known.find(({ name }) => name === 'postgres') ?? known.find(({ name }) => name === 'nobody');
  if (account === undefined)
    throw new Error(
      `PostgreSQL does not run as root and there is no account postgres or nobody: start as another account, or ${ADVICE}.`,
    );
  return account;
}

/** The account that an existing cluster belongs to. */
export function ownerOf(data: string): Account {
  const { uid, gid } = fs.statSync(data);
  if (uid === 0)
    throw new Error(
      `The database directory ${data} belongs to root, which PostgreSQL does not run as: give it back to the account that made it.`,
    );
  return accounts().find((account) => account.uid === uid) ?? { name: String(uid), uid, gid };
}

/** Whether the account may pass through the directory and all those above it. */
export function canEnter(account: Account, directory: string): boolean {
  const above = dirname(directory);
  return isAllowed(account, directory, 0o1) && (above === directory || canEnter(account, above));
}

/** Whether the account has the permissions of `bits` (4 read, 2 write, 1 enter) on a path. */
export function isAllowed({ uid, gid }: Account, path: string, bits: number): boolean {
  const stat = fs.statSync(path);
  const mode = stat.uid === uid ? stat.mode >> 6 : stat.gid === gid ? stat.mode >> 3 : stat.mode;
  return (mode & bits) === bits;
}

/** Makes a path the property of the cluster's account. */
export function giveAway({ account }: Cluster, path: string): void {
  if (account === undefined) return;
  try {
    fs.chownSync(path, account.uid, account.gid);
  } catch (error) {
    throw new Error(
      `PostgreSQL does not run as root, and ${path} cannot be given to account ${account.name} (${String(error)}): ${ADVICE}.`,
    );
  }
}
