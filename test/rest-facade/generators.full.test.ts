import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { address, send } from '../support/http.js';
import { tenant, type Dialect } from '../support/tenant.js';
import { someOf } from '../support/generated.js';

// The tools of integrators, with their default rules: two linters, five generators whose clients compile and call this
// server, and a Postman collection that runs. They are installed beside the test, from the public registry.

const run = promisify(execFile);
const place = resolve(__dirname, '../integrators');
const dialects: readonly Dialect[] = ['erp', 'cell', 'lifecycle', 'platform'];
/** What has a document: the dialects, and what the server has beside them. */
const documented = [...dialects, 'server'] as const;
const inPlace = (path: string): string => join(place, 'generated', path);

/** Runs a tool's file; returns its status and all that it printed. */
async function tool(file: string, args: string[], environment: object = {}): Promise<{ status: number; said: string }> {
  const env = { ...process.env, ...environment };
  const options = { cwd: place, env, maxBuffer: 64 << 20 };
  try {
    const { stdout, stderr } = await run(process.execPath, [join('node_modules', file), ...args], options);
    return { status: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, said: stdout + stderr };
  }
}

beforeAll(async () => {
  if (!process.env['SKIP_CI']) await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: place });
  rmSync(inPlace(''), { recursive: true, force: true });
  for (const dialect of documented) {
    mkdirSync(inPlace(dialect), { recursive: true });
    const answer = await fetch(`${address()}/api/v1/schema/?format=json&dialect=${dialect}`);
    writeFileSync(inPlace(`${dialect}.json`), await answer.text());
  }
}, 300_000);

test.each(someOf(documented, 2))(
  'linters find nothing wrong with the document of %s',
  async (dialect) => {
    const redocly = [
      'lint',
      dialect === 'platform' ? dialect : `generated/${dialect}.json`,
      '--config=redocly-rules.yaml',
    ];
    const ruleset = `spectral${dialect === 'platform' ? '-platform' : ''}.yaml`;
    const spectral = ['lint', `generated/${dialect}.json`, '--ruleset', ruleset, '--fail-severity=error'];
    const found = await tool('@redocly/cli/bin/cli.js', redocly);
    expect([found.status, found.said]).toEqual([0, expect.stringContaining('Your API description is valid')]);
    const others = await tool('@stoplight/spectral-cli/dist/index.js', spectral);
    expect([others.status, others.said]).toEqual([0, expect.not.stringContaining(' error ')]);
  },
  120_000,
);

test('the parser of AsyncAPI finds nothing wrong with the document of events, and reads every type of event from it', async () => {
  const { body } = await send('GET', '/asyncapi.json');
  writeFileSync(inPlace('asyncapi.json'), JSON.stringify(body));
  const { status, said } = await tool('../asyncapi.cjs', ['generated/asyncapi.json']);
  expect([status, said]).toEqual([0, expect.stringContaining('{')]);
  const { diagnostics, messages } = JSON.parse(said) as { diagnostics: unknown[]; messages: string[] };
  expect(diagnostics).toEqual([]);
  expect(messages.toSorted()).toEqual(Object.keys(body.components.messages as object));
}, 60_000);

test('clients of five generators compile, create an account and find it', async () => {
  for (const dialect of documented) {
    const document = `./generated/${dialect}.json`;
    const to = (name: string): string => `generated/${dialect}/${name}`;
    const made = [
      await tool('openapi-typescript/bin/cli.js', [
        document,
        '-o',
        to('openapi-typescript.ts'),
        '--default-non-nullable=false',
      ]),
      await tool('oazapfts/dist/cli.js', [document, to('oazapfts.ts')]),
      await tool('swagger-typescript-api/dist/cli.mjs', [
        'generate',
        '-p',
        document,
        '-o',
        `generated/${dialect}`,
        '-n',
        'swagger-typescript-api.ts',
        '--silent',
      ]),
      await tool('@hey-api/openapi-ts/bin/run.js', ['-i', document, '-o', to('hey-api'), '--silent']),
    ];
    expect(made).toEqual(made.map(({ said }) => ({ status: 0, said })));
  }
  const orval = await tool('orval/dist/bin/orval.mjs', ['--config', 'orval.config.cjs']);
  expect(orval).toEqual({ status: 0, said: orval.said });
  expect(await tool('typescript/bin/tsc', ['-p', '.'])).toEqual({ status: 0, said: '' });
  const { admin } = await tenant();
  const { stdout } = await run(process.execPath, ['generated/compiled/calls.js'], {
    cwd: place,
    env: { ...process.env, ORIGIN: address(), TOKEN: admin.token },
  });
  const names = ['openapi-typescript', 'hey-api', 'oazapfts', 'orval', 'swagger-typescript-api'];
  expect(JSON.parse(stdout)).toEqual(Object.fromEntries(names.map((name) => [name, [`${name} 的客户`]])));
}, 300_000);

/** Lists that are refused because a parameter names a record, and there is none with the id of the example. */
const namesNobody: Partial<Record<Dialect, string[]>> = {
  lifecycle: ['/api/v1/customers'],
  platform: [
    '/api/v1/customers/members/relations/primary/',
    '/api/v1/customers/members/relations/customer-members/',
    '/api/v1/customers/members/relations/member-customers/',
    '/api/v1/customers/tenants/relations/primary/',
  ],
};

test.each(someOf(dialects, 2))(
  'a Postman collection of %s runs',
  async (dialect) => {
    const { admin } = await tenant();
    const { stdout } = await run(process.execPath, ['postman.cjs', `generated/${dialect}.json`], {
      cwd: place,
      env: { ...process.env, TOKEN: admin.token, DIALECT: dialect },
      maxBuffer: 64 << 20,
    });
    const answered = JSON.parse(stdout) as Array<[method: string, path: string, status: number]>;
    expect(answered.length).toBeGreaterThan(15);
    expect(answered.filter(([, , status]) => !(status < 500))).toEqual([]);
    const lists = answered.filter(([method, path]) => method === 'GET' && !/[0-9a-f]{8}-|\/7(\/|$)/.test(path));
    expect(lists.filter(([, , status]) => status !== 200).map(([, path]) => path)).toEqual(namesNobody[dialect] ?? []);
    expect(lists.length).toBeGreaterThan(4);
  },
  120_000,
);
