import { nextMoment, type Turns } from '../../core/turns.js';
import { refuseLong } from '../../graphql/limits.js';

/**
 * Turns for looking at documents that are not known yet. Requests with the same text wait for the one look at it: whoever
 * opens a page that asks many times at once is not refused for it.
 */
export class FirstLooks {
  /** the look of an owner at a text that is under way, by both */
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly turns: Turns,
    private readonly knows: (text: string) => boolean,
  ) {}

  /** Resolves when the text may be looked at for the owner: it is known, or it is their turn. Refuses a text that is too long, and RATE_LIMITED where too much of the same owner waits. */
  async at(text: string, owner: string): Promise<void> {
    if (this.knows(text)) return;
    refuseLong(text);
    const key = `${owner} ${text}`;
    const other = this.underWay.get(key);
    if (other) {
      await other;
      if (this.knows(text)) return;
    }
    const begins = this.turns.next(owner);
    if (!this.underWay.has(key)) this.underWay.set(key, this.lookOf(key, begins));
    await begins;
  }

  /** What is done in a turn is done when the event loop gets on. */
  private async lookOf(key: string, begins: Promise<void> | undefined): Promise<void> {
    await begins;
    await nextMoment();
    this.underWay.delete(key);
  }
}
