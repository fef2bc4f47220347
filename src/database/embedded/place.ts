// Where the cluster is, and which account runs it.
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { canEnter, ownerOf, unprivilegedAccount } from './account.js';
import { packagedBinaries, runnableBinaries } from './binaries.js';
import { type Cluster, WINDOWS } from './cluster.js';
import { digest, makeDirectory } from './files.js';
import { sharedDirectory, sharedPath } from './shared.js';

/** What is asked of {@link startEmbedded}. */
export interface EmbeddedOptions {
  /**
   * Data directory of the project, made if absent. The cluster lives in `dir/postgres`, or below `/var/tmp/crm-graph`
   * when this process is root and the account that runs PostgreSQL cannot enter `dir`.
   */
  dir: string;
  /** false gives up safety for speed (tests): a crash may lose the last commits or the cluster; a server that runs the other way is restarted */
  durable: boolean;
  /** receives one-line messages for people */
  log: (line: string) => void;
}

/** Finds or chooses the cluster's directory, its account and its programs. */
export async function locate({ dir, durable, log }: EmbeddedOptions): Promise<Cluster> {
  const asked = makeDirectory(dir);
  const packaged = packagedBinaries();
  if (process.getuid?.() !== 0) {
    const data = join(asked, 'postgres');
    refuseForeignCluster(data);
    return { data, account: undefined, native: await runnableBinaries(packaged, undefined), durable, log };
  }
  const elsewhere = join(sharedPath(), `data-${digest(asked)}`);
  const existing = [asked, elsewhere].map((base) => join(base, 'postgres')).find((data) => fs.existsSync(data));
  const account = existing === undefined ? unprivilegedAccount() : ownerOf(existing);
  const base = existing === undefined ? (canEnter(account, asked) ? asked : elsewhere) : dirname(existing);
  if (base === elsewhere) makeDirectory(join(sharedDirectory(), basename(elsewhere)));
  if (!canEnter(account, base))
    throw new Error(
      `The database in ${join(base, 'postgres')} belongs to account ${account.name}, which cannot enter ${base}.`,
    );
  if (base === elsewhere)
    log(
      `Account ${account.name}, which runs PostgreSQL, cannot enter ${asked}: the database is kept in ${elsewhere}, which the system may clear of old files.`,
    );
  return { data: join(base, 'postgres'), account, native: await runnableBinaries(packaged, account), durable, log };
}

function refuseForeignCluster(data: string): void {
  const owner = fs.statSync(data, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || WINDOWS || owner === process.getuid?.()) return;
  throw new Error(
    `The database in ${data} belongs to account number ${owner}: start as that account or as root, or choose another data directory.`,
  );
}
