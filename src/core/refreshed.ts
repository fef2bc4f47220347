import { Recent } from './recent.js';

/** A value as it was last looked up. */
interface Looked<V> {
  value: V;
  at: number;
}

/**
 * Values that are looked up again while they are used, so that nobody waits for that: after half of `maxAgeMs` behind the
 * back of the callers, and before an answer when they are older. Callers that come together wait for one look. What a look
 * fails with is not kept.
 */
export class Refreshed<V> {
  private readonly known: Recent<Looked<V>>;
  private readonly looking = new Map<string, Promise<V>>();
  /** raised when values are dropped: what was being looked up meanwhile is not kept */
  private generation = 0;

  constructor(
    max: number,
    private readonly maxAgeMs: number,
    private readonly look: (key: string) => Promise<V>,
  ) {
    this.known = new Recent(max);
  }

  /** The value of a key, at most `maxAgeMs` old. */
  async get(key: string, maxAgeMs = this.maxAgeMs): Promise<V> {
    const found = this.known.get(key);
    const age = found ? Date.now() - found.at : Infinity;
    if (age >= Math.min(maxAgeMs, this.maxAgeMs)) return this.renew(key);
    // a failure is found by whoever has to wait
    if (age >= this.maxAgeMs / 2) this.renew(key).catch(() => undefined);
    return found!.value;
  }

  /** Forgets every value that was looked up before. */
  clear(): void {
    this.generation += 1;
    this.known.clear();
    this.looking.clear();
  }

  private renew(key: string): Promise<V> {
    const under = this.looking.get(key);
    if (under) return under;
    const { generation } = this;
    const at = Date.now();
    const looked = this.look(key)
      .then((value) => {
        if (generation === this.generation) this.known.set(key, { value, at });
        return value;
      })
      .catch((error: unknown) => {
        if (generation === this.generation) this.known.delete(key);
        throw error;
      })
      .finally(() => {
        if (this.looking.get(key) === looked) this.looking.delete(key);
      });
    this.looking.set(key, looked);
    return looked;
  }
}
