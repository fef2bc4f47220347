import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { ownerUrl, serverUrl } from './http.js';
import { quickWebhooks } from './quick.js';

const project = resolve(__dirname, '../..');

/** How a start of the server ended. */
export interface Started {
  /** where it listens; undefined if it did not start */
  address?: string;
  /** exit code of a server that did not start */
  code?: number | null;
  stdout: string;
  stderr: string;
  /** what it has written to standard output so far */
  output: () => string;
  /** ends it, if it runs, and resolves when it is gone */
  stop(): Promise<void>;
  /** kills it as a crash would, and resolves when it is gone */
  kill(): Promise<void>;
}

/**
 * Starts a further server beside the one of the run, on the same database, with that environment and nothing else of
 * configuration. Resolves when it listens or has ended.
 */
export function startAnother(env: Record<string, string>): Promise<Started> {
  const { PATH, HOME, TMPDIR, CRM_CITUS } = process.env;
  const child = spawn(process.execPath, ['--import', join(project, 'src/swc-hook.mjs'), join(project, 'src/main.ts')], {
    cwd: project,
    env: Object.fromEntries(
      Object.entries({
        PATH,
        HOME,
        TMPDIR,
        CRM_CITUS,
        PORT: '0',
        CRM_DEMO_DATA: '0',
        CRM_DATABASE_URL: serverUrl(),
        CRM_DATABASE_OWNER_URL: ownerUrl(),
        ...quickWebhooks,
        ...env,
      }).filter(([, value]) => value !== undefined),
    ),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  let stdout = '';
  let stderr = '';
  const output = (): string => stdout;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return new Promise((settle) => {
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
      const address = /listening at (http:[^"\s]+)/.exec(stdout)?.[1];
      if (address) settle({ address, stdout, stderr, output, stop, kill });
    });
    void ended.then((code) =>
      settle({ code, stdout, stderr, output, stop: () => Promise.resolve(), kill: () => Promise.resolve() }),
    );
  });
}
