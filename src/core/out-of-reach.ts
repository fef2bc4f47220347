import type { Database } from './database.js';
import { isUnavailable } from './database-faults.js';

/**
 * Whether an error says that nothing can be asked of the database any more. A distributed one may have lost a node with
 * some of the tenants: then something fails in the same way, and the others can be asked all the same.
 */
export const isOutOfReach = async (database: Database, error: unknown): Promise<boolean> =>
  isUnavailable(error) &&
  (await database.global({ text: 'select 1', values: [] }).then(
    () => false,
    () => true,
  ));
