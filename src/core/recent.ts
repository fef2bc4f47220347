/** Current and maximum number of entries of a cache, by name. */
export type Sizes = Record<string, [now: number, max: number]>;

/**
 * A map with a maximum number of entries. When it is full, the oldest entry that was not used since the last eviction
 * is evicted.
 */
export class Recent<V> {
  private readonly entries = new Map<string, { value: V; used: boolean }>();

  constructor(private readonly max: number) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: string): V | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    entry.used = true;
    return entry.value;
  }

  *values(): Iterable<V> {
    for (const { value } of this.entries.values()) yield value;
  }

  set(key: string, value: V): void {
    this.entries.set(key, { value, used: false });
    while (this.entries.size > this.max) this.forgetOne();
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }

  private forgetOne(): void {
    for (const [key, entry] of this.entries) {
      this.entries.delete(key);
      if (!entry.used) return;
      entry.used = false;
      this.entries.set(key, entry);
    }
  }
}
