import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders, Server } from 'node:http';
import {
  ApolloServer,
  HeaderMap,
  type ApolloServerOptions,
  type ApolloServerPlugin,
  type GraphQLServerListener,
} from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { GraphQLError } from 'graphql';
import type { Context, Channel } from '../../core/context.js';
import type { IdempotencyGuard } from '../../write/idempotency.js';
import { encoded, isLong } from '../../core/encoded.js';
import { messageOf, refuse, type Locale } from '../../core/errors.js';
import { turns } from '../../core/turns.js';
import { asRefusal, formatError, type Asker } from '../../graphql/errors.js';
import { limits, limitsRule } from '../../graphql/limits.js';
import { presenceOf } from '../../core/presence.js';
import { leaveRest, operationOf, readJson } from '../../core/json-body.js';
import type { Engine } from '../../read/engine.js';
import { stringify } from './answers.js';
import { compiledReads } from './compiled.js';
import { costs, costReporter } from './costs.js';
import { asksToExplain, explanations, extensionsOf, watched } from './explain.js';
import { keyed } from '../keyed.js';
import { maxBodyBytes, reportBodyError } from '../pre-express.js';
import { fastPath, type FastPath } from './fast-path.js';
import { FirstLooks } from './first-looks.js';
import { admittedOf, observedOf } from '../observed.js';
import { onlyTrusted, type TrustedDocuments } from './trusted.js';
import { callerOf, localeFor, type Caller } from '../request.js';

export interface GraphOptions {
  engine: Engine;
  http: Server;
  production: boolean;
  /** whether clients may ask for the schema */
  introspection: boolean;
  identify: (caller: Caller, channel: Channel) => Promise<Context>;
  /** keeps requests that carry a key from being carried out twice */
  idempotent: IdempotencyGuard;
  /** most points that an operation may cost */
  maxCost: number;
  trusted?: TrustedDocuments | undefined;
  /** closes the sockets when the server stops */
  dispose: () => Promise<void>;
}

/**
 * Apollo Server at `/graphql`: POST and GET, persisted queries, and Apollo Sandbox for browsers outside production;
 * and the fast path in front of it.
 */
export async function graphRouter(options: GraphOptions): Promise<{ router: RequestHandler; fastPath: FastPath }> {
  const idempotent = keyed(options.engine, options.idempotent);
  const reportCost = costReporter(options.engine.schema, options.maxCost);
  const fast = fastPath({ ...options, keyed: idempotent, reportCost });
  const firstLooks = new FirstLooks(turns, (text) => fast.knows(text));
  const asking = new AsyncLocalStorage<Asker>();
  const apollo = new ApolloServer<Context>({
    schema: options.engine.schema,
    validationRules: [limitsRule(options.maxCost)],
    documentStore: documentsOf(fast),
    stringifyResult: stringify,
    validationOptions: { maxErrors: limits.mistakes },
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
      ...(options.production ? [] : [sandboxPage(), statementCount, explanations]),
      compiledReads(options.engine, fast, idempotent, options),
      costs(reportCost),
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
    readBody,
    keptByNobody,
    refuseUnacceptable(options.production),
    ...(options.trusted ? [onlyTrusted(options.trusted)] : []),
    (request, _response, next) => asking.run(askerOf(request.headers), next),
    encodedInPieces,
    expressMiddleware(apollo, {
      context: async ({ req, res }) => {
        try {
          const ctx =
            admittedOf(req.headers) ??
            (await options.identify({ ...callerOf(req.headers), presence: presenceOf(res) }, 'graphql'));
          const text = (req.body as { query?: unknown } | undefined)?.query ?? req.query['query'];
          if (typeof text === 'string') await firstLooks.at(text, ctx.tenant.id);
          return !options.production && asksToExplain(req.headers, extensionsOf(req)) ? watched(ctx) : ctx;
        } catch (error) {
          if (error instanceof GraphQLError) throw error;
          throw asHttpError(error, localeFor(req.headers));
        }
      },
    }),
  );
  return { router, fastPath: fast };
}

/** Apollo Sandbox, which needs the internet, with a link to the explorer, which does not. */
function sandboxPage(): ApolloServerPlugin<Context> {
  const sandbox = ApolloServerPluginLandingPageLocalDefault({ footer: false });
  return {
    async serverWillStart(service) {
      const page = await ((await sandbox.serverWillStart!(service)) as GraphQLServerListener).renderLandingPage!();
      return {
        renderLandingPage: async () => ({
          html: async () => {
            const html = typeof page.html === 'string' ? page.html : await page.html();
            const link =
              '<p><a href="/graphiql">GraphiQL, the explorer that this server brings itself</a> · <a href="/">Home</a></p>';
            return html.replace(/(<body[^>]*>)/, `$1${link}`);
          },
        }),
      };
    },
  };
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

/** Reads a body in JSON that nobody has read yet; what is left of one that is refused is not read. */
const readBody: RequestHandler = async (request, response, next) => {
  const { headers } = request;
  const isSent = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  // Apollo asks that somebody has looked for a body
  request.body ??= undefined;
  if (request.body === undefined && isSent && request.is('application/json'))
    try {
      request.body = await readJson(request, maxBodyBytes, operationOf);
    } catch (error) {
      leaveRest(request, response);
      next(error);
      return;
    }
  next();
};

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
  (request, response, next) => {
    if (request.accepts([...answerTypes])) return next();
    if (!production && request.method === 'GET' && request.accepts('html')) {
      // Apollo Sandbox comes from another host, and says itself what it needs
      response.removeHeader('Content-Security-Policy');
      return next();
    }
    throw refuse('NOT_ACCEPTABLE', undefined, { types: answerTypes.join(', ') });
  };

/** The media types of answers, of which GraphQL over HTTP knows the first by its statuses alone. */
const answerTypes = ['application/graphql-response+json', 'application/json'] as const;

/** Has a long answer encoded piece by piece. */
const encodedInPieces: RequestHandler = (_request, response, next) => {
  const send = response.send.bind(response);
  response.send = (body: unknown) => {
    if (typeof body !== 'string' || !isLong(body)) return send(body);
    void Promise.resolve(encoded(body)).then(send, next);
    return response;
  };
  next();
};

const askerOf = (headers: IncomingHttpHeaders): Asker => ({
  get locale() {
    return localeFor(headers);
  },
  requestId: callerOf(headers).requestId,
  stats: observedOf(headers),
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
    willSendResponse: async ({ response, operation }) => {
      if (response.body.kind !== 'single') return;
      const { data, errors = [] } = response.body.singleResult;
      const fault = errors.map(({ extensions }) => Number(extensions?.['status'])).find((status) => status >= 500);
      const isNothing = operation?.operation === 'query' && Object.values(data ?? {}).every((value) => value === null);
      if (fault && (!data || isNothing)) response.http.status = fault;
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
