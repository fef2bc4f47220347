import type { Context } from '../core/context.js';
import { isUnavailable } from '../core/database-faults.js';
import { log } from '../core/log.js';
import type { Feed } from './feed.js';
import type { ReportsOperation, Reading } from './reports-operation.js';
import { Frames } from './frames.js';
import type { Subscriber } from './group.js';

/** How long reports are left alone that were sent, in milliseconds; and how many times as long as it took to read them, so that they keep no processor busy. */
const restMs = 1_000;
const restTimes = 9;

/** All subscriptions to the same reports. They are read when something has happened in the tenant, and sent to whoever has others. */
export class ReportsGroup {
  /** subscribers, with the reports that each has */
  private readonly sent = new Map<Subscriber, string | undefined>();
  /** the reports, as long as nothing has happened since they were read */
  private latest: Reading | undefined;
  /** before when they are not read again */
  private rested = 0;
  private isReading = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly feed: Feed,
    private readonly operation: ReportsOperation,
    private ctx: Context,
  ) {}

  get size(): number {
    return this.sent.size;
  }

  /** Adds a subscriber; `ctx` stands for the rights of all from now on. */
  join(subscriber: Subscriber, _place: number, ctx: Context): void {
    this.ctx = ctx;
    this.sent.set(subscriber, undefined);
    if (this.latest) this.send(this.latest);
    else this.schedule();
  }

  /** Removes a subscriber. Wherever it goes, it begins with how the reports are. */
  leave(subscriber: Subscriber): number {
    this.sent.delete(subscriber);
    if (this.size === 0) this.cancel();
    return this.feed.end;
  }

  /** Says that something has happened in the tenant. */
  wake(): void {
    this.latest = undefined;
    this.schedule();
  }

  private cancel(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private schedule(): void {
    if (this.isReading || this.timer || this.size === 0) return;
    this.timer = setTimeout(() => void this.read(), Math.max(0, this.rested - performance.now()));
  }

  private async read(): Promise<void> {
    this.timer = undefined;
    this.isReading = true;
    const began = performance.now();
    let isStale = false;
    try {
      const place = this.feed.end;
      const reading = await this.operation.read(this.ctx, String(place));
      isStale = place !== this.feed.end;
      if (!isStale) this.latest = reading;
      this.send(reading);
    } catch (error) {
      isStale = true;
      if (!isUnavailable(error))
        log.error({ event: 'subscription.failed', err: error }, 'reports could not be sent to subscribers; retrying');
    } finally {
      const ended = performance.now();
      this.rested = ended + Math.max(restMs, restTimes * (ended - began));
      this.isReading = false;
      if (isStale) this.schedule();
    }
  }

  private send({ values, payload }: Reading): void {
    const frames = new Frames([payload]);
    for (const [subscriber, has] of this.sent) {
      if (has === values) continue;
      this.sent.set(subscriber, values);
      subscriber.write(frames.of(subscriber.id));
    }
  }
}
