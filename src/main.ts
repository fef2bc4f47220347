import { setTimeout as wait } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import { ConfigurationError, readConfig } from './config.js';
import { log } from './core/log.js';
import { loadDemoIfEmpty } from './demo/load.js';
import { openDatabase } from './database/open.js';
import { demoSecret } from './server/demo-secret.js';
import { startServer } from './server/app.js';
import { welcome } from './server/pages/welcome.js';
import ormOptions from '../mikro-orm.config.js';

async function main(): Promise<void> {
  const config = readConfig();
  log.level = config.LOG_LEVEL!;
  const database = await openDatabase(config, ormOptions);
  if (config.CRM_DEMO_DATA && (await loadDemoIfEmpty(database.ownerUrl)))
    log.info({ event: 'database.demoLoaded' }, 'loaded demo data into the empty database');
  const secret = config.production ? '' : demoSecret(config);
  const server = await startServer(config, database, secret);
  const stop = async (): Promise<void> => {
    // whatever hangs keeps nobody from ending it
    const drainMs = config.CRM_DRAIN_SECONDS * 1_000;
    await Promise.race([server.close(), wait(drainMs + 2_000)]);
    await Promise.race([database.close(), wait(8_000)]);
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
  log.info({ event: 'server.listening', address: server.address }, `listening at ${server.address}`);
  const showTokens = !config.production && !config.AUTH_JWKS_URL && !config.PLATFORM_AUTH_URL;
  if (!config.production)
    process.stdout.write(
      await welcome(server.address, server.dialects, showTokens ? { tenants: ['demo', 'demo2'], secret } : undefined),
    );
}

// graphql-js lets go of promises of a list once a row of it fails at once; what the others fail with is reported with that row
process.on('unhandledRejection', (reason) =>
  log[reason instanceof GraphQLError ? 'debug' : 'error'](
    { event: 'server.unhandledRejection', err: reason },
    'a promise was rejected that nothing waited for',
  ),
);

main().catch((error: unknown) => {
  if (error instanceof ConfigurationError) process.stderr.write(`${error.message}\n`);
  else log.fatal({ event: 'server.startFailed', err: error }, 'the server could not start');
  process.exit(1);
});
