import type { ServerResponse } from 'node:http';

/** Whether somebody still waits for what is being worked out: what is read for somebody who has gone is stopped. */
export class Presence {
  private readonly works = new Set<() => void>();
  private isGone = false;

  get gone(): boolean {
    return this.isGone;
  }

  leave(): void {
    if (this.isGone) return;
    this.isGone = true;
    for (const stop of this.works) stop();
  }

  /** Calls `stop` when nobody waits any more; the function that is returned says that the work is done. */
  during(stop: () => void): () => void {
    this.works.add(stop);
    return () => void this.works.delete(stop);
  }
}

/** Whoever waits for this answer: gone when the connection is closed before the answer is sent. */
export function presenceOf(response: ServerResponse): Presence {
  const presence = new Presence();
  response.once('close', () => {
    if (!response.writableFinished) presence.leave();
  });
  return presence;
}
