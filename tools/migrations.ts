import { createHash } from 'node:crypto';
import { migrations } from '../src/database/migrations/index.js';

type Listed = (typeof migrations)[number];

/** A migration's name with a digest of every statement that it runs, up and down. */
export function digestOf({ name, class: Class }: Listed): readonly [name: string, digest: string] {
  const statements: string[][] = [];
  for (const direction of ['up', 'down'] as const) {
    const migration = new Class(undefined as never, undefined as never);
    migration[direction]();
    statements.push(migration.getQueries().map(String));
  }
  return [name, createHash('sha256').update(JSON.stringify(statements)).digest('hex').slice(0, 16)];
}

/** All migrations as `released.json` remembers them. */
export const digests = (): Record<string, string> => Object.fromEntries(migrations.map(digestOf));
