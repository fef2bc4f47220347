import { ConfigurationError, newSecret, readConfig } from './config.js';
import { log } from './core/log.js';
import { openDatabase } from './database/open.js';
import { startServer } from './server/app.js';

async function main(): Promise<void> {
  const config = readConfig();
  log.level = config.LOG_LEVEL!;
  const database = await openDatabase(config);
  const server = await startServer(config, database, newSecret());
  log.info(`listening at ${server.address}`);
  const stop = async (): Promise<void> => {
    await server.close();
    await database.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}

main().catch((error: unknown) => {
  if (error instanceof ConfigurationError) process.stderr.write(`${error.message}\n`);
  else log.fatal({ err: error }, 'the server could not start');
  process.exit(1);
});
