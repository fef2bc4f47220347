import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the server in order, its embedded PostgreSQL last',
  async (signal) => {
    const directory = mkdtempSync(join(tmpdir(), 'crm-stop-'));
    chmodSync(directory, 0o711);
    const started = spawn(process.execPath, ['--import', './src/swc-hook.mjs', 'src/main.ts'], {
      cwd: resolve(__dirname, '../..'),
      env: { PATH: process.env['PATH'], PORT: '0', CRM_DATA_DIR: directory, CRM_DEMO_DATA: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      for await (const chunk of started.stdout.iterator({ destroyOnReturn: false }))
        if (String(chunk).includes('is ready at')) break;
      started.stdout.resume();
      expect(existsSync(join(directory, 'postgres/postmaster.pid'))).toBe(true);
      started.kill(signal);
      expect(await once(started, 'exit')).toEqual([0, null]);
      expect(existsSync(join(directory, 'postgres/postmaster.pid'))).toBe(false);
    } finally {
      started.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    }
  },
  60_000,
);
