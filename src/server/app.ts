import type { Server } from 'node:http';
import { introspectionFromSchema } from 'graphql';
import express from 'express';
import type { Config } from '../config.js';
import { useKeys } from '../core/encryption.js';
import { log } from '../core/log.js';
import { presenceOf } from '../core/presence.js';
import { isTracing } from '../core/tracing.js';
import { idempotencyGuard } from '../write/idempotency.js';
import { startNotifications } from '../database/notifications.js';
import type { OpenDatabase } from '../database/open.js';
import { version } from '../version.js';
import { inProcessClient } from '../schema/in-process-client.js';
import { asRefusal } from '../graphql/errors.js';
import type { Manifest } from '../graphql/manifest.js';
import { buildGraph, printGraph } from '../schema/schema.js';
import { documents } from '../../rest-facade/documents.js';
import { Deprecations } from '../../rest-facade/engine/deprecations.js';
import { exportsRouter } from '../../rest-facade/exports.js';
import { announced, compileDialects, dialects, metricsPaths, probePaths, restFacade } from '../../rest-facade/index.js';
import { engine } from '../read/engine.js';
import { EndpointUses } from '../endpoint-uses/endpoint-use.service.js';
import { Grants } from '../identity/grants.js';
import { serverSecret } from '../identity/server-secret.service.js';
import { reachTables } from '../identity/role-reach.service.js';
import { revocationCheck } from '../identity/revocation.service.js';
import { verifier } from '../identity/token.js';
import { startDelivery } from './jobs/delivery.js';
import { watchClock } from './jobs/clock.js';
import { eventsRouter } from './events.js';
import {
  deliveryMetrics,
  deprecationMetrics,
  jobMetrics,
  metricsRouter,
  processMetrics,
  readMetrics,
  replicaMetrics,
  trustedMetrics,
} from './metrics.js';
import { filesRouter, openStorage } from './files.js';
import { preExpressHandler } from './pre-express.js';
import { graphRouter } from './graphql/router.js';
import { positioned } from './positioned.js';
import { probes } from './probes.js';
import { drained, httpServer, normalised, utf8Url } from './http-server.js';
import { healthDaily } from './jobs/daily.js';
import { recyclingRounds } from './jobs/recycling.js';
import { keepClean } from './jobs/housekeeping.js';
import { demoTenants, identitiesOf } from './pages/identities.js';
import { pages } from './pages/router.js';
import { reference } from './pages/reference-router.js';
import { identified } from './access.js';
import { keyVerifier } from '../api-keys/api-key.check.js';
import { bearerInAddress, ticketsRouter } from './addresses.js';
import { watchEventLoop } from './event-loop.js';
import { noteRow, observedOf } from './observed.js';
import { RequestMetrics } from './request-metrics.js';
import type { Metric } from './prometheus.js';
import { askingOf } from './rates/asking.js';
import { Rates } from './rates/rates.js';
import { sharedCounts } from './rates/shared-counts.js';
import { anonymous, callerOf, identifier, withApiKey } from './request.js';
import { lastResort } from './refusals.js';
import { tokenChecks } from './token-checks.js';
import { serveSockets } from './graphql/sockets.js';
import { TrustedDocuments } from './graphql/trusted.js';
import { compressed } from './compress.js';
import { guarded, shared } from './security.js';
import { timed } from './timed.js';
import { traced } from './traced.js';

export interface RunningServer {
  http: Server;
  /** where it listens, e.g. `http://127.0.0.1:8001` */
  address: string;
  /** what this process counts, for those who put the metrics of several together */
  metrics: () => Metric[];
  /** Stops taking requests, answers those under way, and resolves when all is at rest. `isReplaced` says that other processes go on answering at the address. */
  close(isReplaced?: boolean): Promise<void>;
}

/** Puts the channels together over an open database and starts to listen. `collect` gets the metrics of all processes; without it there is this one. */
export async function startServer(
  config: Config,
  database: OpenDatabase,
  demoSecret: string,
  manifest?: Manifest,
  collect?: () => Promise<Metric[]>,
): Promise<RunningServer> {
  const trusted = manifest && new TrustedDocuments({ manifest, reportOnly: config.CRM_TRUSTED_DOCUMENTS_REPORT });
  const schema = buildGraph();
  const reads = engine(schema);
  const verify = verifier({
    secret: config.AUTH_JWT_SECRET,
    jwksUrl: config.AUTH_JWKS_URL,
    platformUrl: config.PLATFORM_AUTH_URL,
    platformSeconds: config.PLATFORM_AUTH_SECONDS,
    checks: tokenChecks(config),
    strict: config.CRM_AUTH_STRICT,
    demoSecret,
  });
  const rates = new Rates({
    quotas: config.CRM_RATE_LIMITS,
    counts: config.CRM_RATE_SHARED ? sharedCounts(database.pool) : undefined,
    proxies: config.CRM_TRUST_PROXY,
    exempt: new Set(['/health', '/metrics/server', ...probePaths, ...metricsPaths]),
  });
  useKeys(config.CRM_ENCRYPTION_KEYS);
  if (config.production && config.CRM_ENCRYPTION_KEYS.length === 0)
    log.warn(
      { event: 'server.secretsPlain' },
      'CRM_ENCRYPTION_KEYS is unset: secrets in the database are not encrypted',
    );
  const grants = new Grants(await serverSecret(database.pool, 'addresses'));
  const identity = {
    database: database.pool,
    verify,
    verifyKey: keyVerifier(database.pool),
    rates,
    refuseRevoked: revocationCheck(database.pool),
    reachTable: reachTables(database.pool),
    defaultTenant: config.DEFAULT_TENANT_ID!,
    autocreate: config.CRM_TENANT_AUTOCREATE,
    grants,
    hasReplicas: database.pool.replicas !== undefined,
  };
  const identify = identifier(identity);

  const idempotent = idempotencyGuard(config.CRM_IDEMPOTENCY_HOURS);
  const stopNotifications = startNotifications(database.pool);
  const stopWatching = watchClock(database.pool, config.CRM_ROUND_SECONDS * 1_000);
  const delivery = startDelivery(database.pool, config);
  const endpointUses = new EndpointUses(database.pool);
  const requests = new RequestMetrics();
  const eventLoop = watchEventLoop();
  const stopping = new AbortController();
  const leaving = new AbortController();
  const stopCleaning = keepClean(database.pool, { feedDays: config.CRM_FEED_DAYS });
  const stopDaily = healthDaily(database.pool, config.CRM_HEALTH_AT);
  const stopRecycling = recyclingRounds(database.pool, config.CRM_RECYCLE_AT, config.CRM_ROUND_SECONDS * 1_000);

  const app = express();
  const http = httpServer(config.CRM_KEEP_ALIVE_SECONDS, config.CRM_CLIENT_SECONDS);
  const sockets = serveSockets({
    http,
    engine: reads,
    identify,
    grants,
    introspection: config.CRM_INTROSPECTION,
    maxCost: config.CRM_OPERATION_COST,
    trusted,
    requests,
    rates,
  });
  app.disable('x-powered-by');
  app.enable('strict routing');
  if (config.CRM_TRUST_PROXY > 0) app.set('trust proxy', true);
  app.use(['/graphql', /^\/export\/\w+\.\w+$/, '/api/v1/events', '/api/v1/files'], utf8Url);
  app.use(
    probes({
      database: database.pool,
      workers: database.workers,
      delivery,
      paths: ['/health', ...probePaths],
      directory: config.CRM_DATA_DIR!,
      stopping: leaving.signal,
    }),
  );
  app.get(ofPages, (request, _response, next) => next(askingOf(request.headers)?.refusal));
  if (config.CRM_INTROSPECTION)
    app.get('/schema.graphql', (_request, response) => void response.type('text/plain').send(printGraph(schema)));
  // where any token is let in, whoever looks at a page may as well choose who they are
  const letsAnyIn =
    !config.production &&
    !config.CRM_AUTH_STRICT &&
    !config.AUTH_JWT_SECRET &&
    !config.AUTH_JWKS_URL &&
    !config.PLATFORM_AUTH_URL;
  app.use(
    pages({
      production: config.production,
      version,
      dialects: announced,
      onlyTrusted: trusted !== undefined && !trusted.reportOnly,
      demo: letsAnyIn
        ? { tenants: demoTenants, identities: () => identitiesOf(demoTenants, demoSecret, tokenChecks(config)) }
        : undefined,
      introspection: config.CRM_INTROSPECTION ? () => introspectionFromSchema(schema) : undefined,
    }),
  );
  const { router, fastPath } = await graphRouter({
    engine: reads,
    http,
    production: config.production,
    introspection: config.CRM_INTROSPECTION,
    identify,
    idempotent,
    maxCost: config.CRM_OPERATION_COST,
    trusted,
    dispose: sockets.dispose,
  });
  app.use(router);
  app.use(ticketsRouter(grants, identify));
  app.use(eventsRouter({ identify, stopping: stopping.signal }));
  const deprecations = new Deprecations(config.CRM_DEPRECATIONS, config.CRM_DEPRECATION_LINK);
  const deprecated = deprecations.rowsOf(dialects);
  const sources: ReadonlyArray<() => Metric[]> = [
    processMetrics,
    eventLoop.metrics,
    sockets.metrics,
    () => requests.metrics(),
    () => deprecationMetrics(deprecated),
    () => readMetrics(reads, fastPath, database.pool),
    () => (database.pool.replicas ? replicaMetrics(database.pool.replicas) : []),
    () => deliveryMetrics(delivery),
    jobMetrics,
    () => (trusted ? trustedMetrics(trusted) : []),
  ];
  const metrics = (): Metric[] => sources.flatMap((source) => source());
  app.use(metricsRouter({ identify, collect: collect ?? (async () => metrics()) }));
  app.use(filesRouter({ client: inProcessClient(reads), identify, idempotent, ...(await openStorage(config)) }));
  const rest = inProcessClient(reads);
  app.use(
    exportsRouter({
      client: rest,
      asRefusal,
      contextOf: (request) => identify({ ...callerOf(request.headers), presence: presenceOf(request.res!) }, 'graphql'),
    }),
  );
  const sites = compileDialects(rest);
  app.use(
    reference({
      documents: documents(sites, version, deprecations),
      version,
      identify,
      trustsProxy: config.CRM_TRUST_PROXY > 0,
    }),
  );
  const facade = restFacade(
    {
      client: rest,
      idempotent,
      identify,
      ...(config.CRM_OPEN_METRICS && { anonymous: anonymous(identity) }),
      asRefusal,
      sharedPaths: config.CRM_SHARED_PATHS,
      requireRequestId: config.CRM_REQUIRE_REQUEST_ID,
      trustsProxy: config.CRM_TRUST_PROXY > 0,
      admit: (headers) => {
        const refusal = askingOf(headers)?.refusal;
        if (refusal) throw refusal;
      },
      production: config.production,
      deprecations,
      noted: (headers, dialect, answered) => {
        noteRow(headers, dialect, answered);
        const ctx = observedOf(headers)?.ctx;
        if (ctx && answered.row !== undefined) endpointUses.count(ctx, dialect, answered.row, headers['user-agent']);
      },
    },
    sites,
  );
  app.use(facade.handler);
  app.use(lastResort);
  http.on(
    'request',
    preExpressHandler({
      fastPath,
      facade,
      express: app,
      middleware: [
        normalised,
        bearerInAddress(grants),
        withApiKey,
        identified({ metrics: requests, logs: config.CRM_ACCESS_LOG }),
        ...(isTracing() ? [traced] : []),
        timed,
        ...(database.pool.replicas ? [positioned(database.pool.replicas)] : []),
        guarded(config.CRM_TRUST_PROXY > 0),
        ...shared(config.CRM_ALLOWED_ORIGINS),
        rates.counted,
        compressed,
      ],
    }),
  );

  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(config.PORT, config.HOST, resolve));
  const { port } = http.address() as { port: number };
  return {
    http,
    address: addressOf(config.HOST, port),
    metrics,
    close: async (isReplaced = false) => {
      stopCleaning();
      eventLoop.stop();
      if (!isReplaced) leaving.abort();
      stopping.abort();
      await Promise.all([
        drained(http, config.CRM_DRAIN_SECONDS * 1_000),
        sockets.dispose(),
        stopWatching(),
        stopDaily(),
        stopRecycling(),
      ]);
      await endpointUses.stop();
      await delivery.stop();
      await stopNotifications();
    },
  };
}

/** Where a server that listens there is reached from this machine. */
export const addressOf = (host: string, port: number): string =>
  `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;

/** Paths of pages and documents, which ask nobody for a token. */
const ofPages = [
  /^\/(?:graphiql.*|schema\.graphql|docs.*|openapi\.json|asyncapi(?:\.json|\.yaml)?)?$/,
  /^\/api\/v1\/(?:docs|redoc|schema)\/?$/,
];
