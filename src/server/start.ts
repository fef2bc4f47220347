import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import { ConfigurationError, readConfig, secretKeys, type Config } from '../config.js';
import { hideInLog, log } from '../core/log.js';
import { loadDemoIfEmpty } from '../demo/load.js';
import { openDatabase, type OpenDatabase } from '../database/open.js';
import { ManifestError, readManifest, type Manifest } from '../graphql/manifest.js';
import { sentenceFor } from './cli/failure.js';
import { demoSecret } from './demo-secret.js';
import { addressOf, startServer } from './app.js';
import { startTelemetry } from './telemetry.js';
import { tokenChecks } from './token-checks.js';
import { demoTenants } from './pages/identities.js';
import { Deprecations } from '../../rest-facade/engine/deprecations.js';
import { announced, dialects } from '../../rest-facade/index.js';
import { welcome } from './pages/welcome.js';
import { asWorker, type OneOfSeveral } from './workers/worker.js';
import { Workers } from './workers/workers.js';
import ormOptions from '../../mikro-orm.config.js';

/** Fails where nothing can listen there, before anything else is started that would have to be stopped again. Gives the port, which is a free one for 0. */
const tryPort = (port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, host, () => {
      const found = (server.address() as AddressInfo).port;
      server.close(() => resolve(found));
    });
  });

/** The operations that clients may run, where they may not run all. */
function trustedManifest({ CRM_TRUSTED_DOCUMENTS: path }: Config): Manifest | undefined {
  try {
    return path ? readManifest(path) : undefined;
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new ConfigurationError(`CRM_TRUSTED_DOCUMENTS ${error.message}; it is ${JSON.stringify(path)}.`);
  }
}

/** Stops the start where something is said to be deprecated that is not there. */
function checkDeprecations({ CRM_DEPRECATIONS: deprecations }: Config): void {
  const unknown = new Deprecations(deprecations).unknownAmong(dialects);
  if (unknown !== undefined)
    throw new ConfigurationError(
      `CRM_DEPRECATIONS names ${JSON.stringify(unknown)}, which is no dialect and no row of one.`,
    );
}

/** How often it is looked whether the parent process is still there, in milliseconds. */
const parentInterval = 500;

/** Calls `stop` once when the process is asked to end, or with `withParent` when the process that started it has ended. */
function whenAsked(withParent: boolean, stop: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => withParent && process.ppid !== parent && end(), parentInterval).unref();
  const end = (): void => {
    clearInterval(timer);
    stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
}

/** For how long the rest of a server takes to end when the requests under way have been answered or cut, in milliseconds. */
const endMs = { requests: 2_000, database: 8_000, telemetry: 3_000 };

interface Configured {
  config: Config;
  manifest: Manifest | undefined;
}

/** Reads the configuration and makes the log fit it. Throws a ConfigurationError for what cannot be served with. */
function configured(): Configured {
  const config = readConfig();
  log.level = config.LOG_LEVEL!;
  for (const key of secretKeys) hideInLog(config[key]);
  for (const { key } of config.CRM_ENCRYPTION_KEYS) hideInLog(key.toString('base64'));
  for (const value of Object.values(config.OTEL_EXPORTER_OTLP_HEADERS ?? {})) hideInLog(value);
  const manifest = trustedManifest(config);
  checkDeprecations(config);
  return { config, manifest };
}

/** What stops what was started so far: asked earlier, it is called as soon as it is known. */
class Ending {
  private isAsked = false;
  private stop: (() => void) | undefined;

  ask(): void {
    this.isAsked = true;
    this.stop?.();
  }

  /** Says how to stop; true if it has been asked for already, and is under way. */
  by(stop: () => void): boolean {
    this.stop = stop;
    if (this.isAsked) stop();
    return this.isAsked;
  }
}

/** Says that the server answers, and outside production how to talk to it. */
async function announce(config: Config, address: string, secret: string): Promise<void> {
  log.info({ event: 'server.listening', address }, `listening at ${address}`);
  if (config.production) return;
  const showTokens = !config.AUTH_JWKS_URL && !config.PLATFORM_AUTH_URL;
  process.stdout.write(
    await welcome(
      address,
      announced,
      showTokens ? { tenants: demoTenants, secret, checks: tokenChecks(config) } : undefined,
    ),
  );
}

/** Serves with this process alone, or as one of several. */
async function serve(
  { config, manifest }: Configured,
  withParent: boolean,
  worker: OneOfSeveral | undefined,
): Promise<void> {
  if (!worker) await tryPort(config.PORT, config.HOST);
  const stopTelemetry = await startTelemetry(config);
  const ending = new Ending();
  let isReplaced = false;
  if (worker)
    worker.onStop((byAnother) => {
      isReplaced = byAnother;
      ending.ask();
    });
  else whenAsked(withParent, () => ending.ask());
  const database = await openDatabase(config, ormOptions);
  if (!worker) await loadDemo(config, database);
  const secret = config.production ? '' : demoSecret(config);
  const server = await startServer(config, database, secret, manifest, worker?.collect).catch(
    async (error: unknown) => {
      await database.close('guest');
      throw error;
    },
  );
  worker?.counts(server.metrics);
  const end = async (): Promise<void> => {
    // whatever hangs keeps nobody from ending it
    const drainMs = config.CRM_DRAIN_SECONDS * 1_000;
    await Promise.race([server.close(isReplaced), wait(drainMs + endMs.requests)]);
    await Promise.race([
      Promise.all([database.close(worker && 'guest'), stopTelemetry(endMs.telemetry), worker?.leave()]),
      wait(endMs.database),
    ]);
    process.exit(0);
  };
  if (ending.by(() => void end())) return;
  if (!worker) await announce(config, server.address, secret);
}

/** Has several processes serve, which this one starts and watches over. */
async function serveByWorkers({ config }: Configured, withParent: boolean): Promise<void> {
  const port = await tryPort(config.PORT, config.HOST);
  const ending = new Ending();
  whenAsked(withParent, () => ending.ask());
  const database = await openDatabase(config, ormOptions);
  await loadDemo(config, database);
  const secret = config.production ? '' : demoSecret(config);
  const drainMs = config.CRM_DRAIN_SECONDS * 1_000;
  const workers = new Workers({
    count: config.CRM_WORKERS,
    port,
    endMs: drainMs + endMs.requests + endMs.database + 1_000,
  });
  let ended: Promise<void> | undefined;
  const end = (code: number): Promise<void> =>
    (ended ??= (async () => {
      await workers.stop();
      await Promise.race([database.close(), wait(endMs.database)]);
      process.exit(code);
    })());
  if (ending.by(() => void end(0))) return;
  process.on('SIGUSR2', () => workers.replace());
  if (await workers.start()) await announce(config, addressOf(config.HOST, port), secret);
  else await end(1);
}

async function loadDemo(config: Config, { ownerUrl }: OpenDatabase): Promise<void> {
  if (config.CRM_DEMO_DATA && (await loadDemoIfEmpty(ownerUrl)))
    log.info({ event: 'database.demoLoaded' }, 'loaded demo data into the empty database');
}

/** Runs the server until it is asked to stop, or with `withParent` until the process that started it has ended. What keeps it from starting is said in a sentence, with exit code 1. */
export async function start({ withParent = false }: { withParent?: boolean } = {}): Promise<void> {
  // graphql-js lets go of promises of a list once a row of it fails at once; what the others fail with is reported with that row
  process.on('unhandledRejection', (reason) =>
    log[reason instanceof GraphQLError ? 'debug' : 'error'](
      { event: 'server.unhandledRejection', err: reason },
      'a promise was rejected that nothing waited for',
    ),
  );
  try {
    const worker = asWorker();
    const given = configured();
    if (worker || given.config.CRM_WORKERS === 1) await serve(given, withParent, worker);
    else await serveByWorkers(given, withParent);
  } catch (error) {
    const sentence = sentenceFor(error);
    if (sentence !== undefined) process.stderr.write(`${sentence}\n`);
    else log.fatal({ event: 'server.startFailed', err: error }, 'the server could not start');
    process.exit(1);
  }
}
