import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { freePort } from './ports.js';

export interface Nats {
  url: string;
  /** starts it again on the same data and port, after a kill */
  start: () => Promise<void>;
  /** kills it as a crash would */
  kill: () => Promise<void>;
  stop: () => Promise<void>;
}

/** Starts a nats-server with JetStream on a free port and a directory of its own. */
export async function startNats(): Promise<Nats> {
  const directory = mkdtempSync(join(tmpdir(), 'crm-nats-'));
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (!child) return;
    const ended = new Promise((done) => child!.once('close', done));
    child.kill('SIGKILL');
    await ended;
    child = undefined;
  };
  const start = async (): Promise<void> => {
    child = spawn(
      'nats-server',
      ['--jetstream', '--addr', '127.0.0.1', '--port', String(port), '--store_dir', directory],
      { stdio: 'ignore' },
    );
    for (;;) {
      try {
        const nats = await connect({ servers: url, reconnect: false });
        return await nats.close();
      } catch {
        if (child.exitCode !== null) throw new Error('nats-server ended by itself.');
        await pause(50);
      }
    }
  };
  await start();
  return {
    url,
    start,
    kill,
    stop: async () => {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
