import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  lchownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { startEmbedded } from '../../src/database/embedded.js';
import { program } from '../../src/database/embedded/binaries.js';
import { connectionString, SERVER, SUPERUSER } from '../../src/database/embedded/cluster.js';
import { readPasswords } from '../../src/database/embedded/passwords.js';
import { locate } from '../../src/database/embedded/place.js';
import { spawnOptions } from '../../src/database/embedded/programs.js';
import { freePort } from './ports.js';

/** A streaming replica. */
export interface Replica {
  /** its address for the server's role */
  url: string;
  /** asks it as superuser */
  sql: (text: string) => Promise<string | null>;
  /** ends it as a crash would */
  kill(): Promise<void>;
  /** starts it again */
  start(): Promise<void>;
  /** stops its processes, so that it neither answers nor refuses */
  suspend(): void;
  resume(): void;
}

/** A PostgreSQL of a test's own with streaming replicas. */
export interface Replicated {
  ownerUrl: string;
  serverUrl: string;
  directory: string;
  replicas: Replica[];
  /** asks the primary as superuser */
  sql: (text: string) => Promise<string | null>;
  stop(): Promise<void>;
}

/** Starts a PostgreSQL and so many streaming replicas of it, from the embedded programs. */
export async function replicated(count: number): Promise<Replicated> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'crm-replicated-')));
  chmodSync(directory, 0o711);
  const options = { dir: directory, durable: true, log: () => {} };
  const first = await startEmbedded(options);
  const cluster = await locate(options);
  const { superuser, server } = readPasswords(cluster);
  const asSuperuser = (port: string | number) => async (text: string) => {
    const client = new pg.Client({
      connectionString: connectionString(SUPERUSER, superuser, Number(port), 'postgres'),
    });
    client.on('error', () => {});
    await client.connect();
    try {
      return Object.values((await client.query<Record<string, string>>(text)).rows[0] ?? {})[0] ?? null;
    } finally {
      await client.end();
    }
  };
  const before = asSuperuser(new URL(first.ownerUrl).port);
  for (const setting of ["fsync = 'off'", "full_page_writes = 'off'", "wal_keep_size = '512MB'"])
    await before(`alter system set ${setting}`);
  appendFileSync(join(cluster.data, 'pg_hba.conf'), 'host replication all 127.0.0.1/32 scram-sha-256\n');
  await first.stop();
  const copies = Array.from({ length: count }, (_, index) => {
    const data = join(directory, `replica-${index + 1}`);
    cpSync(cluster.data, data, { recursive: true, preserveTimestamps: true });
    chmodSync(data, 0o700);
    if (cluster.account) giveAway(data, cluster.account);
    return data;
  });
  const primary = await startEmbedded(options);
  const { port } = new URL(primary.ownerUrl);
  const replicas = await Promise.all(
    copies.map(async (data, index): Promise<Replica> => {
      const own = await freePort();
      for (const [name, text] of [
        ['standby.signal', ''],
        [
          'replica.conf',
          `primary_conninfo = 'host=127.0.0.1 port=${port} user=${SUPERUSER} password=${superuser} application_name=replica${index + 1}'\n`,
        ],
      ] as const) {
        writeFileSync(join(data, name), text);
        if (cluster.account) lchownSync(join(data, name), cluster.account.uid, cluster.account.gid);
      }
      appendFileSync(join(data, 'postgresql.conf'), "include 'replica.conf'\n");
      const sql = asSuperuser(own);
      let child: ChildProcess | undefined;
      const start = async (): Promise<void> => {
        const settings = {
          port: own,
          listen_addresses: '127.0.0.1',
          unix_socket_directories: '',
          max_connections: 200,
          shared_buffers: '64MB',
          jit: 'off',
          timezone: 'UTC',
          hot_standby_feedback: 'on',
          wal_retrieve_retry_interval: '200ms',
        };
        const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
        let said = '';
        child = spawn(program(cluster.native, 'postgres'), ['-D', data, ...args], {
          ...spawnOptions({ ...cluster, data }),
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        child.stderr!.on('data', (chunk) => (said = (said + String(chunk)).slice(-4_000)));
        for (;;) {
          if (child.exitCode !== null) throw new Error(`The replica did not start:\n${said}`);
          if (await sql('select 1').catch(() => undefined)) return;
          await pause(50);
        }
      };
      await start();
      const family = (): number[] => [child!.pid!, ...childrenOf(child!.pid!)];
      return {
        url: connectionString(SERVER, server, own),
        sql,
        start,
        kill: async () => {
          if (!child || child.exitCode !== null) return;
          const ended = once(child, 'close');
          for (const pid of family()) process.kill(pid, 'SIGCONT');
          child.kill('SIGQUIT');
          await ended;
        },
        suspend: () => family().forEach((pid) => process.kill(pid, 'SIGSTOP')),
        resume: () => family().forEach((pid) => process.kill(pid, 'SIGCONT')),
      };
    }),
  );
  return {
    ownerUrl: primary.ownerUrl,
    serverUrl: primary.serverUrl,
    directory,
    replicas,
    sql: asSuperuser(port),
    stop: async () => {
      await Promise.all(replicas.map((replica) => replica.kill()));
      await primary.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function giveAway(path: string, { uid, gid }: { uid: number; gid: number }): void {
  lchownSync(path, uid, gid);
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true }))
    lchownSync(join(entry.parentPath, entry.name), uid, gid);
}

/** The processes that a process has started. */
const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        // the name of the program may hold anything, in parentheses
        return readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1] === String(pid);
      } catch {
        return false;
      }
    })
    .map(Number);
