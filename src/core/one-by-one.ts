/** Work that is done one after the other for each key. */
export class OneByOne {
  private readonly last = new Map<string, Promise<unknown>>();

  /** Does work once everything before it with the same key has ended, however it has. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.last.get(key) ?? Promise.resolve()).then(work);
    const settled = mine.catch(() => {});
    this.last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.last.get(key) === settled) this.last.delete(key);
    }
  }
}
