import { RateLimiterMemory, RateLimiterPostgres, type RateLimiterRes } from 'rate-limiter-flexible';
import { log } from '../../core/log.js';
import type { Quota } from '../../core/quotas.js';

/** What is left of a quota. */
export interface Left {
  /** how many more are allowed until the window ends */
  remaining: number;
  /** true if this one is not allowed any more */
  over: boolean;
  /** until the window ends */
  milliseconds: number;
}

/** The database in which the processes of a server count together, as far as the library asks it. */
export interface SharedCounts {
  query(statement: { text: string; values?: unknown[] }): Promise<{ rows: object[]; rowCount: number }>;
}

/** Longest that a request waits for the shared count, in milliseconds; then its process decides by what it knows. */
const maxWaitMs = 1_000;

/** How many keys are remembered to have something that was not shared yet. */
const maxKeys = 50_000;

interface Unshared {
  count: number;
  sharing?: Promise<void> | undefined;
}

/**
 * A quota for each key within a window that begins with the key's first request. Every process counts by itself, and adds
 * what it has counted to the shared count in blocks, a fortieth of the quota each, while requests go on; none waits unless
 * two blocks are due. So several processes together allow the quota and at most a twentieth of it more for each. A quota
 * below 80 has blocks of one, for which each request waits: it is kept exactly.
 */
export class Limit {
  private readonly own: RateLimiterMemory;
  private readonly shared: RateLimiterPostgres | undefined;
  private readonly block: number;
  private readonly unshared = new Map<string, Unshared>();

  constructor(
    readonly name: string,
    readonly quota: Quota,
    counts: SharedCounts | undefined,
  ) {
    const options = { points: quota.count, duration: quota.seconds, keyPrefix: name };
    this.own = new RateLimiterMemory(options);
    this.block = Math.max(1, Math.floor(quota.count / 40));
    if (counts)
      this.shared = new RateLimiterPostgres({
        ...options,
        storeClient: counts,
        storeType: 'client',
        tableName: 'rate_count',
        tableCreated: true,
      });
  }

  /** Counts so many, and says whether the last of them is allowed. */
  async take(key: string, count = 1): Promise<Left> {
    const counted = await this.own.penalty(key, count);
    if (!this.shared || counted.consumedPoints - count >= this.quota.count) return this.leftOf(counted);
    if (this.block === 1) return this.leftOf((await this.share(key, count)) ?? counted);
    let unshared = this.unshared.get(key);
    if (!unshared || counted.isFirstInDuration) {
      if (this.unshared.size >= maxKeys) this.unshared.clear();
      this.unshared.set(key, (unshared = { count: 0 }));
    }
    unshared.count += count;
    if (unshared.count < this.block) return this.leftOf(counted);
    unshared.sharing ??= this.shareAll(key, unshared);
    if (unshared.count < this.block) return this.leftOf(counted);
    await unshared.sharing;
    return this.leftOf((await this.own.get(key)) ?? counted);
  }

  /** What is left as this process knows it, and whether one more would be too much. */
  async left(key: string): Promise<Left> {
    const counted = await this.own.get(key);
    return counted
      ? { ...this.leftOf(counted), over: counted.consumedPoints >= this.quota.count }
      : { remaining: this.quota.count, over: false, milliseconds: this.quota.seconds * 1_000 };
  }

  private leftOf({ consumedPoints, msBeforeNext }: RateLimiterRes): Left {
    return {
      remaining: Math.max(0, this.quota.count - consumedPoints),
      over: consumedPoints > this.quota.count,
      milliseconds: Math.max(0, msBeforeNext),
    };
  }

  private async shareAll(key: string, unshared: Unshared): Promise<void> {
    const { count } = unshared;
    unshared.count = 0;
    await this.share(key, count, () => unshared.count);
    unshared.sharing = undefined;
  }

  /** Adds to the shared count, and takes over what all processes have counted; undefined if that could not be had in time. */
  private async share(key: string, count: number, since = (): number => 0): Promise<RateLimiterRes | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), maxWaitMs)));
    const sharing = this.shared!.penalty(key, count).then(
      async (all) => {
        const own = (await this.own.get(key))?.consumedPoints ?? 0;
        await this.own.set(key, Math.max(own, all.consumedPoints + since()), Math.max(1, all.msBeforeNext) / 1_000);
        return all;
      },
      (error: unknown) => this.failed(error),
    );
    const all = await Promise.race([sharing, late]);
    clearTimeout(timer);
    return all ?? undefined;
  }

  private failed(error: unknown): void {
    log.warn(
      { event: 'rates.notShared', limit: this.name, error: (error as Error).message },
      'counts could not be shared with other processes; this one counts by itself',
    );
  }
}
