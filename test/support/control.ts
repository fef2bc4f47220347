import type { DemoOptions } from '../../src/demo/load.js';

// What the tests ask of the process that holds the run's PostgreSQL and its servers (`world.ts`).

/** What a database is to hold: nothing at all, or what the migrations make of it, or demo data as well. */
export interface DatabaseWish {
  migrated?: boolean;
  demo?: Omit<DemoOptions, 'progress'>;
}

/** A server with exactly that environment, the first or a further one. */
export interface ServerWish {
  environment: Record<string, string>;
  place: number;
}

export interface MadeDatabase {
  name: string;
  ownerUrl: string;
  serverUrl: string;
  superuserUrl: string;
}

function given(key: string): string {
  const value = process.env[key];
  if (!value) throw new Error(`${key} is unset: this file needs the process that Jest's globalSetup starts.`);
  return value;
}

async function ask<T>(path: string, wish: object): Promise<T> {
  const response = await fetch(given('CRM_TEST_CONTROL') + path, {
    method: 'POST',
    // a kept connection may have been closed meanwhile, which a busy process notices too late
    headers: { authorization: given('CRM_TEST_SECRET'), connection: 'close' },
    body: JSON.stringify(wish),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}

export const makeDatabase = (wish: DatabaseWish): Promise<MadeDatabase> => ask('/databases', wish);

export const dropDatabase = (name: string): Promise<void> => ask('/databases/drop', { name });

/** Address of a server; started when it is first asked for, it lives as long as its database. */
export const sharedServer = (wish: ServerWish): Promise<string> => ask('/servers', wish);

/** What such a server has written to standard output so far. */
export const outputOf = (wish: ServerWish): Promise<string> => ask('/servers/output', wish);
