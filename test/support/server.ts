import { resolve } from 'node:path';
import { sharedServer } from './control.js';
import { ownerUrl, serverUrl } from './http.js';
import { launch, type Started } from './launch.js';
import { quickWebhooks } from './quick.js';

export type { Started };

const project = resolve(__dirname, '../..');

/**
 * Starts a further server beside the one of the run, on the same database, with that environment and nothing else of
 * configuration. Resolves when it listens or has ended. `directory` is the tree whose server it is, this one by default.
 */
export function startAnother(environment: Record<string, string>, directory = project): Promise<Started> {
  return launch(directory, environmentOf(environment));
}

/** Address of a further server, one for all test files that want the same environment and place; nobody stops it. */
export const anotherServer = (environment: Record<string, string>, place = 1): Promise<string> =>
  sharedServer(environmentOf(environment), place);

const environmentOf = (environment: Record<string, string>): Record<string, string> => ({
  ...(process.env['CRM_CITUS'] && { CRM_CITUS: process.env['CRM_CITUS'] }),
  CRM_DATABASE_URL: serverUrl(),
  CRM_DATABASE_OWNER_URL: ownerUrl(),
  ...quickWebhooks,
  ...environment,
});
