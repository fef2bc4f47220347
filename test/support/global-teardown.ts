import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Ends the process that `global-setup.ts` started; it takes its servers, its database and its directory with it. Fails the
 * run if servers have logged what nobody may read there, which `world.ts` looks for.
 */
export default async function tearDown(): Promise<void> {
  const child = (globalThis as { crmTestWorld?: ChildProcess }).crmTestWorld;
  if (!child || child.exitCode !== null) return;
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  child.stdin!.end();
  const code = await ended;
  rmSync(dirname(process.env['CRM_TEST_LOG']!), { recursive: true });
  if (code !== 0) throw new Error(`The process with the servers of the run ended with ${code}; see above.`);
}
