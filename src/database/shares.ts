import { refuse, type ErrorCode } from '../core/errors.js';
import type { Presence } from '../core/presence.js';

/** What waits, by tenant: tenants take turns, and each has its own in the order in which it came. */
export class FairQueue<T> {
  private readonly queues = new Map<string, T[]>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  push(tenant: string, entry: T): void {
    const queue = this.queues.get(tenant);
    if (queue) queue.push(entry);
    else this.queues.set(tenant, [entry]);
    this.count += 1;
  }

  /** The first entry of the tenant whose turn it is, of those that may have one now. */
  shift(may: (tenant: string) => boolean = () => true): T | undefined {
    for (const [tenant, queue] of this.queues) {
      if (!may(tenant)) continue;
      this.queues.delete(tenant);
      const entry = queue.shift()!;
      if (queue.length > 0) this.queues.set(tenant, queue);
      this.count -= 1;
      return entry;
    }
    return undefined;
  }

  remove(tenant: string, entry: T): void {
    const queue = this.queues.get(tenant) ?? [];
    const place = queue.indexOf(entry);
    if (place < 0) return;
    queue.splice(place, 1);
    if (queue.length === 0) this.queues.delete(tenant);
    this.count -= 1;
  }

  /** Whether a tenant waits that may have an entry now. */
  some(may: (tenant: string) => boolean): boolean {
    for (const tenant of this.queues.keys()) if (may(tenant)) return true;
    return false;
  }

  /** Everything that waits; nothing does afterwards. */
  drain(): T[] {
    const all = [...this.queues.values()].flat();
    this.queues.clear();
    this.count = 0;
    return all;
  }
}

/** Whose connections belong to no tenant: those that all share, and what asks for tables of no tenant. */
export const nobody = '';

/** How long a request waits for its turn, in milliseconds. */
const timeoutMs = 5_000;

interface Waiter {
  begin: (leave: () => void) => void;
}

/**
 * Who may use how many connections at once. A tenant has at most its share, so that whatever its statements take, the rest
 * is left to the others; who has to wait gets a connection when it is their tenant's turn.
 */
export class Shares {
  private readonly held = new Map<string, number>();
  private total = 0;
  private readonly waiting = new FairQueue<Waiter>();

  constructor(
    private readonly size: number,
    private readonly share: number,
  ) {}

  /** How many requests wait. */
  get queued(): number {
    return this.waiting.size;
  }

  /** Whether a tenant waits although it has not its share: all connections are in use. */
  get isExhausted(): boolean {
    return this.waiting.some((tenant) => tenant !== nobody && this.mayHave(tenant));
  }

  /**
   * Waits for a connection; what it resolves with has to be called when the connection is given back. Refuses RATE_LIMITED
   * where the tenant's own requests have its share for five seconds, UNAVAILABLE where those of others have the rest, TIMED_OUT where nobody
   * waits for it any more.
   */
  enter(tenant: string, presence?: Presence): (() => void) | Promise<() => void> {
    if (this.total < this.size && this.mayHave(tenant)) return this.begin(tenant);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        begin: (leave) => {
          settle();
          resolve(leave);
        },
      };
      const giveUp = (code: ErrorCode): void => {
        settle();
        this.waiting.remove(tenant, waiter);
        reject(refuse(code));
      };
      const stays = presence?.during(() => giveUp('TIMED_OUT'));
      const timer = setTimeout(() => giveUp(this.mayHave(tenant) ? 'UNAVAILABLE' : 'RATE_LIMITED'), timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        stays?.();
      };
      this.waiting.push(tenant, waiter);
    });
  }

  private mayHave(tenant: string): boolean {
    return tenant === nobody || (this.held.get(tenant) ?? 0) < this.share;
  }

  private begin(tenant: string): () => void {
    this.total += 1;
    this.held.set(tenant, (this.held.get(tenant) ?? 0) + 1);
    return () => this.leave(tenant);
  }

  private leave(tenant: string): void {
    this.total -= 1;
    const left = this.held.get(tenant)! - 1;
    if (left > 0) this.held.set(tenant, left);
    else this.held.delete(tenant);
    while (this.total < this.size) {
      const next = this.nextWaiter();
      if (!next) return;
      next.waiter.begin(this.begin(next.tenant));
    }
  }

  private nextWaiter(): { tenant: string; waiter: Waiter } | undefined {
    let next = nobody;
    const waiter = this.waiting.shift((tenant) => {
      next = tenant;
      return this.mayHave(tenant);
    });
    return waiter && { tenant: next, waiter };
  }
}
