import { refuse } from './errors.js';
import { FairQueue } from './fair-queue.js';

/** How many pieces of work of one owner may wait. */
const maxWaiting = 50;

/** How many times as long as its work an owner pauses: others' requests need several moments each, and meet its work in few of them. */
const pauses = 4;

/** For how many milliseconds of pauses an owner may be in arrears: those of a quarter of a second of work. */
const arrearsMs = 250 * pauses;

/**
 * Turns at the event loop, for work that keeps it busy for milliseconds: one piece at a time, between which everything else
 * that is due gets on, and owners take turns. An owner that has had a quarter of a second of it pauses after each piece for
 * four times as long as it took, so that one owner never has more than every fifth moment.
 */
export class Turns {
  private readonly waiting = new FairQueue<() => void>();
  /** until when an owner has to be idle for its work to be paid for */
  private readonly debts = new Map<string, number>();
  private busy = false;
  /** who was served last, and when; when somebody else was before */
  private last = '';
  private lastAt = -Infinity;
  private otherAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  /**
   * Resolves when it is the owner's turn, which lasts until the event loop gets on: what is done has to be done without
   * waiting for anything. Refuses RATE_LIMITED where too much of the same owner waits.
   */
  next(owner: string): Promise<void> | undefined {
    if (!this.busy && this.isFree(owner) && !this.waiting.some((one) => this.isFree(one))) {
      this.begin(owner);
      return undefined;
    }
    if (this.waiting.sizeOf(owner) >= maxWaiting) throw refuse('RATE_LIMITED');
    return new Promise((resolve) => {
      this.waiting.push(owner, () => {
        this.begin(owner);
        resolve();
      });
      this.awaitNext();
    });
  }

  /** Notes that something is read for an owner. */
  noteServed(owner: string): void {
    if (owner !== this.last) {
      this.otherAt = this.lastAt;
      this.last = owner;
    }
    this.lastAt = performance.now();
  }

  /** Whether something was read for anybody else within the last second. */
  areOthersServed(owner: string): boolean {
    return performance.now() - (owner === this.last ? this.otherAt : this.lastAt) < 1_000;
  }

  /** For how many milliseconds an owner has to be idle before its work goes on. */
  pauseOf(owner: string): number {
    const debt = this.debts.get(owner);
    return debt === undefined ? 0 : Math.max(0, debt - performance.now() - arrearsMs);
  }

  /** Counts so many milliseconds of work that an owner has had of the event loop without waiting for its turn. */
  charge(owner: string, milliseconds: number): void {
    const now = performance.now();
    this.debts.set(owner, Math.max(now - milliseconds, this.debts.get(owner) ?? 0) + (1 + pauses) * milliseconds);
    if (this.debts.size > 1_000) for (const [one, debt] of this.debts) if (debt <= now) this.debts.delete(one);
  }

  private isFree(owner: string): boolean {
    return this.pauseOf(owner) === 0;
  }

  private begin(owner: string): void {
    this.busy = true;
    const since = performance.now();
    setImmediate(() => {
      this.busy = false;
      this.charge(owner, performance.now() - since);
      // what has come meanwhile goes first
      if (this.waiting.size > 0) setImmediate(() => this.work());
    });
  }

  private work(): void {
    if (this.busy) return;
    const next = this.waiting.shift((owner) => this.isFree(owner));
    if (next) next();
    else this.awaitNext();
  }

  /** Looks again when the first of those who wait may go on. */
  private awaitNext(): void {
    if (this.busy || this.timer || this.waiting.size === 0) return;
    let wait = Infinity;
    for (const owner of this.waiting.owners()) wait = Math.min(wait, this.pauseOf(owner));
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.work();
    }, Math.ceil(wait));
  }
}

/** Those of this process, which has one event loop; owners are tenants by their ids, or whoever sends before it is known for which tenant. */
export const turns = new Turns();

/** Lets everything else that is due get on. */
export const nextMoment = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
