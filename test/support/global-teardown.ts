import type { ChildProcess } from 'node:child_process';

/** Ends the process that `global-setup.ts` started; it takes its server, its database and its directory with it. */
export default async function tearDown(): Promise<void> {
  const child = (globalThis as { crmTestWorld?: ChildProcess }).crmTestWorld;
  if (!child || child.exitCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.stdin!.end();
  await ended;
}
