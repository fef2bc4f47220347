import { setTimeout } from 'node:timers/promises';
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ownerUrl, send, serverUrl, testSecret } from '../support/http.js';
import { noDailyJobs } from '../support/quick.js';
import { version } from '../support/version.js';

// What an image holds, laid out as in the image: package.json, the packages of production and what `npm run build` writes.

const project = resolve(__dirname, '../..');
const run = promisify(execFile);
const compiler = join(createRequire(__filename).resolve('typescript/package.json'), '../bin/tsc');
let app: string;
let files: string[];

beforeAll(async () => {
  app = mkdtempSync(join(tmpdir(), 'crm-build-'));
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(project, name), join(app, name));
  const [install] = /npm ci --omit\S+ [^&]*/.exec(readFileSync(join(project, 'Dockerfile'), 'utf8'))!;
  const [npm, ...rest] = install.trim().split(/\s+/);
  await run(npm!, [...rest, '--prefer-offline', '--no-audit', '--no-fund'], { cwd: app });
  await run(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', join(app, 'dist')], { cwd: project });
  await run(process.execPath, ['tools/served-files.mjs', join(app, 'dist')], { cwd: project });
  files = readdirSync(join(app, 'dist'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(app, 'dist').length + 1));
}, 300_000);

afterAll(() => rmSync(app, { recursive: true, force: true }));

test('what is built for production is the server, and neither tests nor tools', () => {
  expect(files).toContain('src/main.js');
  expect([...new Set(files.map((file) => file.split('/')[0]))].sort()).toEqual([
    'mikro-orm.config.js',
    'mikro-orm.config.js.map',
    'node_modules',
    'rest-facade',
    'src',
  ]);
  expect(files.filter((file) => /\.test\.|(^|\/)(test|tests|tools|bench)\//.test(file))).toEqual([]);
});

test('`npm run build` and the image build with the same settings', () => {
  const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  expect(scripts.build).toContain('tsc -p tsconfig.build.json && node tools/served-files.mjs');
  expect(readFileSync(join(project, 'Dockerfile'), 'utf8')).toContain('npm run build');
});

/** Installed packages that ask for a package. */
const neededBy = (name: string): string[] =>
  readdirSync(join(app, 'node_modules'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === 'package.json')
    .map(({ parentPath }) => join(parentPath, 'package.json'))
    .filter((file) => {
      const { dependencies = {} } = JSON.parse(readFileSync(file, 'utf8')) as { dependencies?: object };
      return Object.hasOwn(dependencies, name);
    });

test('nothing is installed that only development needs, and the pages bring what they serve and no more', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    devDependencies: object;
  };
  const sizeOf = (folder: string): number =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  const installed = new Set(readdirSync(join(app, 'node_modules')));
  // what packages of the product ask for as well
  for (const name of Object.keys(devDependencies).filter((each) => installed.has(each)))
    if (neededBy(name).length > 0) installed.delete(name);
  expect(Object.keys(devDependencies).filter((name) => installed.has(name))).toEqual([]);
  const megabytes = (folder: string): number => sizeOf(join(app, folder)) / 2 ** 20;
  expect(megabytes('node_modules')).toBeLessThan(80);
  expect(megabytes('dist/node_modules')).toBeLessThan(12);
});

test('what was built starts in production, knows its version and shows its pages', async () => {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, [join(app, 'dist/src/main.js')], {
    cwd: app,
    env: {
      PATH,
      HOME,
      ...(TMPDIR && { TMPDIR }),
      ...noDailyJobs,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      AUTH_JWT_SECRET: testSecret(),
      CRM_DATABASE_URL: serverUrl(),
      CRM_DATABASE_OWNER_URL: ownerUrl(),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.once('close', done));
  try {
    const address = await new Promise<string>((settle, reject) => {
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += String(chunk);
        const found = /listening at (http:[^"\s]+)/.exec(text)?.[1];
        if (found) settle(found);
      });
      child.once('exit', (code) => reject(new Error(`What was built ended with ${code}: ${text}`)));
    });
    const ready = async (): Promise<boolean> => (await send('GET', `${address}/readyz`)).status === 200;
    for (let tries = 0; tries < 50 && !(await ready()); tries += 1) await setTimeout(200);
    const { status, body } = await send('GET', `${address}/health`);
    expect([status, body.status, body.version]).toEqual([200, 'up', version]);
    for (const page of ['/graphiql', '/api/v1/docs/', '/api/v1/redoc/']) {
      const { status: shown, body: html } = await send('GET', address + page);
      const [file] = new RegExp('/[^"]*static/[^"]+\\.js').exec(String(html)) ?? [];
      expect([page, shown, (await send('GET', address + file)).status]).toEqual([page, 200, 200]);
    }
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}, 60_000);
