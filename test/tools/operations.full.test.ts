import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ownCluster } from '../support/database.js';
import { freePort } from '../support/ports.js';
import { Scratch } from '../support/scratch.js';

// The first five minutes in production, as docs/operations.md has them: its commands, in order, in one shell, in a folder that
// holds what an image holds. Replaced are only the places: folder, address of the database, port.

const guide = readFileSync(resolve(__dirname, '../../docs/operations.md'), 'utf8');
const parts = [...guide.matchAll(/^<!-- run: (\w+) -->\n```sh\n([^]*?)^```$/gm)].map(([, name, text]) => ({
  name: name!,
  text: text!,
}));

test('a new machine answers its first request after the commands of the guide', async () => {
  expect(parts.map(({ name }) => name)).toEqual(['build', 'migrate', 'tenant', 'start', 'stop']);
  const database = await ownCluster({ durable: false });
  const tree = new Scratch();
  const machine = mkdtempSync(join(tmpdir(), 'crm-machine-'));
  const programs = join(machine, 'bin');
  mkdirSync(programs);
  const port = await freePort();
  const places: Array<[string, string]> = [
    ['/usr/local/bin', programs],
    ['/opt/crm', join(machine, 'crm')],
    ['postgres://crm_owner:secret@127.0.0.1:5432/crm', database.ownerUrl],
    ['postgres://crm_server:secret@127.0.0.1:5432/crm', database.serverUrl],
    ['http://127.0.0.1:8001', `http://127.0.0.1:${port}`],
    // the sources have their packages; what production installs comes from the cache that they came from
    ['npm ci\n', '\n'],
    ['npm ci --omit', 'npm ci --prefer-offline --no-audit --no-fund --omit'],
  ];
  const shell = parts
    .map(({ name, text }) => `echo "== ${name}"\n${places.reduce((all, [from, to]) => all.replaceAll(from, to), text)}`)
    .join('\n');
  try {
    const { PATH, HOME } = process.env;
    const { error, stdout, stderr } = await new Promise<{ error: Error | null; stdout: string; stderr: string }>(
      (settle) =>
        execFile(
          'bash',
          ['-c', `set -euo pipefail\n${shell}`],
          {
            cwd: tree.directory,
            env: {
              PATH: `${programs}:${join(process.execPath, '..')}:${PATH}`,
              HOME,
              PORT: String(port),
              HOST: '127.0.0.1',
              LOG_LEVEL: 'warn',
            },
            maxBuffer: 1 << 26,
          },
          (failure, out, err) => settle({ error: failure, stdout: out, stderr: err }),
        ),
    );
    if (error) throw new Error(`${stdout.slice(-3_000)}\n${stderr.slice(-3_000)}`);
    const said = Object.fromEntries(
      stdout.split(/^== /m).map((part) => [part.split('\n')[0], part.split('\n').slice(1).join('\n')]),
    );
    expect(said['migrate']).toBe('The database is up to date.\n');
    expect(said['tenant']).toBe('Created tenant acme. A token for it: crm token --tenant acme --role tenant_admin\n');
    expect(said['start']).toContain(
      '{"data":{"customerCreate":{"customer":{"name":"First customer","accountNo":"ACC001"',
    );
    expect(said['stop']).toContain('Wrote customers.csv.\n');
    expect(readFileSync(join(machine, 'crm/customers.csv'), 'utf8')).toContain('First customer');
  } finally {
    tree.remove();
    rmSync(machine, { recursive: true, force: true });
    await database.stop();
  }
}, 300_000);
