// Starts the server, or adopts the one that runs.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { program } from './binaries.js';
import { ADVICE, type Cluster, connectionString, durability, HOST, RETRY_LIMIT_MS, SUPERUSER } from './cluster.js';
import { freePort } from './listening.js';
import { LOG_FILE, openLog, readLogFrom, reason } from './log.js';
import { PASSWORD_FILE, readPasswords } from './passwords.js';
import {
  isPostmaster,
  type Postmaster,
  type PostmasterFile,
  readPostmasterFile,
  recovered,
  samePath,
  shutDown,
} from './postmaster.js';
import { endOf, spawnOptions } from './programs.js';

/** Ends with a running server of the cluster: the one that runs already, or a new one. */
export async function bringUp(cluster: Cluster): Promise<Postmaster & { adopted: boolean }> {
  const began = Date.now();
  let failure = '';
  while (Date.now() - began < RETRY_LIMIT_MS) {
    const found = readPostmasterFile(cluster);
    if (found !== undefined && isPostmaster(found.pid, cluster)) {
      const adopted = await adopt(cluster, found);
      if (adopted !== undefined) return { ...adopted, adopted: true };
      failure = `process ${found.pid} holds the directory, is ${found.status || 'silent'} and does not answer to the password in ${PASSWORD_FILE}`;
      await delay(50);
    } else {
      const started = await launch(cluster, found?.pid);
      if ('pid' in started) return { ...started, adopted: false };
      failure = started.failure;
      await delay(100);
    }
  }
  throw new Error(
    `PostgreSQL could not be started in ${cluster.data} (${failure}): see ${LOG_FILE} there, or ${ADVICE}.`,
  );
}

/** The running server if it is ours and of the wanted durability; undefined if it should be looked at again in a moment. */
async function adopt(cluster: Cluster, found: PostmasterFile): Promise<Postmaster | undefined> {
  const status = await recovered(cluster, found.pid);
  if (status?.status !== 'ready') return undefined;
  const settings = await inquire(cluster, status.port);
  if (settings === undefined) return undefined;
  if (!samePath(settings.directory, cluster.data))
    throw new Error(
      `The PostgreSQL named in ${join(cluster.data, 'postmaster.pid')} serves ${settings.directory}: stop that one first.`,
    );
  if (settings.durable !== cluster.durable) {
    cluster.log(
      `Restarting PostgreSQL (process ${status.pid}), which runs with fsync ${settings.durable ? 'on' : 'off'}.`,
    );
    await shutDown(cluster, status.pid);
    return undefined;
  }
  cluster.log(`Using PostgreSQL on ${HOST}:${status.port} (process ${status.pid}), which was already running.`);
  return status;
}

/** Logging in proves both sides: SCRAM also shows us that the server knows our password. */
async function inquire(cluster: Cluster, port: number): Promise<{ directory: string; durable: boolean } | undefined> {
  const url = connectionString(SUPERUSER, readPasswords(cluster).superuser, port, 'postgres');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query(
      "SELECT current_setting('data_directory') AS directory, current_setting('fsync') = 'on' AS durable",
    );
    return rows[0];
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Starts a server; `stale` is the process named by a left-over postmaster.pid that is no postmaster of this cluster. */
async function launch(cluster: Cluster, stale: number | undefined): Promise<Postmaster | { failure: string }> {
  const port = await freePort();
  const { descriptor, size } = openLog(cluster);
  // PostgreSQL takes any running process (even a zombie) for the owner of the lock, unless it learns that it is its own
  // grandparent. Removing the file instead would switch off its check for surviving backends.
  const env = stale === undefined ? {} : { PG_GRANDPARENT_PID: String(stale) };
  const child = spawn(program(cluster.native, 'postgres'), serverArguments(cluster, port), {
    ...spawnOptions(cluster),
    env,
    detached: true,
    stdio: ['ignore', descriptor, descriptor],
  });
  const ended = endOf(child);
  fs.closeSync(descriptor);
  const status = child.pid === undefined ? undefined : await recovered(cluster, child.pid, ended);
  if (status?.status === 'ready') {
    child.unref();
    cluster.log(`Started PostgreSQL on ${HOST}:${port} (process ${status.pid}), data in ${cluster.data}.`);
    return status;
  }
  if (child.pid !== undefined && isPostmaster(child.pid, cluster)) {
    child.unref();
    return { failure: 'it is still recovering' };
  }
  const { message } = await ended.promise;
  return { failure: message ?? reason(readLogFrom(cluster, size)) };
}

function serverArguments(cluster: Cluster, port: number): string[] {
  const settings = {
    port,
    listen_addresses: HOST,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '256MB',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_destination: 'stderr',
    logging_collector: 'off',
  };
  return [
    '-D',
    cluster.data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ...durability(cluster),
  ];
}
