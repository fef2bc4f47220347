import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../support/eventually.js';
import { ownCluster, type OwnDatabase } from '../support/database.js';
import { send, testSecret } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';

// Every probe answers while PostgreSQL hangs, and while the disk is full.

let database: OwnDatabase;
let server: Started;
let disk = '';

beforeAll(async () => {
  database = await ownCluster({ durable: false });
  disk = join(database.directory, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', disk]);
  server = await startAnother({
    AUTH_JWT_SECRET: testSecret(),
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: database.ownerUrl,
    CRM_DATA_DIR: disk,
  });
}, 120_000);
afterAll(async () => {
  await server?.stop();
  execFileSync('umount', [disk]);
  await database?.stop();
});

let longest = 0;
afterAll(() => process.stderr.write(`The longest answer took ${Math.round(longest)} ms.\n`));

/** Status, and what is said. */
async function probe(path: string): Promise<[number, unknown]> {
  const since = performance.now();
  const { status, body } = await send('GET', server.address + path);
  longest = Math.max(longest, performance.now() - since);
  return [status, body.reasons ?? body.checks ?? body.status];
}

const paths = ['/livez', '/readyz', '/startupz', '/health', '/api/v1/crm/health'];
const all = (): Promise<unknown[]> => Promise.all(paths.map(probe));
const up = { database: 'up', migrations: 'up' };
const well = [
  [200, 'ok'],
  [200, 'ok'],
  [200, 'ok'],
  [200, up],
  [200, up],
];

/** On a machine that is busy a probe may be too late once. */
const untilWell = (): Promise<unknown> => eventually(all, (answers) => isDeepStrictEqual(answers, well));

test('while PostgreSQL hangs', async () => {
  await untilWell();
  const postmaster = readFileSync(join(database.directory, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]!;
  const children = execFileSync('pgrep', ['-P', postmaster], { encoding: 'utf8' }).trim().split('\n');
  const signal = (name: NodeJS.Signals): void =>
    [postmaster, ...children].forEach((pid) => void process.kill(Number(pid), name));
  signal('SIGSTOP');
  try {
    const down = { database: 'down', migrations: 'unknown' };
    for (let n = 0; n < 3; n += 1)
      expect(await all()).toEqual([
        [200, 'ok'],
        [503, { database: 'unreachable' }],
        [200, 'ok'],
        [503, down],
        [503, down],
      ]);
  } finally {
    signal('SIGCONT');
  }
  await untilWell();
});

test('while the disk is full', async () => {
  const filler = join(disk, 'filler');
  writeFileSync(filler, Buffer.alloc(30 * 1024 * 1024));
  expect(await all()).toEqual([
    [200, 'ok'],
    [503, { disk: 'full' }],
    [200, 'ok'],
    [503, { ...up, disk: 'full' }],
    [503, { ...up, disk: 'full' }],
  ]);
  rmSync(filler);
  await untilWell();
});
