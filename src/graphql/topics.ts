import type { Context } from '../core/context.js';
import { listen, type DomainEvent } from '../core/bus.js';

/**
 * What TypeGraphQL subscriptions listen to: one topic per tenant, fed by the events that were committed. Publishing
 * happens in commands only, so there is nothing to publish through here.
 */
export const pubSub = {
  publish(): void {
    throw new Error('Events are published by commands.');
  },
  subscribe(_topic: string, tenantId?: string): AsyncIterable<DomainEvent> {
    return eventsOf(tenantId!);
  },
};

/** Most events that wait for a slow reader; beyond it the subscription ends rather than grow without bound. */
const mostWaiting = 10_000;

/** The committed events of a tenant from now on, until the reader stops. */
export function eventsOf(tenantId: string): AsyncIterableIterator<DomainEvent> {
  const waiting: DomainEvent[] = [];
  let wake: (() => void) | undefined;
  let ended = false;
  const stop = listen(tenantId, (event) => {
    if (waiting.length >= mostWaiting) end();
    else waiting.push(event);
    wake?.();
  });
  const end = (): void => {
    ended = true;
    stop();
    wake?.();
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (waiting.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
      const value = waiting.shift();
      return value ? { value, done: false } : { value: undefined, done: true };
    },
    return() {
      end();
      return Promise.resolve({ value: undefined, done: true });
    },
  };
}

/** The context's tenant is the topic: a subscription takes no argument for it. */
export const tenantTopic = ({ context }: { context: Context }): string => context.tenant.id;
