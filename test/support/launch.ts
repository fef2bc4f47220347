import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a start of the server ended. */
export interface Started {
  /** where it listens; undefined if it did not start */
  address?: string;
  /** exit code of a server that did not start */
  code?: number | null;
  stdout: string;
  stderr: string;
  /** its process, for signals */
  pid: number;
  /** what it has written to standard output so far */
  output: () => string;
  /** ends it, if it runs, and resolves when it is gone */
  stop(): Promise<void>;
  /** kills it as a crash would, and resolves when it is gone */
  kill(): Promise<void>;
}

/**
 * Starts a server of the project in that directory with that environment, and with nothing else of configuration.
 * Resolves when it listens or has ended. `onLine` gets every line that it writes to standard output; `modules` are imported
 * before the server starts.
 */
export function launch(
  project: string,
  environment: Record<string, string | undefined>,
  onLine: (line: string) => void = () => {},
  modules: readonly string[] = [],
): Promise<Started> {
  const { PATH, HOME, TMPDIR } = process.env;
  const given = Object.entries({ PATH, HOME, TMPDIR, PORT: '0', CRM_DEMO_DATA: '0', ...environment });
  const keptLog = process.env['CRM_TEST_LOG'];
  const imports = ['src/swc-hook.mjs', ...modules].flatMap((module) => ['--import', join(project, module)]);
  const child = spawn(process.execPath, [...imports, join(project, 'src/main.ts')], {
    cwd: project,
    env: Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  let stdout = '';
  let stderr = '';
  let rest = '';
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  const running = { pid: child.pid!, output: () => stdout, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
  return new Promise((settle) => {
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      if (keptLog) appendFileSync(keptLog, chunk);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        onLine(line);
        const address = /listening at (http:[^"\s]+)/.exec(line)?.[1];
        if (address) settle({ address, stdout, stderr, ...running });
      }
    });
    const gone = (): Promise<void> => Promise.resolve();
    void ended.then((code) => settle({ code, stdout, stderr, ...running, stop: gone, kill: gone }));
  });
}
