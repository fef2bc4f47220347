import WebSocket from 'ws';
import { address } from './http.js';
import { socketsOf } from './subscribe.js';

// oxlint-disable-next-line typescript/no-explicit-any
type Message = any;

/** A socket without a client library: what is sent and received is what the test says. */
export interface RawSocket {
  socket: WebSocket;
  /** Sends an object as JSON, or a text as it is. */
  send(message: object | string): void;
  /** The next message; fails if none comes within twenty seconds. */
  next(): Promise<Message>;
  /** All messages so far that were not taken by `next`. */
  waiting: Message[];
  /** Code and reason with which the server closes; fails if it does not within twenty seconds. */
  closed(): Promise<[code: number, reason: string]>;
}

const open = new Set<WebSocket>();

afterEach(() => {
  for (const socket of open) socket.terminate();
  open.clear();
});

/** Opens a socket; with `token` it says who it is and waits for the acknowledgement. */
export async function rawSocket(
  options: { token?: string; server?: string; protocols?: string[] } = {},
): Promise<RawSocket> {
  const socket = new WebSocket(socketsOf(options.server ?? address()), options.protocols ?? ['graphql-transport-ws']);
  open.add(socket);
  const waiting: Message[] = [];
  let wake = (): void => {};
  socket.on('message', (text) => {
    waiting.push(JSON.parse(String(text)));
    wake();
  });
  const ending = new Promise<[number, string]>((settle) =>
    socket.once('close', (code, reason) => settle([code, String(reason)])),
  );
  await new Promise((settle, reject) => socket.once('open', settle).once('error', reject));
  socket.on('error', () => {});
  const raw: RawSocket = {
    socket,
    waiting,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: () =>
      within(20_000, 'no message came', async () => {
        while (waiting.length === 0) await new Promise<void>((settle) => (wake = settle));
        return waiting.shift();
      }),
    closed: () => within(20_000, 'the socket stayed open', () => ending),
  };
  if (options.token) {
    raw.send({
      type: 'connection_init',
      payload: { Authorization: `Bearer ${options.token}`, 'Accept-Language': 'en' },
    });
    const answer = await raw.next();
    if (answer.type !== 'connection_ack') throw new Error(`The socket was not let in: ${JSON.stringify(answer)}`);
  }
  return raw;
}

async function within<T>(ms: number, failure: string, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>(
    (_, reject) => (timer = setTimeout(() => reject(new Error(`Within ${ms} ms ${failure}.`)), ms)),
  );
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer!);
  }
}
