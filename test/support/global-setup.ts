import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { World } from './world.js';

const project = resolve(__dirname, '../..');

/**
 * Starts the one server and the one database of the run and tells the tests where they are, through the environment. The
 * database is another one where `CRM_TEST_OWNER_URL` and `CRM_TEST_SERVER_URL` name it, with its owner and with the role of the
 * server: the coordinator of a cluster, say. It is migrated, and what the tests leave there stays.
 */
export default async function setUp(): Promise<void> {
  const secret = randomBytes(32).toString('base64url');
  // what all servers of the run log; global-teardown.ts looks for secrets in it
  process.env['CRM_TEST_LOG'] = join(mkdtempSync(join(tmpdir(), 'crm-log-')), 'servers.log');
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(
      ([key]) => !/^(CRM_|AUTH_|PLATFORM_|NATS_|OTEL_|DEFAULT_TENANT|PORT$|HOST$|LOG_LEVEL$)/.test(key),
    ),
  );
  const { CRM_TEST_OWNER_URL: ownerUrl, CRM_TEST_SERVER_URL: serverUrl } = process.env;
  if (!ownerUrl !== !serverUrl)
    throw new Error('CRM_TEST_OWNER_URL and CRM_TEST_SERVER_URL name one database: set both, or neither.');
  const child = spawn(process.execPath, ['--import', join(project, 'src/swc-hook.mjs'), join(__dirname, 'world.ts')], {
    cwd: project,
    env: {
      ...clean,
      CRM_TEST_LOG: process.env['CRM_TEST_LOG'],
      AUTH_JWT_SECRET: secret,
      ...(ownerUrl && { CRM_TEST_OWNER_URL: ownerUrl, CRM_TEST_SERVER_URL: serverUrl }),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // the teardown runs in this process too and finds it here
  (globalThis as { crmTestWorld?: ChildProcess }).crmTestWorld = child;
  const world = await new Promise<World>((settle, reject) => {
    let text = '';
    child.stdout!.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes('\n')) settle(JSON.parse(text) as World);
    });
    child.once('exit', (code) =>
      reject(new Error(`The server for the tests could not be started (${code}); see above.`)),
    );
  });
  const seed = process.env['CRM_TEST_SEED'] ?? String(randomInt(1, 1_000_000_000));
  if (!/^\d{1,9}$/.test(seed))
    throw new Error(`CRM_TEST_SEED must be a whole number of at most nine digits; it is "${seed}".`);
  process.stderr.write(`What is generated follows from CRM_TEST_SEED=${seed}.\n`);
  Object.assign(process.env, {
    CRM_TEST_SEED: seed,
    CRM_TEST_ADDRESS: world.address,
    CRM_TEST_OWNER_URL: world.ownerUrl,
    CRM_TEST_SERVER_URL: world.serverUrl,
    CRM_TEST_SECRET: secret,
    CRM_TEST_CONTROL: world.control,
  });
}
