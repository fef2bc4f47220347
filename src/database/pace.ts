import { Recent } from '../core/recent.js';

/** A statement that takes longer than this is not one that others should wait behind. */
export const quickMilliseconds = 10;

/** How much of what is known of a statement's time a shorter and a longer one replace. */
const shorter = 0.5;
const longer = 0.1;

/** How many statements' times are known. */
const mostTimed = 2_000;

/**
 * How long statements take, by the name that they are prepared under. One that took longer than usual counts little, since
 * it may have waited for the processor or been planned; where it happens again and again, it adds up.
 */
export class Pace {
  private readonly times = new Recent<number>(mostTimed);

  took(name: string, milliseconds: number): void {
    const known = this.times.get(name) ?? milliseconds;
    this.times.set(name, known + (milliseconds < known ? shorter : longer) * (milliseconds - known));
  }

  isQuick(name: string): boolean {
    const known = this.times.get(name);
    return known !== undefined && known < quickMilliseconds;
  }
}
