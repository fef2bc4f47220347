import { resolve } from 'node:path';
import { outputOf, sharedServer, type ServerWish } from './control.js';
import { ownerUrl, serverUrl, testSecret } from './http.js';
import { launch, type Started } from './launch.js';
import { noDailyJobs, quickWebhooks, rareRounds } from './quick.js';

export type { Started };

const project = resolve(__dirname, '../..');

/**
 * Starts a further server beside the one of the run, on the same database, with that environment and nothing else of
 * configuration. Resolves when it listens or has ended. `directory` is the tree whose server it is, this one by default;
 * `modules` are imported before it starts.
 */
export function startAnother(
  environment: Record<string, string>,
  directory = project,
  modules: readonly string[] = [],
): Promise<Started> {
  return launch(directory, environmentOf(environment), undefined, modules);
}

/** A server that listens. */
export type Listening = Started & { address: string };

/** As `startAnother`, for a server that has to start: throws what it said where it does not. */
export async function startListening(environment: Record<string, string>, directory = project): Promise<Listening> {
  const started = await startAnother(environment, directory);
  if (!started.address) throw new Error(`The server did not start:\n${started.stdout}\n${started.stderr}`);
  return started as Listening;
}

/** What a server that differs in nothing is given. */
export const plain = (): Record<string, string> => ({
  NODE_ENV: 'test',
  AUTH_JWT_SECRET: testSecret(),
  CRM_TENANT_AUTOCREATE: '1',
});

/** Address of a further server with that environment, for all files that want the same: where the ones below do not do. */
export const anotherServer = (environment: Record<string, string>, place = 1): Promise<string> =>
  sharedServer(sharedWish(environment, place));

const further = (): Record<string, string> => ({ ...plain(), CRM_OPEN_METRICS: '1' });

/** Addresses of so many further servers that differ in nothing, for all test files. */
export const furtherServers = (count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => sharedServer(sharedWish(further(), index + 1))));

/** The first of these, for files that hold its log against what they did: none of it is an error there. */
export async function loggedServer(): Promise<{ address: string; errors: () => Promise<string[]> }> {
  const wish = sharedWish(further());
  return {
    address: await sharedServer(wish),
    errors: async () =>
      (await outputOf(wish)).split('\n').filter((line) => /"level":(50|60|"error"|"fatal")/.test(line)),
  };
}

/** Address of a further server for all test files, on which everything is set that only few deployments set. */
export const strictServer = (): Promise<string> =>
  sharedServer(
    sharedWish({
      ...plain(),
      CRM_INTROSPECTION: '0',
      CRM_KEEP_ALIVE_SECONDS: '2',
      CRM_REQUIRE_REQUEST_ID: '1',
      CRM_TRUST_PROXY: '1',
    }),
  );

const sharedWish = (environment: Record<string, string>, place = 1): ServerWish => ({
  environment: environmentOf({ ...rareRounds, ...environment }),
  place,
});

const environmentOf = (environment: Record<string, string>): Record<string, string> => ({
  ...(process.env['CRM_CITUS'] && { CRM_CITUS: process.env['CRM_CITUS'] }),
  CRM_DATABASE_URL: serverUrl(),
  CRM_DATABASE_OWNER_URL: ownerUrl(),
  ...quickWebhooks,
  ...noDailyJobs,
  ...environment,
});
