import type { Server } from 'node:http';
import cors from 'cors';
import express, { type Request, type Response, type NextFunction } from 'express';
import type { Config } from '../config.js';
import { badRequest, DomainError, messageOf, refuse } from '../core/errors.js';
import { presenceOf } from '../core/presence.js';
import { idempotencyGuard } from '../write/idempotency.js';
import { startNotifications } from '../database/notifications.js';
import type { OpenDatabase } from '../database/open.js';
import { version } from '../version.js';
import { inProcessClient } from '../schema/in-process-client.js';
import { asRefusal } from '../graphql/errors.js';
import { buildGraph, printGraph } from '../schema/schema.js';
import { documents } from '../../rest-facade/documents.js';
import { exportsRouter } from '../../rest-facade/exports.js';
import { announced, healthPaths, restFacade, compileDialects } from '../../rest-facade/index.js';
import { engine } from '../read/engine.js';
import { verifier } from '../identity/token.js';
import { startDelivery } from './jobs/delivery.js';
import { watchClock } from './jobs/clock.js';
import { eventsRouter } from './events.js';
import { deliveryMetrics, jobMetrics, metricsRouter, processMetrics, readMetrics } from './metrics.js';
import { filesRouter, openStorage } from './files.js';
import { preExpressHandler } from './pre-express.js';
import { graphRouter } from './graphql/router.js';
import { health } from './health.js';
import { drained, httpServer, normalised, utf8Url } from './http-server.js';
import { healthDaily } from './jobs/daily.js';
import { keepClean } from './jobs/housekeeping.js';
import { pages } from './pages/router.js';
import { reference } from './pages/reference-router.js';
import { identified } from './access.js';
import { anonymous, callerOf, identifier, localeOf } from './request.js';
import { serveSockets } from './graphql/sockets.js';
import { compressed } from './compress.js';
import { timed } from './timed.js';
import type { Announced } from './pages/welcome.js';

export interface RunningServer {
  http: Server;
  /** where it listens, e.g. `http://127.0.0.1:8001` */
  address: string;
  /** the REST dialects that are mounted */
  dialects: readonly Announced[];
  close(): Promise<void>;
}

/** Puts the channels together over an open database and starts to listen. */
export async function startServer(config: Config, database: OpenDatabase, demoSecret: string): Promise<RunningServer> {
  const schema = buildGraph();
  const reads = engine(schema);
  const verify = verifier({
    secret: config.AUTH_JWT_SECRET,
    jwksUrl: config.AUTH_JWKS_URL,
    platformUrl: config.PLATFORM_AUTH_URL,
    platformSeconds: config.PLATFORM_AUTH_SECONDS,
    strict: config.CRM_AUTH_STRICT,
    demoSecret,
  });
  const identity = {
    database: database.pool,
    verify,
    defaultTenant: config.DEFAULT_TENANT_ID!,
    autocreate: config.CRM_TENANT_AUTOCREATE,
  };
  const identify = identifier(identity);

  const idempotent = idempotencyGuard(config.CRM_IDEMPOTENCY_HOURS);
  const stopNotifications = startNotifications(database.pool);
  const stopWatching = watchClock(database.pool);
  const delivery = startDelivery(database.pool, config);
  const stopCleaning = keepClean(database.pool, { feedDays: config.CRM_FEED_DAYS });
  const stopDaily = healthDaily(database.pool, config.CRM_HEALTH_AT);

  const app = express();
  const http = httpServer(config.CRM_KEEP_ALIVE_SECONDS);
  const dispose = serveSockets(http, schema, identify, config.CRM_INTROSPECTION);
  app.disable('x-powered-by');
  app.enable('strict routing');
  if (config.CRM_TRUST_PROXY) app.set('trust proxy', true);
  const cross = config.production
    ? []
    : [
        cors({
          origin: true,
          credentials: true,
          exposedHeaders: [
            'x-crm-statements',
            'x-crm-executor',
            'x-api-dialect',
            'x-response-time',
            'x-request-id',
            'idempotency-replayed',
            'etag',
            'content-disposition',
            'retry-after',
          ],
        }),
      ];
  app.use(['/graphql', /^\/export\/\w+\.\w+$/, '/api/v1/events', '/api/v1/files'], utf8Url);
  app.use(health(database.pool, delivery, ['/health', ...healthPaths]));
  if (config.CRM_INTROSPECTION)
    app.get('/schema.graphql', (_request, response) => void response.type('text/plain').send(printGraph(schema)));
  app.use(pages({ production: config.production, version, dialects: announced }));
  const { router, fastPath } = await graphRouter({
    engine: reads,
    http,
    production: config.production,
    introspection: config.CRM_INTROSPECTION,
    identify,
    idempotent,
    dispose,
  });
  app.use(router);
  const stopping = new AbortController();
  app.use(eventsRouter({ identify, stopping: stopping.signal }));
  app.use(
    metricsRouter({
      identify,
      sources: [
        processMetrics,
        () => readMetrics(reads, fastPath, database.pool),
        () => deliveryMetrics(delivery),
        jobMetrics,
      ],
    }),
  );
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
  app.use(reference({ documents: documents(sites, version), identify }));
  const facade = restFacade(
    {
      client: rest,
      idempotent,
      identify,
      ...(config.CRM_OPEN_METRICS && { anonymous: anonymous(identity) }),
      asRefusal,
      sharedPaths: config.CRM_SHARED_PATHS,
      requireRequestId: config.CRM_REQUIRE_REQUEST_ID,
      trustsProxy: config.CRM_TRUST_PROXY,
      production: config.production,
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
      middleware: [normalised, identified(config.CRM_ACCESS_LOG), timed, ...cross, compressed],
    }),
  );

  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(config.PORT, config.HOST, resolve));
  const { port } = http.address() as { port: number };
  return {
    http,
    dialects: announced,
    address: `http://${config.HOST === '0.0.0.0' ? '127.0.0.1' : config.HOST}:${port}`,
    close: async () => {
      stopCleaning();
      stopping.abort();
      await Promise.all([drained(http, config.CRM_DRAIN_SECONDS * 1_000), dispose(), stopWatching(), stopDaily()]);
      await delivery.stop();
      await stopNotifications();
    },
  };
}

/** What no router caught: requests that Express or a parser could not read, which carry a status below 500, and faults. */
function lastResort(error: unknown, request: Request, response: Response, _next: NextFunction): void {
  const status = error instanceof DomainError ? undefined : unreadable(error);
  const refusal =
    status === 413
      ? refuse('PAYLOAD_TOO_LARGE', undefined, { max: '2 MB' })
      : status
        ? badRequest(reasonOf((error as { type?: unknown }).type))
        : asRefusal(error);
  const [issue] = refusal.issues;
  const message = messageOf(issue!, localeOf(request.headers['accept-language']));
  response
    .status(status ?? refusal.status)
    .json({ errors: [{ message, extensions: { code: refusal.code, ...(issue!.field && { field: issue!.field }) } }] });
}

function reasonOf(type: unknown): 'BODY_CHARSET' | 'JSON_BODY' | 'UNREADABLE' {
  if (type === 'charset.invalid') return 'BODY_CHARSET';
  return type === 'entity.parse.failed' ? 'JSON_BODY' : 'UNREADABLE';
}

function unreadable(error: unknown): number | undefined {
  const { status } = error as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
