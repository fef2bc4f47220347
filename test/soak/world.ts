import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../../src/database/embedded.js';
import { sign } from '../../src/identity/token.js';

const project = resolve(import.meta.dirname, '../..');
const secret = 'the soak signs its tokens with this secret';

/** A server process of the soak. */
export interface Process {
  address: string;
  pid: number;
  /** kills it as a crash would, and resolves when it is gone */
  kill: () => Promise<void>;
  stop: () => Promise<void>;
}

/** A data directory of its own, with an embedded PostgreSQL that keeps what it has acknowledged, and servers on it. */
export interface World {
  /** Starts a server; resolves when it listens. */
  server: (env?: Record<string, string>) => Promise<Process>;
  /** Process id of the PostgreSQL that runs at this moment. */
  postmaster: () => number;
  /** Addresses of the database as it runs at this moment; starts it if it does not. */
  database: () => Promise<{ ownerUrl: string; serverUrl: string }>;
  /** Asks the database as its owner inside a tenant: what is stored, not what a server says. */
  sql: (tenant: string, text: string, values?: unknown[]) => Promise<Array<Record<string, string>>>;
  /** Ends everything that was started here and removes the directory. */
  end: () => Promise<void>;
}

export async function makeWorld(): Promise<World> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'crm-soak-')));
  // as root, PostgreSQL runs as another account, which must be able to enter the directory
  chmodSync(directory, 0o711);
  const running = new Set<Process>();
  const embedded = (): ReturnType<typeof startEmbedded> =>
    startEmbedded({ dir: directory, durable: true, log: () => {} });
  return {
    server: async (env = {}) => {
      const made = await startServer({ CRM_DATA_DIR: directory, ...env });
      running.add(made);
      return made;
    },
    postmaster: () => Number(readFileSync(join(directory, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]),
    database: embedded,
    sql: async (tenant, text, values = []) => {
      const client = new pg.Client({
        connectionString: (await embedded()).ownerUrl,
        types: { getTypeParser: () => String },
      });
      await client.connect();
      try {
        await client.query("select set_config('app.tenant_id', (select id::text from tenant where code = $1), false)", [
          tenant,
        ]);
        return (await client.query<Record<string, string>>(text, values)).rows;
      } finally {
        await client.end();
      }
    },
    end: async () => {
      await Promise.all([...running].map(({ kill }) => kill()));
      await (await embedded()).stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Starts the server with that environment and nothing else of configuration. */
async function startServer(env: Record<string, string>): Promise<Process> {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, ['--import', join(project, 'src/swc-hook.mjs'), join(project, 'src/main.ts')], {
    cwd: project,
    env: {
      PATH,
      HOME,
      ...(TMPDIR && { TMPDIR }),
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      AUTH_JWT_SECRET: secret,
      CRM_TENANT_AUTOCREATE: '1',
      CRM_HEALTH_AT: 'off',
      CRM_RECYCLE_AT: 'off',
      CRM_DATABASE_POOL: '10',
      LOG_LEVEL: 'info',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = endOf(child);
  const end = (signal: 'SIGKILL' | 'SIGTERM') => async (): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  let output = '';
  const address = await new Promise<string>((settle, reject) => {
    const take = (chunk: unknown): void => {
      output = `${output}${String(chunk)}`.slice(-8_000);
      const found = /listening at (http:[^"\s]+)/.exec(output)?.[1];
      if (found) settle(found);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    void ended.then(() => reject(new Error(`A server did not start:\n${output}`)));
  });
  return { address, pid: child.pid!, kill: end('SIGKILL'), stop: end('SIGTERM') };
}

export const endOf = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((settle) => child.once('close', () => settle()));

/** A manager's token. */
export const tokenFor = (tenant: string, subject = 'manager'): Promise<string> =>
  sign(secret, {}, { subject, tenant, roles: ['manager'] });

export interface Answer {
  status: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

/** Sends an operation; throws where no answer comes. */
export async function ask(
  address: string,
  token: string,
  query: string,
  variables: object,
  key?: string,
): Promise<Answer> {
  const response = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(key && { 'idempotency-key': key }),
    },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, body: await response.json() };
}

export function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((settle) =>
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => settle(port));
    }),
  );
}

/** Numbers that are the same in every run from the same seed. */
export function random(seed: number): { below: (limit: number) => number; shuffled: <T>(list: readonly T[]) => T[] } {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const shuffled = <T>(list: readonly T[]): T[] => {
    const mixed = [...list];
    for (let index = mixed.length - 1; index > 0; index -= 1) {
      const other = below(index + 1);
      [mixed[index], mixed[other]] = [mixed[other]!, mixed[index]!];
    }
    return mixed;
  };
  return { below, shuffled };
}

export const pause = (ms: number): Promise<void> => new Promise((settle) => setTimeout(settle, ms));

/** Waits until something holds; fails where it does not within so many seconds. */
export async function until(what: string, seconds: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + seconds * 1_000; !(await holds()); await pause(50))
    if (Date.now() > end) throw new Error(`Within ${seconds} s it did not come to pass that ${what}.`);
}
