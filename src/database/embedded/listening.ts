// Ports and names that one process holds.
import { createServer, type AddressInfo, type ListenOptions, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { HOST, RECOVERY_LIMIT_MS, WINDOWS } from './cluster.js';
import { digest, hasCode } from './files.js';

/** Free at this moment; if somebody takes it before PostgreSQL does, the start fails and is repeated. */
export async function freePort(): Promise<number> {
  const server = await listen({ host: HOST, port: 0 });
  const { port } = server.address() as AddressInfo;
  await close(server);
  return port;
}

/**
 * Runs work while no other process works on the same cluster, by holding a name that the system frees when its holder
 * dies: an abstract socket on Linux, a pipe on Windows. macOS has neither; there PostgreSQL's own lock must do.
 */
export async function oneAtATime<T>(data: string, work: () => Promise<T>): Promise<T> {
  const name = `crm-graph-${digest(data)}`;
  const path = WINDOWS ? `\\\\.\\pipe\\${name}` : process.platform === 'linux' ? `\0${name}` : undefined;
  if (path === undefined) return work();
  const began = Date.now();
  for (;;) {
    const held = await listen({ path, exclusive: true }).catch((error: unknown) => {
      if (!hasCode(error, 'EADDRINUSE', 'EACCES')) throw error;
    });
    if (held !== undefined) return work().finally(() => close(held));
    if (Date.now() - began > RECOVERY_LIMIT_MS)
      throw new Error(
        `Another process has been starting PostgreSQL in ${data} for ${RECOVERY_LIMIT_MS / 60_000} minutes.`,
      );
    await delay(20);
  }
}

function listen(where: ListenOptions): Promise<Server> {
  return new Promise((settle, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(where, () => settle(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((settle) => server.close(() => settle()));
}
