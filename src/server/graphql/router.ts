import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { ApolloServer, HeaderMap, type ApolloServerOptions, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import { expressMiddleware } from '@as-integrations/express5';
import express, { json, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { GraphQLError } from 'graphql';
import type { Context, Channel } from '../../core/context.js';
import type { IdempotencyGuard } from '../../write/idempotency.js';
import { messageOf, refuse, type Locale } from '../../core/errors.js';
import { asRefusal, formatError, type Asker } from '../../graphql/errors.js';
import { limits, limitsRule } from '../../graphql/limits.js';
import { presenceOf } from '../../core/presence.js';
import { verifyUtf8 } from '../../core/utf8.js';
import type { Engine } from '../../read/engine.js';
import { stringify } from './answers.js';
import { compiledReads } from './compiled.js';
import { asksToExplain, explanations, extensionsOf, watched } from './explain.js';
import { keyed } from '../keyed.js';
import { maxBodyBytes, reportBodyError } from '../pre-express.js';
import { fastPath, type FastPath } from './fast-path.js';
import { callerOf, localeOf, type Caller } from '../request.js';

export interface GraphOptions {
  engine: Engine;
  http: Server;
  production: boolean;
  /** whether clients may ask for the schema */
  introspection: boolean;
  identify: (caller: Caller, channel: Channel) => Promise<Context>;
  /** keeps requests that carry a key from being carried out twice */
  idempotent: IdempotencyGuard;
  /** closes the sockets when the server stops */
  dispose: () => Promise<void>;
}

/**
 * Apollo Server at `/graphql`: POST and GET, persisted queries, and Apollo Sandbox for browsers outside production;
 * and the fast path in front of it.
 */
export async function graphRouter(options: GraphOptions): Promise<{ router: RequestHandler; fastPath: FastPath }> {
  const idempotent = keyed(options.engine, options.idempotent);
  const fast = fastPath({ ...options, keyed: idempotent });
  const asking = new AsyncLocalStorage<Asker>();
  const apollo = new ApolloServer<Context>({
    schema: options.engine.schema,
    validationRules: [limitsRule],
    documentStore: documentsOf(fast),
    stringifyResult: stringify,
    parseOptions: { maxTokens: limits.tokens },
    introspection: options.introspection,
    hideSchemaDetailsFromClientErrors: !options.introspection,
    includeStacktraceInErrorResponses: false,
    formatError: (formatted, error) => formatError(formatted, error, asking.getStore() ?? { locale: 'zh' }),
    csrfPrevention: true,
    // the process that started the server stops it, the database last; Apollo would end the process as soon as it has stopped itself
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginDrainHttpServer({ httpServer: options.http }),
      ...(options.production
        ? []
        : [ApolloServerPluginLandingPageLocalDefault({ footer: false }), statementCount, explanations]),
      compiledReads(options.engine, fast, idempotent, options),
      faultStatus,
      statusOfJson,
      { serverWillStart: async () => ({ drainServer: options.dispose }) },
    ],
  });
  await apollo.start();
  // an application of its own, since answers that must not be stored need no entity tags
  const router = express();
  router.disable('x-powered-by').disable('etag');
  router.use(
    '/graphql',
    reportBodyError,
    json({ limit: maxBodyBytes, verify: verifyUtf8 }),
    keptByNobody,
    refuseUnacceptable(options.production),
    (request, _response, next) => asking.run(askerOf(request.headers), next),
    expressMiddleware(apollo, {
      context: async ({ req, res }) => {
        try {
          const ctx =
            fast.contextOf(req) ??
            (await options.identify({ ...callerOf(req.headers), presence: presenceOf(res) }, 'graphql'));
          return !options.production && asksToExplain(req.headers, extensionsOf(req)) ? watched(ctx) : ctx;
        } catch (error) {
          throw asHttpError(error, localeOf(req.headers['accept-language']));
        }
      },
    }),
  );
  return { router, fastPath: fast };
}

/**
 * Documents that Apollo need not parse and validate again are those of the fast path; Apollo's own store would keep
 * them a second time.
 */
const documentsOf = (known: FastPath): NonNullable<ApolloServerOptions<Context>['documentStore']> => ({
  get: async (key) => known.documentOf(key.slice(-64)),
  set: async () => {},
  delete: async () => false,
});

/** What the graph answers depends on who asks: no cache on the way may keep it. */
function keptByNobody(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('cache-control', 'no-store');
  next();
}

/**
 * Refuses NOT_ACCEPTABLE before anything runs: Apollo would find out when it answers. A browser outside production is
 * shown Apollo Sandbox.
 */
const refuseUnacceptable =
  (production: boolean): RequestHandler =>
  (request, _response, next) => {
    if (request.accepts([...answerTypes])) return next();
    if (!production && request.method === 'GET' && request.accepts('html')) return next();
    throw refuse('NOT_ACCEPTABLE', undefined, { types: answerTypes.join(', ') });
  };

/** The media types of answers, of which GraphQL over HTTP knows the first by its statuses alone. */
const answerTypes = ['application/graphql-response+json', 'application/json'] as const;

const askerOf = (headers: IncomingHttpHeaders): Asker => ({
  locale: localeOf(headers['accept-language']),
  requestId: callerOf(headers).requestId,
});

/** A refusal before there is a context: the HTTP status says it as well. */
function asHttpError(error: unknown, locale: Locale): GraphQLError {
  const refusal = asRefusal(error);
  return new GraphQLError(messageOf(refusal.issues[0]!, locale), {
    extensions: {
      code: refusal.code,
      status: refusal.status,
      http: {
        status: refusal.status,
        headers: new HeaderMap(refusal.code === 'UNAUTHENTICATED' ? [['www-authenticate', 'Bearer']] : []),
      },
    },
  });
}

/** An operation of which nothing is left because of a fault, or of what passes by waiting, says so by its status as well. */
const faultStatus: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response }) => {
      if (response.body.kind !== 'single') return;
      const { data, errors = [] } = response.body.singleResult;
      const fault = errors.map(({ extensions }) => Number(extensions?.['status'])).find((status) => status >= 500);
      if (fault && !data) response.http.status = fault;
    },
  }),
};

/**
 * GraphQL over HTTP: a request that is well-formed but not valid is 400 as application/graphql-response+json, and 200 as
 * application/json for a client that names that type, as such clients expect of the servers of old.
 */
const statusOfJson: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ request, response, source }) => {
      const { http, body } = response;
      if (http.status !== 400 || source === undefined || body.kind !== 'single' || 'data' in body.singleResult) return;
      const accepted = request.http?.headers.get('accept') ?? '';
      if (accepted.includes('application/json') && !accepted.includes('graphql-response')) http.status = undefined;
    },
  }),
};

/** Outside production every answer says how many SQL statements it took. */
const statementCount: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response, contextValue }) => {
      response.http.headers.set('x-crm-statements', String(contextValue?.stats?.statements ?? 0));
    },
  }),
};
