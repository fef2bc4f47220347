import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Ended } from '../support/scratch.js';
import { address } from '../support/http.js';
import { tenant, type Data } from '../support/tenant.js';

// The set-ups of docs/clients.md, which are the files of test/clients, against this server.

const project = resolve(__dirname, '../..');
const clients = join(project, 'test/clients');
const { dependencies } = JSON.parse(readFileSync(join(clients, 'package.json'), 'utf8')) as Data;
const binary = (name: string): string => join(clients, 'node_modules/.bin', name);

beforeAll(async () => {
  if (existsSync(binary('relay-compiler'))) return;
  const { code, stderr } = await program('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], clients);
  if (code !== 0) throw new Error(stderr);
}, 600_000);

const program = (file: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  new Promise((settle) => {
    // oxlint-disable-next-line node/no-process-env
    execFile(file, args, { cwd, env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      settle({ code: error ? Number(error.code) || 1 : 0, stdout, stderr }),
    );
  });

/** Five customers of a tenant; the caller may do everything but administer it. */
async function world(): Promise<NodeJS.ProcessEnv> {
  const t = await tenant();
  for (const name of ['甲', '乙', '丙', '丁', '戊'])
    expect(
      await t.admin.graph.userErrors(
        'mutation ($input: CustomerInput!) { customerCreate(input: $input) { userErrors { code } } }',
        {
          input: { name, creditLimit: { amount: '1234567.50', currency: 'CNY' } },
        },
      ),
    ).toEqual([]);
  return { CRM_URL: address(), CRM_TOKEN: t.manager.token };
}

/** What an example says of what it has seen. */
async function example(tool: string): Promise<Data> {
  const { code, stdout, stderr } = await program(
    process.execPath,
    [join(clients, tool, 'example.ts')],
    clients,
    await world(),
  );
  if (code !== 0) throw new Error(`${tool} ended with ${code}:\n${stdout}\n${stderr}`);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const rows: string[] = [];
/** What has been shown of a tool goes into the table of the document. */
const shown = (tool: string, packages: readonly string[], result: string): void => {
  rows.push(`| ${tool} | ${packages.map((name) => `${name} ${dependencies[name]}`).join(', ')} | ${result} |`);
};

test('Apollo Client', async () => {
  expect(await example('apollo')).toEqual({
    pages: [4, 5],
    changed: [[], '改名'],
    conflict: ['VERSION_CONFLICT', '改名'],
    refused: [['REQUIRED', ['input', 'name']]],
    beside: [null, ['MANAGER'], expect.stringContaining('没有权限')],
    event: ['UPDATED', true],
    file: '名单.csv',
  });
  shown(
    'Apollo Client',
    ['@apollo/client', 'graphql-ws'],
    'queries, pages, changes in the cache, conflicts, errors beside data, subscriptions, files',
  );
});

test('urql', async () => {
  expect(await example('urql')).toEqual({
    pages: [4, 5],
    changed: [[], '改名'],
    conflict: ['VERSION_CONFLICT', '改名'],
    beside: [null, ['MANAGER'], 1],
    event: ['UPDATED', true],
  });
  shown(
    'urql',
    ['@urql/core', '@urql/exchange-graphcache', 'graphql-ws'],
    'queries, pages, changes in the cache, conflicts, errors beside data, subscriptions; no warning of the cache',
  );
});

test('Relay', async () => {
  const directory = join(clients, 'relay');
  rmSync(join(directory, '__generated__'), { recursive: true, force: true });
  mkdirSync(join(directory, '__generated__'));
  const { code, stdout, stderr } = await program(binary('relay-compiler'), [], directory);
  expect([code, `${stdout}${stderr}`.match(/warn|error/gi)]).toEqual([0, null]);
  expect(await example('relay')).toEqual({ roles: ['MANAGER'], userErrors: [], name: '改名' });
  shown(
    'Relay',
    ['relay-compiler', 'relay-runtime'],
    'the compiler takes the schema without a warning; queries, changes in the store',
  );
});

test('GraphQL Code Generator', async () => {
  const directory = join(clients, 'codegen');
  rmSync(join(directory, 'gql'), { recursive: true, force: true });
  expect((await program(binary('graphql-codegen'), [], directory)).code).toBe(0);
  const { code, stdout } = await program(join(project, 'node_modules/.bin/tsc'), ['-p', clients], clients);
  expect([code, stdout]).toEqual([0, '']);
  const types = readFileSync(join(directory, 'gql/graphql.ts'), 'utf8');
  expect(
    /createdAt: string, hiddenFields: Array<string>, credit: .*limit: { amount: string, currency: string }/.test(types),
  ).toBe(true);
  shown(
    'GraphQL Code Generator',
    ['@graphql-codegen/cli', '@graphql-codegen/client-preset'],
    'types of operations and scalars; they and the set-ups above compile',
  );
});

test('the document says what ran', () => {
  const [, table] =
    /<!-- what ran -->\n([^]*?)\n<!-- \/what ran -->/.exec(readFileSync(join(project, 'docs/clients.md'), 'utf8')) ??
    [];
  expect(table).toBe(['| tool | version | shown |', '| --- | --- | --- |', ...rows].join('\n'));
});
