import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { unprivilegedAccount } from '../../src/database/embedded/account.js';
import { freePort } from './ports.js';

/** Where the programs are; one that comes earlier in `PATH` than Debian's is taken. */
const environment = { PATH: `${process.env['PATH']}:/usr/sbin` };

/** The version of the PgBouncer that is tested, and whether it carries prepared statements without being told to: since 1.24. */
export function poolerVersion(): { version: string; carriesPrepared: boolean } {
  const [, version, minor] = /PgBouncer (1\.(\d+)\S*)/.exec(
    execFileSync('pgbouncer', ['--version'], { env: environment, encoding: 'utf8' }),
  )!;
  return { version: version!, carriesPrepared: Number(minor) >= 24 };
}

/** A running PgBouncer. */
export interface Pooler {
  /** an address with the pooler's place in it */
  of: (url: string) => string;
  /** what it has logged so far */
  output: () => string;
  /** ends it as a crash would */
  end: () => Promise<void>;
  /** starts it again at the same place */
  start: () => Promise<void>;
  stop: () => Promise<void>;
}

/**
 * Starts PgBouncer before a PostgreSQL whose addresses these are, so that each transaction gets another of few
 * connections. `settings` are lines of its configuration.
 */
export async function pooler(urls: readonly string[], settings: readonly string[] = []): Promise<Pooler> {
  const directory = mkdtempSync(join(tmpdir(), 'crm-pooler-'));
  const port = await freePort();
  const { hostname, port: behind } = new URL(urls[0]!);
  const users = new Map(urls.map((url) => [new URL(url).username, decodeURIComponent(new URL(url).password)]));
  writeFileSync(join(directory, 'users.txt'), [...users].map(([name, word]) => `"${name}" "${word}"\n`).join(''));
  writeFileSync(
    join(directory, 'pgbouncer.ini'),
    [
      '[databases]',
      `* = host=${hostname} port=${behind}`,
      '[pgbouncer]',
      'pool_mode = transaction',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = scram-sha-256',
      `auth_file = ${join(directory, 'users.txt')}`,
      'max_client_conn = 200',
      'default_pool_size = 6',
      ...settings,
      '',
    ].join('\n'),
  );
  const isRoot = process.getuid?.() === 0;
  const account = isRoot ? unprivilegedAccount() : undefined;
  chmodSync(directory, 0o755);
  if (account)
    for (const name of ['users.txt', 'pgbouncer.ini']) chownSync(join(directory, name), account.uid, account.gid);
  let output = '';
  let child: ChildProcess | undefined;
  const isOpen = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  const start = async (): Promise<void> => {
    const started = spawn('pgbouncer', [join(directory, 'pgbouncer.ini')], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(account && { uid: account.uid, gid: account.gid }),
    });
    child = started;
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    while (!(await isOpen())) {
      if (started.exitCode !== null) throw new Error(`PgBouncer did not start:\n${output}`);
      await pause(50);
    }
  };
  const end = async (): Promise<void> => {
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    of: (url) => String(Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) })),
    output: () => output,
    start,
    end,
    stop: async () => {
      await end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
