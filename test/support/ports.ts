import { createServer, type AddressInfo } from 'node:net';

/** A port of this machine on which nobody listens. */
export const freePort = (): Promise<number> =>
  new Promise((settle) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => settle(port));
    });
  });
