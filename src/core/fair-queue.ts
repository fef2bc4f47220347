/** What waits, by owner (a tenant, as a rule): owners take turns, and each has its own in the order in which it came. */
export class FairQueue<T> {
  private readonly queues = new Map<string, T[]>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** How much of an owner's waits. */
  sizeOf(owner: string): number {
    return this.queues.get(owner)?.length ?? 0;
  }

  push(owner: string, entry: T): void {
    const queue = this.queues.get(owner);
    if (queue) queue.push(entry);
    else this.queues.set(owner, [entry]);
    this.count += 1;
  }

  /** The first entry of the owner whose turn it is, of those that may have one now. */
  shift(may: (owner: string) => boolean = () => true): T | undefined {
    for (const [owner, queue] of this.queues) {
      if (!may(owner)) continue;
      this.queues.delete(owner);
      const entry = queue.shift()!;
      if (queue.length > 0) this.queues.set(owner, queue);
      this.count -= 1;
      return entry;
    }
    return undefined;
  }

  remove(owner: string, entry: T): void {
    const queue = this.queues.get(owner) ?? [];
    const place = queue.indexOf(entry);
    if (place < 0) return;
    queue.splice(place, 1);
    if (queue.length === 0) this.queues.delete(owner);
    this.count -= 1;
  }

  /** Whether an owner waits that may have an entry now. */
  some(may: (owner: string) => boolean): boolean {
    for (const owner of this.queues.keys()) if (may(owner)) return true;
    return false;
  }

  /** Owners of which something waits, in the order of their turns. */
  owners(): Iterable<string> {
    return this.queues.keys();
  }

  /** Everything that waits; nothing does afterwards. */
  drain(): T[] {
    const all = [...this.queues.values()].flat();
    this.queues.clear();
    this.count = 0;
    return all;
  }
}
