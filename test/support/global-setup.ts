import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { World } from './world.js';

const project = resolve(__dirname, '../..');

/** Starts the one server and the one database of the run and tells the tests where they are, through the environment. */
export default async function setUp(): Promise<void> {
  const secret = randomBytes(32).toString('base64url');
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(
      ([key]) => !/^(CRM_|AUTH_|PLATFORM_|NATS_|DEFAULT_TENANT|PORT$|HOST$|LOG_LEVEL$)/.test(key),
    ),
  );
  const child = spawn(process.execPath, ['--import', join(project, 'src/swc-hook.mjs'), join(__dirname, 'world.ts')], {
    cwd: project,
    env: { ...clean, AUTH_JWT_SECRET: secret },
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
