import { setTimeout as pause } from 'node:timers/promises';
import type { DomainEvent } from '../feed/bus.js';
import type { Context } from '../core/context.js';
import { isUnavailable, refuse } from '../core/errors.js';
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

/** How many events are told at once. */
const batchSize = 100;
/** How long a failed look is left alone, and how long those who catch up are gathered, in milliseconds. */
const retryMs = 1_000;
const gathering = 50;

/**
 * All operations that are told the same. Each event is executed and put into frames once. Most members stand at the same
 * place in the feed; those that came with an older cursor catch up by themselves, together, and then join the others.
 */
export class Group {
  /** who has been told everything up to `at`; a member that came in at a later place is told from there on */
  private readonly current = new Map<Subscriber, number>();
  /** who still lies behind, and where */
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

  /** Takes in a member that has been told everything up to a place; `ctx` stands for the rights of all from now on. */
  join(subscriber: Subscriber, place: number, ctx: Context): void {
    this.ctx = ctx;
    if (place >= this.at) this.current.set(subscriber, place);
    else this.behind.set(subscriber, place);
    this.wake();
  }

  /** Lets a member go and says up to which place it has been told. */
  leave(subscriber: Subscriber): number {
    const place = this.behind.get(subscriber) ?? Math.max(this.at, this.current.get(subscriber) ?? 0);
    this.current.delete(subscriber);
    this.behind.delete(subscriber);
    return place;
  }

  /** Looks whether there is something to tell. */
  wake(): void {
    this.advance();
    if (this.behind.size > 0) this.catchUp();
  }

  private async publishCurrent(): Promise<boolean> {
    if (this.current.size === 0) {
      // whoever comes next says where they stand
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
    // near the end, others who come with as old a cursor are waited for: they are told together
    if (events.length < batchSize) await pause(gathering);
    const results = await this.operation.resultsOf(this.ctx, events);
    const end = events.at(-1)!.seq;
    const reached = [...this.behind].filter(([, place]) => place >= start && place < end);
    this.deliver(results, reached);
    for (const [subscriber] of reached) if (this.behind.has(subscriber)) this.behind.set(subscriber, end);
    this.promote();
    return true;
  }

  /** Those who have been told as much as the others go on with them. */
  private promote(): void {
    for (const [subscriber, place] of this.behind) {
      if (place < this.at) continue;
      this.behind.delete(subscriber);
      this.current.set(subscriber, place);
    }
    this.advance();
  }

  /** Writes to each member what lies behind its place. */
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
 * A function that sees to it that work is done, again and again as long as it says that there may be more or it was asked
 * for meanwhile; never twice at once. What fails is tried again a moment later: nobody has been told anything then.
 */
function oneByOne(work: () => Promise<boolean>): () => void {
  let wanted = false;
  let working = false;
  const run = async (): Promise<void> => {
    working = true;
    try {
      while (wanted) {
        wanted = false;
        // what is committed together is heard together: it is all there after this
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
