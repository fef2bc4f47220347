import type { Row } from '../core/database.js';
import { turns } from '../core/turns.js';

/** How many characters of an answer are looked upon as long, and how many milliseconds of the event loop a character takes to be read, encoded and sent. */
const longAnswer = 100_000;
const msPerCharacter = 4 / 1_000_000;

/** Counts a long answer as work of its tenant. One that is made by PostgreSQL as a whole is a single value. */
export function chargeLong(tenantId: string, results: readonly Row[][]): void {
  for (const [row] of results) {
    const length = row?.[0]?.length ?? 0;
    if (length > longAnswer) turns.charge(tenantId, length * msPerCharacter);
  }
}
