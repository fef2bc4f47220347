import { listen, type DomainEvent } from '../core/bus.js';
import type { Context } from '../core/context.js';
import { visibleAmong } from '../read/visible.js';

/** Most events that wait for a slow reader; beyond it the subscription ends rather than grow without bound. */
const mostWaiting = 10_000;

/** The committed events of a tenant from now on, until the reader stops. */
function eventsOf(tenantId: string): AsyncIterableIterator<DomainEvent> {
  const waiting: DomainEvent[] = [];
  let wake = (): void => {};
  let ended = false;
  const end = (): void => {
    ended = true;
    stop();
    wake();
  };
  const stop = listen(tenantId, (event) => {
    if (waiting.length >= mostWaiting) end();
    else waiting.push(event);
    wake();
  });
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

/**
 * What a subscription reads: the tenant's committed events that match, and only those about records that the subscriber
 * may see at that moment. Before each one the context's loaders are emptied, so that the selection shows the present.
 * No generator: its `return` would wait for the next event instead of ending at once.
 */
export function eventsFor(ctx: Context, options: { record: string; matches: (event: DomainEvent) => boolean }): AsyncIterableIterator<DomainEvent> {
  const events = eventsOf(ctx.tenant.id);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      for (;;) {
        const step = await events.next();
        if (step.done) return step;
        if (!options.matches(step.value)) continue;
        ctx.loaders.clear();
        if ((await visibleAmong(ctx, options.record, [step.value.subject])).size > 0) return step;
      }
    },
    return: () => events.return!(),
  };
}
