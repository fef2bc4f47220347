import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What a test's own server does with one request. */
export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server beside the one under test, for what that one asks over HTTP. */
export interface Issuer {
  /** e.g. `http://127.0.0.1:40125` */
  url: string;
  /** what it was asked, in order: method, path and Authorization */
  asked: string[];
  /** from now on requests are answered so */
  answer(how: Answering): void;
  /** Stops listening, and breaks off what is under way; the port stays its own. */
  close(): Promise<void>;
  /** Listens again at the same port. */
  open(): Promise<void>;
}

export async function issuer(how: Answering): Promise<Issuer> {
  let answering = how;
  let port = 0;
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push([request.method, request.url, request.headers.authorization].filter(Boolean).join(' '));
    answering(request, response);
  });
  server.on('connection', (socket) => void sockets.add(socket));
  const open = (): Promise<void> => new Promise((settle) => server.listen(port, '127.0.0.1', settle));
  await open();
  ({ port } = server.address() as AddressInfo);
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    answer: (next) => (answering = next),
    open,
    close: () =>
      new Promise((settle) => {
        for (const socket of sockets) socket.destroy();
        sockets.clear();
        server.close(() => settle());
      }),
  };
}

/** Answers with a status and a value as JSON, or a text as it is. */
export const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answering =>
  (_request, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
