import type { DemoOptions } from '../../src/demo/load.js';

// What the tests ask of the process that holds the run's PostgreSQL and its servers (`world.ts`).

/** What a database is to hold: nothing at all, or what the migrations make of it, or demo data as well. */
export interface DatabaseWish {
  migrated?: boolean;
  demo?: Omit<DemoOptions, 'progress'>;
}

export interface MadeDatabase {
  name: string;
  ownerUrl: string;
  serverUrl: string;
}

function given(key: string): string {
  const value = process.env[key];
  if (!value) throw new Error(`${key} is unset: this file needs the process that Jest's globalSetup starts.`);
  return value;
}

async function ask<T>(path: string, wish: object): Promise<T> {
  const response = await fetch(given('CRM_TEST_CONTROL') + path, {
    method: 'POST',
    headers: { authorization: given('CRM_TEST_SECRET') },
    body: JSON.stringify(wish),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}

export const makeDatabase = (wish: DatabaseWish): Promise<MadeDatabase> => ask('/databases', wish);

export const dropDatabase = (name: string): Promise<void> => ask('/databases/drop', { name });

/** Address of a server with exactly that environment, the first or a further one; started when it is first asked for, it lives as long as its database. */
export const sharedServer = (environment: Record<string, string>, place: number): Promise<string> =>
  ask('/servers', { environment, place });
