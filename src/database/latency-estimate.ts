import { Recent } from '../core/recent.js';

/** A statement that takes longer than this is not one that others should wait behind. */
export const quickThresholdMs = 10;

/** How much of what is known of a statement's time a shorter and a longer one replace. */
const fasterWeight = 0.5;
const slowerWeight = 0.1;

/** How many statements' times are known. */
const maxEstimates = 2_000;

/**
 * Estimated duration of statements, by their prepared name. A single slow run counts little, since it may have waited
 * for the processor or been planned; repeated slow runs add up.
 */
export class LatencyEstimate {
  private readonly estimates = new Recent<number>(maxEstimates);

  record(name: string, milliseconds: number): void {
    const known = this.estimates.get(name) ?? milliseconds;
    this.estimates.set(name, known + (milliseconds < known ? fasterWeight : slowerWeight) * (milliseconds - known));
  }

  isQuick(name: string): boolean {
    const known = this.estimates.get(name);
    return known !== undefined && known < quickThresholdMs;
  }
}
