import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { address } from './http.js';

// oxlint-disable-next-line typescript/no-explicit-any
type Data = any;

export interface Subscription {
  /** The next event's data; fails if none comes within twenty seconds or if the server answers with errors. */
  next(): Promise<Data>;
  /** Fails if an event is waiting or comes within that many milliseconds. */
  none(ms?: number): Promise<void>;
  close(): Promise<void>;
}

const open = new Set<Subscription>();

/** Closes what a test left open; every file that subscribes gets this by importing the harness. */
afterEach(() => Promise.all([...open].map((subscription) => subscription.close())));

const timeoutMs = 20_000;

/** Where a server takes sockets. */
export const socketsOf = (server: string): string => `${server.replace('http', 'ws')}/graphql`;

/** Subscribes and resolves when the server listens, so that what happens next will be seen. */
export async function subscribe(
  authorization: string,
  query: string,
  variables: Record<string, unknown> = {},
  server: string = address(),
): Promise<Subscription> {
  const client = createClient({
    url: socketsOf(server),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization, 'Accept-Language': 'en' },
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => {},
  });
  const waiting: Array<{ data?: Data; failure?: Error }> = [];
  let wake: (() => void) | undefined;
  const take = (item: (typeof waiting)[number]): void => {
    waiting.push(item);
    wake?.();
  };
  const failure = (reason: unknown): Error =>
    new Error(
      `The subscription failed: ${JSON.stringify(reason instanceof CloseEventLike ? { code: reason.code, reason: reason.reason } : reason)}\n${query}`,
    );
  const stop = client.subscribe<Data>(
    { query, variables },
    {
      next: ({ data, errors }) => take(errors ? { failure: failure(errors) } : { data }),
      error: (reason) => take({ failure: failure(closed(reason)) }),
      complete: () => {},
    },
  );
  // answered from the database on the same socket behind the subscription: when it is, the server listens
  await new Promise<void>((settle, reject) => {
    client.subscribe(
      { query: '{ viewer { user { id } } }' },
      { next: () => {}, error: (reason) => reject(failure(closed(reason))), complete: settle },
    );
  });
  const waitFor = async (ms: number): Promise<boolean> => {
    if (waiting.length > 0) return true;
    let timer: NodeJS.Timeout;
    await Promise.race([
      new Promise<void>((settle) => (wake = settle)),
      new Promise<void>((settle) => (timer = setTimeout(settle, ms))),
    ]);
    clearTimeout(timer!);
    return waiting.length > 0;
  };
  const subscription: Subscription = {
    async next() {
      if (!(await waitFor(timeoutMs))) throw new Error(`No event came within ${timeoutMs} ms for\n${query}`);
      const item = waiting.shift()!;
      if (item.failure) throw item.failure;
      return item.data;
    },
    async none(ms = 150) {
      if (await waitFor(ms))
        throw (
          waiting[0]!.failure ??
          new Error(`An event came that should not: ${JSON.stringify(waiting[0]!.data)}\n${query}`)
        );
    },
    async close() {
      open.delete(subscription);
      stop();
      await client.dispose();
    },
  };
  open.add(subscription);
  return subscription;
}

class CloseEventLike {
  constructor(
    readonly code: number,
    readonly reason: string,
  ) {}
}

/** A close event of `ws` keeps its members from JSON. */
function closed(reason: unknown): unknown {
  const event = reason as { code?: unknown; reason?: unknown };
  return typeof event?.code === 'number' ? new CloseEventLike(event.code, String(event.reason)) : reason;
}
