import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until the answer is as wished; the test's own limit ends what never is. */
export async function eventually<T>(ask: () => Promise<T>, wished: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wished(answer)) return answer;
    await pause(50);
  }
}
