import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildSchema, parse, validate } from 'graphql';
import { filled } from '../support/filled.js';
import { address, send, testSecret } from '../support/http.js';
import { customer, opportunity } from '../support/records.js';
import { tenant, type TestTenant } from '../support/tenant.js';

// The README as a newcomer uses it: what can be pasted is pasted, in order, into one shell.

const root = resolve(__dirname, '../..');
const readme = readFileSync(resolve(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, kind, text]) => ({ kind, text: text! }));

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
  await filled(t);
});

test('every request of the README is answered, for the role that it mints a token for', async () => {
  expect(readme).toContain('--role tenant_admin');
  const requests = blocks.filter(({ kind, text }) => kind === 'sh' && text.includes('curl')).map(({ text }) => text);
  expect(requests.length).toBeGreaterThanOrEqual(3);
  // each answer on a line of its own, and its status; `-o` as it stands
  const shell = `set -euo pipefail
curl() { command curl --fail-with-body --write-out '\\nstatus %{http_code}\\n' "$@"; }
${requests.join('\n').replaceAll('http://127.0.0.1:8001', address())}`;
  const { stdout } = await promisify(execFile)('bash', ['-c', shell], {
    cwd: await mkdtemp(join(tmpdir(), 'crm-readme-')),
    env: { PATH: process.env['PATH'], TOKEN: t.admin.token },
  }).catch(({ stdout: output, stderr }: { stdout: string; stderr: string }) => {
    throw new Error(`${output.slice(-1_000)}\n${stderr}`);
  });
  const statuses = [...stdout.matchAll(/^status (\d+)$/gm)].map(([, status]) => status);
  expect(statuses).toEqual(Array.from({ length: requests.join('\n').split('curl ').length - 1 }, () => '200'));
  const [graph] = stdout.split('\nstatus');
  expect(JSON.parse(graph!)).toEqual({ data: { customers: expect.objectContaining({ nodes: expect.any(Array) }) } });
});

/** What a comment behind a request says of who may send it. */
const mayAsk: Record<string, readonly string[]> = {
  'any role': ['admin', 'manager', 'sales', 'viewer'],
  'administers the tenant': ['admin'],
};

test('a request of the README is answered to whom it says, and refused to others', async () => {
  const requests = [...readme.matchAll(/^curl -s (\S+) +-H "Authorization[^#\n]*# \w+, ([\w ]+):/gm)];
  expect(requests).toHaveLength(4);
  for (const [, url, who] of requests)
    for (const name of ['admin', 'manager', 'sales', 'viewer'] as const) {
      const path = url!.replace('http://127.0.0.1:8001', '');
      const { status } = await send('GET', path, { authorization: `Bearer ${t[name].token}` });
      expect([path, name, status]).toEqual([path, name, mayAsk[who!]!.includes(name) ? 200 : 403]);
    }
  expect(readme).toContain('for the roles `manager`, `tenant_admin` and');
  for (const name of ['admin', 'manager', 'sales', 'viewer'] as const) {
    const { status } = await send('GET', '/export/customers.xlsx', { authorization: `Bearer ${t[name].token}` });
    expect([name, status]).toEqual([name, ['admin', 'manager'].includes(name) ? 200 : 403]);
  }
});

test('the subscription of the README sends what happens', async () => {
  const [subscription] = blocks.filter(({ kind, text }) => kind === 'graphql' && text.includes('subscription'));
  const live = await t.admin.subscribe(subscription!.text);
  const { id } = await customer(t.admin, { name: '新客户' });
  await opportunity(t.admin, { name: '新商机', customer: id });
  expect(await live.next()).toEqual({
    pipelineChanged: expect.objectContaining({ opportunity: expect.objectContaining({ name: '新商机' }) }),
  });
});

test('every command of the README and of CONTRIBUTING is one', async () => {
  const { scripts } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { scripts: object };
  const text = readme + readFileSync(resolve(root, 'CONTRIBUTING.md'), 'utf8');
  const named = [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name]) => name!).filter((name) => name !== 'x');
  expect(named.length).toBeGreaterThan(15);
  expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
  const [line] = blocks.filter(({ text: shell }) => shell.includes('TOKEN=$(')).map(({ text: shell }) => shell);
  const { stdout } = await promisify(execFile)('bash', ['-c', `set -euo pipefail\n${line}\necho "$TOKEN"`], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], AUTH_JWT_SECRET: testSecret() },
  });
  const answer = await send(
    'POST',
    '/graphql',
    { authorization: `Bearer ${stdout.trim()}` },
    { query: '{ viewer { roles } }' },
  );
  expect(answer.body).toEqual({ data: { viewer: { roles: ['TENANT_ADMIN'] } } });
});

test('every operation of the README is one of the schema', async () => {
  const schema = buildSchema(await (await fetch(`${address()}/schema.graphql`)).text());
  const operations = blocks.filter(({ kind }) => kind === 'graphql').map(({ text }) => text);
  expect(operations.length).toBeGreaterThan(0);
  expect(operations.flatMap((operation) => validate(schema, parse(operation)).map(({ message }) => message))).toEqual(
    [],
  );
});
