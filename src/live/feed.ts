import { eventsAfter, lastSeenOf, listen, type DomainEvent } from '../feed/bus.js';
import type { Context } from '../core/context.js';
import type { Database } from '../core/database.js';
import { refuse } from '../core/errors.js';
import { changesAfter } from '../events/feed.service.js';

/** Number of a tenant's latest events kept in memory. Older ones are read from the outbox. */
const atHand = 1_000;

/** One tenant's events for its live subscriptions. The tenant must be followed while the feed exists. */
export class Feed {
  /** without gaps, the latest last */
  private latest: DomainEvent[] = [];
  readonly stop: () => void;

  constructor(
    private readonly database: Database,
    readonly tenantId: string,
    wake: () => void,
  ) {
    this.stop = listen(tenantId, (event) => {
      this.latest.push(event);
      if (this.latest.length >= 2 * atHand) this.latest = this.latest.slice(-atHand);
      wake();
    });
  }

  /** The last position that was seen. */
  get end(): number {
    return lastSeenOf(this.tenantId) ?? 0;
  }

  /** The events after a position, at most `max`. */
  async after(place: number, max: number): Promise<DomainEvent[]> {
    if (place >= this.end) return [];
    const first = this.latest[0]?.seq;
    if (first === undefined || place < first - 1) return eventsAfter(this.database, this.tenantId, place, max);
    return this.latest.slice(place - first + 1, place - first + 1 + max);
  }

  /** The place that a cursor names. Refuses CURSOR_INVALID, and CURSOR_EXPIRED where events behind it are no longer kept. */
  async placeOf(ctx: Context, cursor: string): Promise<number> {
    const place = Number(cursor);
    const known =
      /^\d{1,15}$/.test(cursor) &&
      place <= this.end &&
      (place === this.end || place >= (this.latest[0]?.seq ?? Infinity) - 1);
    if (known) return place;
    if (cursor === '') throw refuse('CURSOR_INVALID');
    await changesAfter(ctx, cursor, 1);
    return place;
  }
}
