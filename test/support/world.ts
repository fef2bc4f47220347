// A process of its own for one test run: a throw-away PostgreSQL and one real server on it. Prints one line of JSON
// (see `World`) when both are up, relays the server's warnings, and takes everything down when its standard input ends,
// which also happens when the test run is killed.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { startEmbedded } from '../../src/database/embedded.js';
import { quickWebhooks } from './quick.js';

export interface World {
  /** where the server listens, e.g. `http://127.0.0.1:40123` */
  address: string;
  ownerUrl: string;
  serverUrl: string;
}

const project = resolve(import.meta.dirname, '../..');
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'crm-test-')));
// as root, PostgreSQL runs as another account, which must be able to enter the directory
chmodSync(directory, 0o711);

const database = await startEmbedded({ dir: directory, durable: false, log: () => {} });
const server = spawn(process.execPath, ['--import', join(project, 'src/swc-hook.mjs'), join(project, 'src/main.ts')], {
  cwd: project,
  env: {
    ...process.env,
    ...quickWebhooks,
    PORT: '0',
    CRM_DATA_DIR: directory,
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: database.ownerUrl,
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
let stopping = false;

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  if (server.exitCode === null && server.signalCode === null) {
    const ended = new Promise((done) => server.once('exit', done));
    server.kill('SIGTERM');
    const killer = setTimeout(() => server.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(killer);
  }
  await database.stop();
  rmSync(directory, { recursive: true, force: true });
  process.exit(code);
}

process.once('uncaughtException', (error) => {
  process.stderr.write(`${error.stack}\n`);
  void stop(1);
});
server.once('exit', (code, signal) => {
  if (stopping) return;
  process.stderr.write(`the server under test ended by itself (${code ?? signal})\n`);
  void stop(1);
});
process.stdin.resume().once('end', () => void stop(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop(0));

const warning = 40;

createInterface({ input: server.stdout }).on('line', (line) => {
  const entry = logEntry(line);
  const address = /listening at (http:\S+)/.exec(entry.msg ?? '')?.[1];
  if (address)
    process.stdout.write(
      `${JSON.stringify({ address, ownerUrl: database.ownerUrl, serverUrl: database.serverUrl } satisfies World)}\n`,
    );
  else if ((entry.level ?? 0) >= warning) process.stderr.write(`${line}\n`);
});

/** A line of the server's log; what it prints for people is none. */
function logEntry(line: string): { level?: number; msg?: string } {
  try {
    return JSON.parse(line) as { level?: number; msg?: string };
  } catch {
    return {};
  }
}
