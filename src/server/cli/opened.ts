import { readValues, type Config } from '../../config.js';
import { useKeys } from '../../core/encryption.js';
import { log } from '../../core/log.js';
import { findDatabase, openDatabase, type DatabasePlace, type OpenDatabase } from '../../database/open.js';
import { buildGraph } from '../../schema/schema.js';
import ormOptions from '../../../mikro-orm.config.js';

/** The configuration of a command, which serves nobody: how tokens are checked does not matter. */
function configuration(): Config {
  const config = readValues();
  log.level = config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL!;
  return config;
}

/** Runs work on the configured database as its owner; one that was started for it is stopped afterwards. */
export async function asOwner<T>(work: (place: DatabasePlace, config: Config) => Promise<T>): Promise<T> {
  const config = configuration();
  const place = await findDatabase(config);
  try {
    return await work(place, config);
  } finally {
    // a database that ran before belongs to somebody else, who would lose it
    if (!place.adopted) await place.stop();
  }
}

/** Runs work on the configured database as the server does, brought up to date before. */
export async function asServer<T>(work: (database: OpenDatabase, config: Config) => Promise<T>): Promise<T> {
  const config = configuration();
  useKeys(config.CRM_ENCRYPTION_KEYS);
  const database = await openDatabase(config, ormOptions);
  buildGraph();
  try {
    return await work(database, config);
  } finally {
    await database.close('guest');
  }
}
