import { setTimeout as pause } from 'node:timers/promises';
import type { DomainEvent } from '../feed/bus.js';
import type { Context } from '../core/context.js';
import { isUnavailable } from '../core/database-faults.js';
import { refuse } from '../core/errors.js';
import { log } from '../core/log.js';
import type { Feed } from './feed.js';
import { Frames } from './frames.js';
import type { Operation, EventResult } from './operation.js';

/** One operation on one socket. */
export interface Subscriber {
  /** id of the operation on its socket, as JSON */
  readonly id: string;
  /** sends frames; what is not wanted any more it throws away */
  write(frames: Buffer): void;
  /** ends the operation: with what went wrong, if something did */
  end(error?: Error): void;
}

/** Maximum number of events per batch. */
const batchSize = 100;
/** How long a failed look is left alone, and how long those who catch up are gathered, in milliseconds. */
const retryMs = 1_000;
const gathering = 50;

/**
 * All subscriptions with the same results. Each event is executed and framed once. Most subscribers have the same
 * position in the feed; those with an older cursor catch up separately, together, and then join the others.
 */
export class Group {
  /** subscribers that have everything up to `at`; one that joined at a later position gets what follows that */
  private readonly current = new Map<Subscriber, number>();
  /** subscribers that are still catching up, with their positions */
  private readonly behind = new Map<Subscriber, number>();
  private at: number;
  private readonly advance = oneByOne(() => this.publishCurrent());
  private readonly catchUp = oneByOne(() => this.publishBehind());

  constructor(
    private readonly feed: Feed,
    private readonly operation: Operation,
    private ctx: Context,
  ) {
    this.at = feed.end;
  }

  get size(): number {
    return this.current.size + this.behind.size;
  }

  /** Adds a subscriber that has everything up to a position; `ctx` stands for the rights of all from now on. */
  join(subscriber: Subscriber, place: number, ctx: Context): void {
    this.ctx = ctx;
    if (place >= this.at) this.current.set(subscriber, place);
    else this.behind.set(subscriber, place);
    this.wake();
  }

  /** Removes a subscriber and returns its position. */
  leave(subscriber: Subscriber): number {
    const place = this.behind.get(subscriber) ?? Math.max(this.at, this.current.get(subscriber) ?? 0);
    this.current.delete(subscriber);
    this.behind.delete(subscriber);
    return place;
  }

  /** Checks for new events. */
  wake(): void {
    this.advance();
    if (this.behind.size > 0) this.catchUp();
  }

  private async publishCurrent(): Promise<boolean> {
    if (this.current.size === 0) {
      // the next subscriber brings its own position
      this.at = Math.max(this.at, this.feed.end);
      return false;
    }
    const events = await this.feed.after(this.at, batchSize);
    if (events.length === 0) return false;
    if (this.reachesBack(events, this.at, this.current)) {
      const results = await this.operation.resultsOf(this.ctx, events);
      this.deliver(results, [...this.current]);
      this.at = events.at(-1)!.seq;
    } else {
      this.at = events[0]!.seq - 1;
    }
    return true;
  }

  private async publishBehind(): Promise<boolean> {
    if (this.behind.size === 0) return false;
    const start = Math.min(...this.behind.values());
    const events = (await this.feed.after(start, batchSize)).filter(({ seq }) => seq <= this.at);
    if (events.length === 0) return false;
    if (!this.reachesBack(events, start, this.behind)) return true;
    // near the end, wait for other subscribers with an equally old cursor: they are served together
    if (events.length < batchSize) await pause(gathering);
    const results = await this.operation.resultsOf(this.ctx, events);
    const end = events.at(-1)!.seq;
    const reached = [...this.behind].filter(([, place]) => place >= start && place < end);
    this.deliver(results, reached);
    for (const [subscriber] of reached) if (this.behind.has(subscriber)) this.behind.set(subscriber, end);
    this.promote();
    return true;
  }

  /** Subscribers that have caught up join the others. */
  private promote(): void {
    for (const [subscriber, place] of this.behind) {
      if (place < this.at) continue;
      this.behind.delete(subscriber);
      this.current.set(subscriber, place);
    }
    this.advance();
  }

  /** Writes to each subscriber what follows its position. */
  private deliver(results: readonly EventResult[], subscribers: ReadonlyArray<readonly [Subscriber, number]>): void {
    if (results.length > 0)
      log.debug(
        {
          event: 'subscription.published',
          tenant: this.feed.tenantId,
          executed: results.length,
          subscribers: subscribers.length,
        },
        'events were sent to subscribers',
      );
    const byFirst = new Map<number, Frames>();
    for (const [subscriber, place] of subscribers) {
      const first = results.findIndex(({ event }) => event.seq > place);
      if (first < 0) continue;
      let frames = byFirst.get(first);
      if (!frames) byFirst.set(first, (frames = new Frames(results.slice(first).map(({ payload }) => payload))));
      subscriber.write(frames.of(subscriber.id));
    }
  }

  /** Whether no event behind the place is missing; where one is no longer kept, those who needed it end. */
  private reachesBack(events: readonly DomainEvent[], place: number, subscribers: Map<Subscriber, number>): boolean {
    const missing = events[0]!.seq - 1;
    if (missing === place) return true;
    for (const [subscriber, from] of subscribers) {
      if (from >= missing) continue;
      subscribers.delete(subscriber);
      subscriber.end(refuse('CURSOR_EXPIRED'));
    }
    return false;
  }
}

/**
 * A function that runs work repeatedly, as long as the work says that there may be more or it was requested meanwhile;
 * never twice at once. A failure is retried a moment later: nothing has been sent by then.
 */
function oneByOne(work: () => Promise<boolean>): () => void {
  let wanted = false;
  let working = false;
  const run = async (): Promise<void> => {
    working = true;
    try {
      while (wanted) {
        wanted = false;
        // events committed together arrive together: all of them are there after this
        await Promise.resolve();
        if (await work()) wanted = true;
      }
    } catch (error) {
      if (!isUnavailable(error))
        log.error({ event: 'subscription.failed', err: error }, 'events could not be sent to subscribers; retrying');
      setTimeout(start, retryMs).unref();
    } finally {
      working = false;
    }
  };
  const start = (): void => {
    wanted = true;
    if (!working) void run();
  };
  return start;
}
