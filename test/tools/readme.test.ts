import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildSchema, parse, validate } from 'graphql';
import { filled } from '../support/filled.js';
import { address } from '../support/http.js';
import { tenant, type TestTenant } from '../support/tenant.js';

// The README as a newcomer uses it: what can be pasted is pasted, in order, into one shell.

const readme = readFileSync(resolve(__dirname, '../../README.md'), 'utf8');
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

test('every operation of the README is one of the schema', async () => {
  const schema = buildSchema(await (await fetch(`${address()}/schema.graphql`)).text());
  const operations = blocks.filter(({ kind }) => kind === 'graphql').map(({ text }) => text);
  expect(operations.length).toBeGreaterThan(0);
  expect(operations.flatMap((operation) => validate(schema, parse(operation)).map(({ message }) => message))).toEqual(
    [],
  );
});
