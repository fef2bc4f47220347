import { refuse, type ErrorCode } from '../core/errors.js';
import { FairQueue } from '../core/fair-queue.js';
import type { Presence } from '../core/presence.js';

/** Whose connections belong to no tenant: those that all share, and what asks for tables of no tenant. */
export const nobody = '';

/** How long a request waits for its turn, in milliseconds; a costly one is known to wait for others of its kind. */
const timeoutMs = 5_000;
const costlyTimeoutMs = 15_000;

interface Waiter {
  begin: (leave: () => void) => void;
}

/** What a tenant has at the moment. */
interface Held {
  /** connections to itself */
  own: number;
  /** of these, connections with costly statements */
  costly: number;
  /** statements on connections that all share */
  shared: number;
}

const nothing: Readonly<Held> = { own: 0, costly: 0, shared: 0 };

/** In which queue a tenant's costly requests wait: its others do not wait behind them. */
const costlyOf = (tenant: string): string => `${tenant} costly`;

/**
 * Who may use how many connections at once. A tenant has at most its share, connections to itself and statements on shared
 * ones together, so that whatever its statements take, the rest is left to the others; who has to wait gets a connection when
 * it is their tenant's turn. Fewer of them may be at costly statements, which keep processors busy.
 */
export class Shares {
  private readonly held = new Map<string, Held>();
  private total = 0;
  private readonly waiting = new FairQueue<Waiter>();

  constructor(
    private readonly size: number,
    private readonly share: number,
    /** how many costly statements of one tenant are carried out at once */
    private readonly costly: number,
    /** called when a tenant has less than before */
    private readonly left: () => void,
    /** for how many milliseconds a tenant pauses after a costly statement */
    private readonly pauseOf: (tenant: string) => number = () => 0,
  ) {}

  /** How many requests wait. */
  get queued(): number {
    return this.waiting.size;
  }

  /** Whether a tenant waits although it has not its share: all connections are in use. */
  get isExhausted(): boolean {
    return this.waiting.some((owner) => owner !== nobody && this.mayHave(owner));
  }

  /**
   * Waits for a connection; what it resolves with has to be called when the connection is given back. Refuses RATE_LIMITED
   * where the tenant's own requests have its share for five seconds (fifteen for a costly statement), UNAVAILABLE where those
   * of others have the rest, TIMED_OUT where nobody waits for it any more.
   */
  enter(
    tenant: string,
    { presence, isCostly = false }: { presence?: Presence | undefined; isCostly?: boolean | undefined } = {},
  ): (() => void) | Promise<() => void> {
    const owner = isCostly ? costlyOf(tenant) : tenant;
    if (this.total < this.size && this.mayHave(owner)) return this.begin(owner);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        begin: (leave) => {
          settle();
          resolve(leave);
        },
      };
      const giveUp = (code: ErrorCode): void => {
        settle();
        this.waiting.remove(owner, waiter);
        reject(refuse(code));
      };
      const stays = presence?.during(() => giveUp('TIMED_OUT'));
      const timer = setTimeout(
        () => giveUp(this.mayHave(owner) ? 'UNAVAILABLE' : 'RATE_LIMITED'),
        isCostly ? costlyTimeoutMs : timeoutMs,
      );
      const settle = (): void => {
        clearTimeout(timer);
        stays?.();
      };
      this.waiting.push(owner, waiter);
    });
  }

  /** Whether a tenant has its share of connections to itself: what it asks for has to wait. */
  hasOwnShare(tenant: string): boolean {
    return this.of(tenant).own >= this.share;
  }

  /** Whether a tenant may have one more statement on a shared connection. */
  mayShare(tenant: string): boolean {
    const { own, shared } = this.of(tenant);
    return own + shared < this.share;
  }

  /** Counts a statement on a shared connection; what it returns has to be called when it is done. */
  onShared(tenant: string): () => void {
    this.change(tenant, { shared: 1 });
    return () => {
      this.change(tenant, { shared: -1 });
      this.beginWaiting();
      this.left();
    };
  }

  private of(tenant: string): Readonly<Held> {
    return this.held.get(tenant) ?? nothing;
  }

  private change(tenant: string, by: Partial<Held>): void {
    const { own, costly, shared } = this.of(tenant);
    const now = { own: own + (by.own ?? 0), costly: costly + (by.costly ?? 0), shared: shared + (by.shared ?? 0) };
    if (now.own + now.costly + now.shared > 0) this.held.set(tenant, now);
    else this.held.delete(tenant);
  }

  private mayHave(owner: string): boolean {
    if (owner === nobody) return true;
    const [tenant, isCostly] = partsOf(owner);
    return this.mayShare(tenant) && !(isCostly && this.of(tenant).costly >= this.costly);
  }

  private begin(owner: string): () => void {
    const [tenant, isCostly] = partsOf(owner);
    const costly = isCostly ? 1 : 0;
    this.total += 1;
    this.change(tenant, { own: 1, costly });
    return () => {
      this.total -= 1;
      this.change(tenant, { own: -1 });
      const pause = costly ? this.pauseOf(tenant) : 0;
      if (pause > 0) setTimeout(() => this.endCostly(tenant), pause).unref();
      else if (costly) this.endCostly(tenant);
      this.beginWaiting();
      this.left();
    };
  }

  private endCostly(tenant: string): void {
    this.change(tenant, { costly: -1 });
    this.beginWaiting();
  }

  private beginWaiting(): void {
    while (this.total < this.size) {
      const next = this.nextWaiter();
      if (!next) return;
      next.waiter.begin(this.begin(next.owner));
    }
  }

  private nextWaiter(): { owner: string; waiter: Waiter } | undefined {
    let next = nobody;
    const waiter = this.waiting.shift((owner) => {
      next = owner;
      return this.mayHave(owner);
    });
    return waiter && { owner: next, waiter };
  }
}

const partsOf = (owner: string): [tenant: string, isCostly: boolean] => {
  const [tenant, costly] = owner.split(' ');
  return [tenant!, costly !== undefined];
};
