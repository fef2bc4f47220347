import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { someOf } from '../support/generated.js';
import { crm } from '../support/database.js';
import { address, ownerUrl, send, serverUrl, testSecret } from '../support/http.js';
import { noDailyJobs } from '../support/quick.js';
import { customer } from '../support/records.js';
import { startAnother } from '../support/server.js';
import { tenant } from '../support/tenant.js';
import { version } from '../support/version.js';

// The command line as operators use it: what it prints, what it refuses, with which exit code, and what comes of it.

const production = (): Record<string, string> => ({
  ...noDailyJobs,
  NODE_ENV: 'production',
  CRM_DATABASE_URL: serverUrl(),
  CRM_DATABASE_OWNER_URL: ownerUrl(),
  AUTH_JWT_SECRET: testSecret(),
});
const said = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await crm(production(), ...args);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
};

/** Every command, as its own help lists it. */
async function commandsBelow(path: readonly string[]): Promise<string[][]> {
  const help = await said(...path, '--help');
  const [, list = ''] = /\nCommands:\n([^]*?)(?:\n\n|$)/.exec(help) ?? [];
  const names = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!);
  return [[...path], ...(await Promise.all(names.map((name) => commandsBelow([...path, name])))).flat()];
}

test('a reader that has had enough of the output ends the command, and nothing is said', async () => {
  // `true` ends at once and reads nothing: what is written then fails
  const ended = (line: string): Promise<{ stderr: string; stdout: string }> =>
    promisify(execFile)('bash', ['-c', `${line} | true; echo "\${PIPESTATUS[0]}"`], {
      env: { ...process.env, ...production() },
      cwd: join(__dirname, '../..'),
    });
  expect(await ended(`{ sleep 0.2; '${process.execPath}' bin/crm.mjs --help; }`)).toEqual({
    stdout: '141\n',
    stderr: '',
  });
});

test('every command says what it does, with examples, and refuses an option that it does not have', async () => {
  const commands = await commandsBelow([]);
  expect(commands.map((path) => path.join(' ')).toSorted()).toEqual([
    '',
    'db',
    'db check',
    'db demo',
    'db distribute',
    'db down',
    'db migrate',
    'db url',
    'export',
    'job',
    'start',
    'tenant',
    'tenant create',
    'tenant list',
    'tenant update',
    'token',
  ]);
  const groups = ['', 'db', 'tenant'];
  await Promise.all(
    commands.map(async (path) => {
      const help = await said(...path, '--help');
      expect(help).toContain(`Usage: ${['crm', ...path].join(' ')} `);
      if (!groups.includes(path.join(' '))) expect(help).toMatch(/^Examples:\n {2}\$ .*crm /m);
      const see = `See \`${['crm', ...path].join(' ')} --help\`.\n`;
      const refused = await crm({}, ...path, '--nonsense');
      expect([refused.code, refused.stdout]).toEqual([1, '']);
      // what must be given is missed first
      expect(refused.stderr).toMatch(/^(Unknown option '--nonsense'|Required option '.*' not specified)\. /);
      expect(refused.stderr.endsWith(see)).toBe(true);
    }),
  );
}, 120_000);

test('it says its version, and what it does not know', async () => {
  expect(await said('--version')).toBe(`${version}\n`);
  expect(await crm({}, 'nonsense')).toEqual({
    code: 1,
    stdout: '',
    stderr: "Unknown command 'nonsense'. See `crm --help`.\n",
  });
  expect(await crm({}, 'job', 'nonsense')).toMatchObject({ code: 1, stderr: expect.stringContaining('health') });
  expect((await crm({}, 'tenant', 'create')).stderr).toBe(
    "Missing required argument 'code'. See `crm tenant create --help`.\n",
  );
});

test('a tenant is created, listed, changed and closed; what was done is written down in it', async () => {
  const { platform } = await tenant();
  const code = `c-${randomUUID()}`;
  expect(
    await said(
      'tenant',
      'create',
      code,
      '--name',
      '华信',
      '--time-zone',
      'europe/berlin',
      '--currency',
      'EUR',
      '--language',
      'en',
    ),
  ).toBe(`Created tenant ${code}. A token for it: crm token --tenant ${code} --role tenant_admin\n`);
  expect(await said('tenant', 'update', code, '--name', '华信集团', '--no-active')).toBe(`Changed tenant ${code}.\n`);
  const listed = JSON.parse(await said('tenant', 'list', '--json')) as Array<{ code: string }>;
  expect(listed.find((one) => one.code === code)).toEqual({
    id: expect.any(String),
    number: expect.any(Number),
    code,
    name: '华信集团',
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    language: 'en',
    active: false,
  });
  expect((await said('tenant', 'list')).split('\n').find((line) => line.includes(code))).toMatch(
    /^\d+ +c-\S+ +华信集团 +Europe\/Berlin +EUR +en +no$/,
  );
  const { body } = await platform.graph.raw(
    '{ auditEntries { nodes { operation actorLogin channel } } changes { events { type } } }',
    {},
    { 'x-tenant-id': code },
  );
  expect(body.data).toEqual({
    auditEntries: {
      nodes: [
        { operation: 'tenant.update', actorLogin: 'system', channel: 'SYSTEM' },
        { operation: 'tenant.create', actorLogin: 'system', channel: 'SYSTEM' },
      ],
    },
    changes: { events: [{ type: 'crm.tenant.created' }, { type: 'crm.tenant.updated' }] },
  });
});

test.each(
  someOf<[string[], string | RegExp]>(
    [
      [['tenant', 'create', 'a b'], 'code is not valid.\n'],
      [['tenant', 'create', 'x', '--time-zone', 'Mars'], 'timeZone is not valid.\n'],
      [['tenant', 'create', 'x', '--currency', 'ABC'], 'currency is not valid.\n'],
      [['tenant', 'update', 'missing'], 'There is no tenant missing; `crm tenant list` shows which there are.\n'],
      [
        ['job', 'health', '--tenant', 'missing'],
        'There is no active tenant missing; `crm tenant list` shows which there are.\n',
      ],
      [
        ['export', 'customers', '--tenant', 'missing'],
        'There is no tenant missing; `crm tenant list` shows which there are.\n',
      ],
      [
        ['db', 'down'],
        /^This takes migration \d{4}-\S+ back on \S+ and drops what it added, with its data: say --yes to do so\.\n$/,
      ],
      [['token', '--role', 'king'], /^--role must be one or more of platform_admin, .*; it is "king"\.\n$/],
      [['token', '--expires', 'soon'], '--expires must be a time such as 2h or 30d; it is soon.\n'],
    ],
    3,
  ),
)('%j is refused in one sentence, with exit code 1', async (args, sentence) => {
  const { code, stdout, stderr } = await crm(production(), ...args);
  expect([code, stdout, stderr]).toEqual([
    1,
    '',
    typeof sentence === 'string' ? sentence : expect.stringMatching(sentence),
  ]);
});

test('what a token says is what the server believes', async () => {
  const { code, admin } = await tenant();
  await admin.id();
  const token = (
    await said('token', '--tenant', code, '--role', 'sales', '--subject', 'li.lei', '--name', '李雷')
  ).trim();
  const { body } = await send(
    'POST',
    '/graphql',
    { authorization: `Bearer ${token}` },
    { query: '{ viewer { roles tenant { code } user { login name } } }' },
  );
  expect(body.data.viewer).toEqual({ roles: ['SALES'], tenant: { code }, user: { login: 'li.lei', name: '李雷' } });
});

test('a list is written as a file, the same as the server answers; nothing is left of one that is refused', async () => {
  const { code, admin } = await tenant();
  for (const name of ['甲', '乙']) await customer(admin, { name, phone: '13800138000' });
  const directory = await mkdtemp(join(tmpdir(), 'crm-export-'));
  const file = join(directory, 'customers.csv');
  const order = '[{"field":"NAME","direction":"DESC"}]';
  expect(await said('export', 'customers', '--tenant', code, '--order-by', order, '--output', file)).toBe(
    `Wrote ${file}.\n`,
  );
  const served = await fetch(`${address()}/export/customers.csv?orderBy=${encodeURIComponent(order)}`, {
    headers: { authorization: `Bearer ${admin.token}`, 'accept-language': 'zh' },
  });
  expect(await readFile(file, 'utf8')).toBe(
    new TextDecoder('utf-8', { ignoreBOM: true }).decode(await served.arrayBuffer()),
  );
  expect(JSON.parse(await said('export', 'customers', '--tenant', code, '--format', 'json'))).toHaveLength(2);
  const refused = await crm(
    production(),
    'export',
    'customers',
    '--tenant',
    code,
    '--filter',
    '{',
    '--output',
    join(directory, 'no'),
  );
  expect([refused.code, refused.stderr]).toEqual([1, 'The request is not valid: filter must be JSON.\n']);
  expect(await readdir(directory)).toEqual(['customers.csv']);
});

test('a job runs in the tenant that is named', async () => {
  const { code, admin } = await tenant();
  await customer(admin, { name: '甲' });
  expect(await said('job', 'health', '--tenant', code)).toBe(`${code}: 1 customers scored\n`);
});

describe('a start that fails says in one sentence which key to change', () => {
  test('a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => taken.once('listening', done));
    const { port } = taken.address() as AddressInfo;
    try {
      const started = await startAnother({ NODE_ENV: 'test', AUTH_JWT_SECRET: testSecret(), PORT: String(port) });
      expect([started.code, started.stderr, started.stdout]).toEqual([
        1,
        `Port ${port} of 127.0.0.1 is in use by another program: stop it, or choose another port with PORT.\n`,
        '',
      ]);
    } finally {
      taken.close();
    }
  });

  test.each([
    [
      'HOST',
      { HOST: '192.0.2.1' },
      'This machine has no address 192.0.2.1: choose another one with HOST, e.g. 127.0.0.1.\n',
    ],
    [
      'CRM_DATABASE_URL',
      { CRM_DATABASE_URL: 'postgres://a:b@127.0.0.1:1/crm', CRM_DATABASE_OWNER_URL: 'postgres://a:b@127.0.0.1:1/crm' },
      'The database cannot be reached at 127.0.0.1:1 (ECONNREFUSED); see CRM_DATABASE_URL and CRM_DATABASE_OWNER_URL.\n',
    ],
    [
      'a database that there is not',
      { CRM_DATABASE_OWNER_URL: '' },
      /^PostgreSQL refuses: database "nowhere" does not exist; see CRM_DATABASE_URL and CRM_DATABASE_OWNER_URL\.\n$/,
    ],
  ])('%s', async (_what, environment, sentence) => {
    const elsewhere = new URL(ownerUrl());
    elsewhere.pathname = '/nowhere';
    const given = 'CRM_DATABASE_OWNER_URL' in environment && environment.CRM_DATABASE_OWNER_URL === '';
    const started = await startAnother({
      NODE_ENV: 'test',
      AUTH_JWT_SECRET: testSecret(),
      ...environment,
      ...(given && { CRM_DATABASE_OWNER_URL: elsewhere.href }),
    });
    expect([started.code, started.stderr, started.stdout]).toEqual([
      1,
      typeof sentence === 'string' ? sentence : expect.stringMatching(sentence),
      '',
    ]);
  });
});
