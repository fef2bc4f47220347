import { follow } from '../feed/bus.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import type { Database } from '../core/database.js';
import { Feed } from './feed.js';
import { ReportsGroup } from './reports-group.js';
import { ReportsOperation } from './reports-operation.js';
import { Group, type Subscriber } from './group.js';
import type { Operation } from './operation.js';

/** A subscription operation: to events, or to reports. */
export type LiveOperation = Operation | ReportsOperation;

type AnyGroup = Group | ReportsGroup;

/** The group that a subscriber belongs to. */
interface Place {
  key: string;
  group: AnyGroup;
  groups: Map<string, AnyGroup>;
  operation: LiveOperation;
}

/** A tenant with open sockets. */
interface Attended {
  feed: Feed;
  groups: Map<string, AnyGroup>;
  /** how many sockets keep it attended */
  sockets: number;
}

/** All subscriptions of this process, in groups. */
export class Hub {
  private readonly tenants = new Map<string, Attended>();
  private readonly places = new Map<Subscriber, Place>();

  /** How many subscriptions there are. */
  get size(): number {
    return this.places.size;
  }

  /** Follows a tenant: resolves when every later commit will be published. The returned function stops following. */
  async attend({ tenant, database }: Context): Promise<() => void> {
    const release = await follow(tenant.id);
    const attended = this.tenants.get(tenant.id) ?? this.open(tenant.id, database);
    attended.sockets += 1;
    return () => {
      release();
      attended.sockets -= 1;
      if (attended.sockets > 0) return;
      attended.feed.stop();
      this.tenants.delete(tenant.id);
    };
  }

  private open(tenantId: string, database: Database): Attended {
    const groups = new Map<string, AnyGroup>();
    const attended = {
      groups,
      feed: new Feed(database, tenantId, () => groups.forEach((group) => group.wake())),
      sockets: 0,
    };
    this.tenants.set(tenantId, attended);
    return attended;
  }

  /** The place in the feed at which an operation begins. Refuses UNKNOWN_REFERENCE, CURSOR_INVALID, CURSOR_EXPIRED, and UNAVAILABLE where the last socket of the tenant has been closed meanwhile. */
  async startOf(ctx: Context, operation: LiveOperation): Promise<number> {
    await operation.check(ctx);
    const { after } = operation;
    const feed = this.tenants.get(ctx.tenant.id)?.feed;
    if (!feed) throw refuse('UNAVAILABLE');
    return after === undefined ? feed.end : feed.placeOf(ctx, after);
  }

  /** Publishes events after a position to a subscriber from now on. Its tenant must be followed as long. */
  join(subscriber: Subscriber, operation: LiveOperation, ctx: Context, place: number): void {
    const { feed, groups } = this.tenants.get(ctx.tenant.id)!;
    const key = operation.keyFor(ctx);
    let group = groups.get(key);
    if (!group) {
      group =
        operation instanceof ReportsOperation
          ? new ReportsGroup(feed, operation, ctx)
          : new Group(feed, operation, ctx);
      groups.set(key, group);
    }
    this.places.set(subscriber, { key, group, groups, operation });
    group.join(subscriber, place, ctx);
  }

  /** Removes a subscriber and returns its position; does nothing if it is not there. */
  leave(subscriber: Subscriber): number | undefined {
    const place = this.places.get(subscriber);
    if (!place) return undefined;
    this.places.delete(subscriber);
    const reached = place.group.leave(subscriber);
    if (place.group.size === 0) place.groups.delete(place.key);
    return reached;
  }

  /** Continues a subscription with other rights, exactly after its position. */
  move(subscriber: Subscriber, ctx: Context): void {
    const place = this.places.get(subscriber);
    if (place) this.join(subscriber, place.operation, ctx, this.leave(subscriber)!);
  }
}
