import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from '../support/eventually.js';

// `npm start` and `npm run dev` as a supervisor runs them: whoever ends npm ends everything that it has started.

/** Processes that have not ended, by their own id (`pid`) or that of their group (`pgid`): npm, the shell in between, the server. */
function running(by: 'pid' | 'pgid', id: number): string[] {
  const { stdout } = spawnSync('ps', ['-e', '-o', `${by}=`, '-o', 'stat=', '-o', 'args='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null && Number(match[1]) === id && !match[2]!.startsWith('Z'))
    .map((match) => match![3]!);
}

test.each(['start', 'dev'])(
  'SIGTERM for the npm of `npm run %s` ends the server and its embedded PostgreSQL too',
  async (script) => {
    const directory = mkdtempSync(join(tmpdir(), 'crm-npm-start-'));
    chmodSync(directory, 0o711);
    const { PATH, HOME } = process.env;
    const npm = spawn('npm', ['run', script], {
      cwd: resolve(__dirname, '../..'),
      env: { PATH, HOME, PORT: '0', CRM_DATA_DIR: directory, CRM_DEMO_DATA: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    try {
      for await (const chunk of npm.stdout.iterator({ destroyOnReturn: false }))
        if (String(chunk).includes('is ready at')) break;
      npm.stdout.resume();
      const postmaster = join(directory, 'postgres/postmaster.pid');
      const pid = Number(readFileSync(postmaster, 'utf8').split('\n')[0]);
      expect(running('pgid', npm.pid!).length).toBeGreaterThan(1);
      npm.kill('SIGTERM');
      // PostgreSQL removes its file a moment before it ends
      await eventually(
        async () => [...running('pgid', npm.pid!), ...running('pid', pid)],
        (left) => left.length === 0,
      );
      expect(existsSync(postmaster)).toBe(false);
    } finally {
      if (running('pgid', npm.pid!).length > 0) process.kill(-npm.pid!, 'SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    }
  },
  120_000,
);
