// A process of its own: many sockets that count what they are told, as cheaply as that can be done. Its parent sends what
// to do as messages; no library stands between the bytes and the count, so that what is measured is the server.
import { randomBytes, randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Sequence } from './verdict.js';

interface Order {
  port: number;
  tokens: string[];
  sockets: number;
}

/** What the parent asks for, and what it is answered. */
export type Question = { open: Order } | { reconnect: true } | { measurements: true } | { measure: true };

export interface Measurements {
  /** sockets that are subscribed at this moment */
  open: number;
  /** events delivered in all, and since measuring began */
  delivered: number;
  measured: number;
  /** fewest events that a socket was told, not counting those it was told before */
  least: number;
  /** the same of all sockets together */
  taken: number;
  repeated: number;
  /** milliseconds from the sending of the write to its event, of what was measured: the hundredth part at the top begins here */
  p50: number;
  p99: number;
  longest: number;
  /** how often the server closed a subscribed socket */
  closed: number;
}

const query = 'subscription ($after: String) { customerChanged(after: $after) { cursor customer { name } } }';
/** Behind the operation's id, the text of a message up to the place in the feed. */
const lead = '","type":"next","payload":{"data":{"customerChanged":{"cursor":"';
const idLength = 36;
const cursorAt = '{"id":"'.length + idLength + lead.length;

/** Deliveries by milliseconds; the last slot is for all that took longer. */
const slots = new Uint32Array(60_001);
let measuring = false;
let delivered = 0;
let measured = 0;
let closed = 0;

/** A client's text frame. Its masking key is zero, so the content stays as it is. */
function frame(text: string): Buffer {
  const content = Buffer.from(text);
  const short = content.length < 126;
  const head = Buffer.alloc(short ? 6 : 8);
  head[0] = 0x81;
  head[1] = 0x80 | (short ? content.length : 126);
  if (!short) head.writeUInt16BE(content.length, 2);
  return Buffer.concat([head, content]);
}

const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
const digit = (byte: number): boolean => byte >= 48 && byte <= 57;

class Subscriber {
  readonly seen = new Sequence();
  subscribed = false;
  private socket: Socket | undefined;
  private rest: Buffer | undefined;
  private upgraded = false;
  private leaving = false;
  private ready: () => void = () => {};

  constructor(
    private readonly port: number,
    private readonly token: string,
  ) {}

  /** Connects, and subscribes behind the last event that was seen; resolves when the server listens. */
  connect(): Promise<void> {
    this.upgraded = false;
    this.leaving = false;
    this.rest = undefined;
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    this.socket = socket;
    socket.write(
      `GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    socket.write(
      frame(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${this.token}` } })),
    );
    socket.on('data', (chunk: Buffer) => socket === this.socket && this.take(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      if (socket !== this.socket || this.leaving) return;
      if (this.subscribed) closed += 1;
      // a client connects again, and goes on behind the last event it saw
      this.subscribed = false;
      setTimeout(() => void this.connect(), 200);
    });
    return new Promise((settle) => {
      const before = this.ready;
      this.ready = () => {
        before();
        settle();
      };
    });
  }

  leave(): void {
    this.leaving = true;
    this.subscribed = false;
    this.socket?.destroy();
  }

  private take(chunk: Buffer): void {
    let bytes = this.rest ? Buffer.concat([this.rest, chunk]) : chunk;
    this.rest = undefined;
    if (!this.upgraded) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return void (this.rest = bytes);
      this.upgraded = true;
      bytes = bytes.subarray(end + 4);
    }
    for (let at = 0; at < bytes.length;) {
      const length = bytes[at + 1]!;
      const head = length === 126 ? 4 : 2;
      const size = length === 126 ? (at + 4 <= bytes.length ? bytes.readUInt16BE(at + 2) : Infinity) : length;
      if (length === 127) throw new Error('A message is longer than any that was asked for.');
      if (at + head + size > bytes.length) return void (this.rest = bytes.subarray(at));
      this.message(bytes, at, at + head, size);
      at += head + size;
    }
  }

  private message(bytes: Buffer, at: number, begin: number, size: number): void {
    const kind = bytes[at]! & 15;
    if (kind === 9) return void this.socket!.write(pong);
    if (kind !== 1) return;
    // only results are as long, and begin with the id
    if (bytes[begin + 2] === 105 && size > cursorAt && digit(bytes[begin + cursorAt]!))
      return this.result(bytes, begin, size);
    const text = bytes.toString('utf8', begin, begin + size);
    if (text.includes('connection_ack')) {
      this.socket!.write(
        frame(
          JSON.stringify({
            type: 'subscribe',
            id: randomUUID(),
            payload: { query, variables: { after: String(this.seen.last) } },
          }),
        ),
      );
      this.socket!.write(frame('{"type":"ping"}'));
    } else if (text.includes('"pong"')) {
      this.subscribed = true;
      this.ready();
      this.ready = () => {};
    } else throw new Error(`An unexpected message: ${text}`);
  }

  private result(bytes: Buffer, begin: number, size: number): void {
    let place = 0;
    let at = begin + cursorAt;
    for (; digit(bytes[at]!); at += 1) place = 10 * place + bytes[at]! - 48;
    this.seen.take(place);
    delivered += 1;
    if (!measuring) return;
    // `","customer":{"name":"` and then the instant at which the write was sent
    let sent = 0;
    for (at += 22; at < begin + size && digit(bytes[at]!); at += 1) sent = 10 * sent + bytes[at]! - 48;
    measured += 1;
    const took = Math.min(Math.max(Date.now() - sent, 0), slots.length - 1);
    slots[took] = slots[took]! + 1;
  }
}

const subscribers: Subscriber[] = [];
/** How many connect at once. */
const atOnce = 100;

async function connectAll(): Promise<void> {
  const waiting = [...subscribers];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let reader = waiting.pop(); reader; reader = waiting.pop()) await reader.connect();
    }),
  );
}

function part(share: number): number {
  let left = measured * share;
  for (let ms = 0; ms < slots.length; ms += 1) if ((left -= slots[ms]!) <= 0) return ms;
  return slots.length;
}

function measurements(): Measurements {
  let [least, taken, repeated] = [Infinity, 0, 0];
  for (const { seen } of subscribers) {
    least = Math.min(least, seen.taken);
    taken += seen.taken;
    repeated += seen.repeated;
  }
  return {
    open: subscribers.filter(({ subscribed }) => subscribed).length,
    delivered,
    measured,
    least,
    taken,
    repeated,
    p50: part(0.5),
    p99: part(0.99),
    longest: slots.findLastIndex((count) => count > 0),
    closed,
  };
}

process.on('message', (asked: Question) => {
  void (async () => {
    if ('open' in asked) {
      for (let index = 0; index < asked.open.sockets; index += 1)
        subscribers.push(new Subscriber(asked.open.port, asked.open.tokens[index % asked.open.tokens.length]!));
      await connectAll();
    } else if ('reconnect' in asked) {
      for (const reader of subscribers) reader.leave();
      await connectAll();
    } else if ('measure' in asked) {
      measuring = !measuring;
    }
    process.send!(measurements());
  })();
});
