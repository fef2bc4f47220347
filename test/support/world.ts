// A process of its own for one test run: a throw-away PostgreSQL and real servers on it. Prints one line of JSON (see
// `World`) when the first server is up, relays what the servers warn of, makes databases and further servers when it is
// asked to (see `control.ts`), and takes everything down when its standard input ends, which also happens when the run is killed.
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { log } from '../../src/core/log.js';
import { startEmbedded } from '../../src/database/embedded.js';
import { migrate } from '../../src/database/open.js';
import ormOptions from '../../mikro-orm.config.js';
import type { DatabaseWish, MadeDatabase, ServerWish } from './control.js';
import { Databases } from './databases.js';
import { secretsIn } from './logged.js';
import { launch, type Started } from './launch.js';
import { noDailyJobs, quickWebhooks, rareRounds } from './quick.js';

export interface World {
  /** where the first server listens, e.g. `http://127.0.0.1:40123` */
  address: string;
  ownerUrl: string;
  serverUrl: string;
  /** where this process takes wishes, see `control.ts` */
  control: string;
}

log.level = 'warn';
const project = resolve(import.meta.dirname, '../..');
const secret = process.env['AUTH_JWT_SECRET']!;
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'crm-test-')));
// as root, PostgreSQL runs as another account, which must be able to enter the directory
chmodSync(directory, 0o711);

const cluster = await startEmbedded({ dir: directory, durable: false, log: () => {} });
const servers: Array<Promise<Started>> = [];
let stopping = false;

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  const killer = setTimeout(() => void Promise.all(servers.map(async (one) => (await one).kill())), 5_000);
  await Promise.all(servers.map(async (one) => (await one).stop()));
  clearTimeout(killer);
  await cluster.stop();
  rmSync(directory, { recursive: true, force: true });
  const { lines, found } = await secretsIn(process.env['CRM_TEST_LOG']!, [secret]);
  process.stderr.write(`${lines} lines of the servers' logs were looked through for secrets.\n`);
  for (const line of found) process.stderr.write(`A server has logged what nobody may read there: ${line}\n`);
  process.exit(found.length > 0 ? 3 : code);
}

process.once('uncaughtException', (error) => {
  process.stderr.write(`${error.stack}\n`);
  void stop(1);
});
process.stdin.resume().once('end', () => void stop(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop(0));

/** Starts a server that lives as long as the run. */
async function serve(environment: Record<string, string>): Promise<Started> {
  const starting = launch(project, environment, relay);
  servers.push(starting);
  const started = await starting;
  if (!started.address) throw new Error(`A server for the tests did not start:\n${started.stdout}\n${started.stderr}`);
  return started;
}

const warning = 40;

function relay(line: string): void {
  if (levelOf(line) >= warning && !stopping) process.stderr.write(`${line}\n`);
}

/** Of a line of the server's log; what it prints for people has none. */
function levelOf(line: string): number {
  try {
    return (JSON.parse(line) as { level?: number }).level ?? 0;
  } catch {
    return 0;
  }
}

const databases = new Databases(cluster, directory);
const { CRM_TEST_OWNER_URL: given, CRM_TEST_SERVER_URL: givenToServers } = process.env;
if (given) await migrate(given, ormOptions);
const { ownerUrl, serverUrl } =
  given && givenToServers ? { ownerUrl: given, serverUrl: givenToServers } : await databases.make();
const first = {
  ...quickWebhooks,
  ...rareRounds,
  ...noDailyJobs,
  NODE_ENV: 'test',
  // everything there is to log, since the log is looked through for secrets
  LOG_LEVEL: 'debug',
  CRM_ACCESS_LOG: '1',
  AUTH_JWT_SECRET: secret,
  CRM_TENANT_AUTOCREATE: '1',
  CRM_DATA_DIR: directory,
  CRM_DATABASE_URL: serverUrl,
  CRM_DATABASE_OWNER_URL: ownerUrl,
};
const address = (await serve(first)).address!;

/** Servers by their environment and place. */
const shared = new Map<string, Promise<Started>>();

function another({ environment, place }: ServerWish): Promise<Started> {
  const key = JSON.stringify([place, Object.entries(environment).toSorted()]);
  if (!shared.has(key)) shared.set(key, serve(environment));
  return shared.get(key)!;
}

const wishes: Record<string, (wish: never) => Promise<unknown>> = {
  '/databases': (wish: DatabaseWish): Promise<MadeDatabase> => databases.make(wish),
  '/databases/drop': async ({ name }: { name: string }) => {
    for (const [key, server] of shared) {
      if (!key.includes(`/${name}"`)) continue;
      shared.delete(key);
      await (await server).stop();
    }
    await databases.drop(name);
  },
  '/servers': async (wish: ServerWish) => (await another(wish)).address,
  '/servers/output': async (wish: ServerWish) => (await another(wish)).output(),
};

const control = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  request.once('end', async () => {
    try {
      if (request.headers.authorization !== secret) throw new Error('Only the tests of this run are served.');
      const answer = await wishes[request.url!]!(JSON.parse(text) as never);
      response.end(JSON.stringify(answer ?? null));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
});
await new Promise<void>((listening) => control.listen(0, '127.0.0.1', listening));
const { port } = control.address() as { port: number };
process.stdout.write(
  `${JSON.stringify({ address, ownerUrl, serverUrl, control: `http://127.0.0.1:${port}` } satisfies World)}\n`,
);
