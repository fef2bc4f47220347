import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  execute,
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  type ExecutionArgs,
  type ExecutionResult,
  type OperationDefinitionNode,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Context } from '../../core/context.js';
import { encoded, isLong } from '../../core/encoded.js';
import { DomainError, refuse } from '../../core/errors.js';
import { inSpan, SpanKind } from '../../core/tracing.js';
import { turns } from '../../core/turns.js';
import { asRefusal, formatError, type Asker } from '../../graphql/errors.js';
import { requestError } from '../../graphql/limits.js';
import { variableErrors } from '../../graphql/variables.js';
import type { Subscriber } from '../../live/group.js';
import { Hub } from '../../live/hub.js';
import { ReportsOperation } from '../../live/reports-operation.js';
import { asksForReports, Operation, type Asked } from '../../live/operation.js';
import type { Grants } from '../../identity/grants.js';
import type { Metric } from '../prometheus.js';
import type { RequestMetrics } from '../request-metrics.js';
import type { Asking } from '../rates/asking.js';
import type { Rates } from '../rates/rates.js';
import { authorizationOf, type Caller, type Identify } from '../request.js';
import type { Engine } from '../../read/engine.js';
import { bodyOf } from './answers.js';
import { asksForCost, costReporter } from './costs.js';
import { FirstLooks } from './first-looks.js';
import { admit, refuseFlood, resultOf } from './running.js';
import type { TrustedDocuments } from './trusted.js';
import { coded, validated } from './validated.js';
import { refuseSocket, Sessions, tryAgainLater, type Session } from './sessions.js';

interface Parameters {
  [key: string]: unknown;
  authorization?: string;
  Authorization?: string;
  tenant?: string;
}

interface SocketExtra extends Record<PropertyKey, unknown> {
  session?: Session;
}

/** A subscription that may begin: handed from its check to its beginning. */
interface Ready extends ExecutionArgs {
  begin: () => AsyncGenerator<never, void, void>;
}

/** A query or mutation that may begin. */
interface Admitted extends ExecutionArgs {
  contextValue: Context;
  since: number;
  run: () => AsyncGenerator<ExecutionResult, void, void>;
}

/** How many bytes may wait for a slow reader before its socket is closed; how many subscriptions one socket may have. */
const maxWaiting = 262_144;
const maxSubscriptions = 100;
/** How many of these may be to reports. */
const maxReports = 10;
export interface SocketOptions {
  http: Server;
  engine: Engine;
  identify: Identify;
  /** opens tickets */
  grants: Grants;
  /** whether clients may ask for the schema */
  introspection: boolean;
  /** most points that an operation may cost */
  maxCost: number;
  trusted?: TrustedDocuments | undefined;
  requests: RequestMetrics;
  /** counts sockets and their operations */
  rates: Rates;
}

/** Subscriptions over graphql-ws at `/graphql`; the connection's parameters carry what headers carry elsewhere. Returns what closes all sockets, and metrics of them. */
export function serveSockets({
  http,
  engine,
  identify,
  grants,
  introspection,
  maxCost,
  trusted,
  requests,
  rates,
}: SocketOptions): {
  dispose: () => Promise<void>;
  metrics: () => Metric[];
} {
  const askings = new WeakMap<IncomingMessage, Asking>();
  // compression would have to be done for each socket separately
  const sockets = new WebSocketServer({
    server: http,
    path: '/graphql',
    maxPayload: 1_000_000,
    perMessageDeflate: false,
    // one message after the other, between which everything else that is due gets on
    allowSynchronousEvents: false,
    verifyClient: ({ req }, answer) =>
      void rates.opened(req).then((asking) => {
        askings.set(req, asking);
        if (asking.refusal) answer(false, 429, 'Too Many Requests', { 'Retry-After': String(asking.retryAfter) });
        else answer(true);
      }),
  });
  const { schema } = engine;
  const reportCost = costReporter(schema, maxCost);
  const hub = new Hub();
  const sessions = new Sessions(hub, identify);
  const documents = validated(schema, introspection, maxCost);
  const firstLooks = new FirstLooks(turns, (text) => documents.knows(text));
  const handle = useServer<Parameters, SocketExtra>(
    {
      onConnect: async ({ connectionParams = {}, extra }) => {
        try {
          const asking = askings.get(extra.request);
          extra.session = await sessions.begin(
            extra.socket,
            callerOfParameters(connectionParams, extra, grants),
            asking,
          );
          return true;
        } catch (error) {
          refuseSocket(extra.socket, asRefusal(error));
          return false;
        }
      },
      onSubscribe: async ({ extra }, id, payload) => {
        const session = extra.session!;
        try {
          return await argumentsFor(id, payload, session, extra.request.socket);
        } catch (error) {
          if (error instanceof DomainError && error.code === 'RATE_LIMITED') refuseFlood(session);
          return [
            error instanceof GraphQLError
              ? (coded(error, 'BAD_USER_INPUT') as GraphQLError)
              : new GraphQLError(String(error), { originalError: asRefusal(error, session.ctx.requestId) }),
          ];
        }
      },
      execute: (args) => (args as Admitted).run() as never,
      subscribe: (args) => (args as Ready).begin(),
      onError: ({ extra: { session } }, _id, _payload, errors) => {
        const stats = { statements: 0, codes: new Set<string>() };
        const asker = { ...(session?.ctx ?? noCaller), stats };
        const formatted = errors.map((error) => said(error as GraphQLError, asker));
        requests.overSocket(stats, 0);
        return formatted;
      },
      onNext: (_socket, _id, _payload, args, result) => {
        const { contextValue: ctx, since } = args as Admitted;
        const errors = result.errors?.map((error) => said(error, ctx));
        requests.overSocket(ctx.stats, (performance.now() - since) / 1_000);
        return errors ? { ...result, errors: errors as never } : result;
      },
    },
    sockets,
  );

  async function argumentsFor(
    id: string,
    payload: SubscribePayload,
    session: Session,
    wire: Duplex,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const since = performance.now();
    if (session.asking) await rates.operation(session.asking, session.ctx);
    const { operationName, variables, extensions } = payload;
    const known = trusted?.textOf(payload);
    if (known === undefined) trusted?.note(payload);
    const text = known ?? payload.query;
    await firstLooks.at(text, session.ctx.tenant.id);
    const document = documents.of(text);
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new GraphQLError('The operation is not named.');
    const noted: { cost?: number } = {};
    const check = (): readonly GraphQLError[] => {
      const limit = requestError(schema, document, operation, variables ?? {}, maxCost, noted);
      if (limit) throw limit;
      return variableErrors(schema, operation, variables ?? {}, !introspection);
    };
    const args = { schema, document, operationName, variableValues: variables };
    // a context of its own for each operation; a subscription makes one for each look at events
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      // what is too much is not even looked at
      const running = admit(session);
      try {
        const mistakes = check();
        if (mistakes.length > 0) {
          running.done();
          return mistakes;
        }
        const ctx = await identify({ ...session.caller, presence: running.presence }, 'graphql');
        Object.assign(ctx.stats, noted, { operation: operation.name?.value, codes: new Set() });
        const asked = { document, operation, variables: variables ?? {} };
        const wantsCost = asksForCost(undefined, extensions);
        const run = async (): Promise<ExecutionResult | undefined> => {
          const answer = await engine
            .answer({ text, document, operationName }, asked.variables, ctx)
            .catch((error: unknown) => ({ errors: [refused(error, ctx)] }));
          if ('data' in answer) {
            const cost = wantsCost ? { cost: reportCost(asked, JSON.parse(answer.data)) } : undefined;
            const body = bodyOf(answer, ctx, cost);
            if (running.presence.gone) return undefined;
            requests.overSocket(ctx.stats, (performance.now() - since) / 1_000);
            await sent(session, `{"id":${JSON.stringify(id)},"type":"next","payload":${body.trimEnd()}}`);
            return undefined;
          }
          if ('errors' in answer) return answer;
          const result = (await execute({ ...args, contextValue: ctx })) as ExecutionResult;
          return wantsCost ? { ...result, extensions: { cost: reportCost(asked, result.data) } } : result;
        };
        return {
          ...args,
          contextValue: ctx,
          since,
          run: () => resultOf(running, () => within(operation, run)),
        } as Admitted;
      } catch (error) {
        running.done();
        throw error;
      }
    }
    const mistakes = check();
    if (mistakes.length > 0) return mistakes;
    const asked: Asked = { schema, text, document, operation, variables: variables ?? {} };
    const isOfReports = asksForReports(asked);
    const live = isOfReports
      ? ReportsOperation.of(asked, engine, noted.cost)
      : Operation.of(asked, session.ctx.tenant.timeZone);
    const counted = reserve(session, isOfReports);
    const place = await hub.startOf(session.ctx, live).catch((error: unknown) => {
      counted.begun();
      counted.ended();
      throw error;
    });
    const begin = (): AsyncGenerator<never, void, void> => {
      counted.begun();
      const { subscriber, ended } = subscriberOn(session, wire, JSON.stringify(id), () => {
        counted.ended();
        session.subscribers.delete(subscriber);
        hub.leave(subscriber);
      });
      // if the socket was closed meanwhile, nothing is published
      if (session.socket.readyState === session.socket.OPEN) {
        session.subscribers.add(subscriber);
        hub.join(subscriber, live, session.ctx, place);
      }
      return ended;
    };
    return { ...args, begin } as Ready;
  }

  return {
    dispose: async () => {
      sessions.stop();
      await handle.dispose();
    },
    metrics: () => [
      ['crm_sockets', 'gauge', 'Open WebSocket connections whose caller is known.', sessions.size, 'sum'],
      ['crm_subscriptions', 'gauge', 'Subscriptions over them.', hub.size, 'sum'],
    ],
  };
}

/** Runs an operation over a socket within a span of its own. */
const within = <T>({ operation, name }: OperationDefinitionNode, run: () => Promise<T>): Promise<T> =>
  inSpan(
    `socket ${name?.value ?? 'anonymous'}`,
    { kind: SpanKind.SERVER, attributes: { 'graphql.operation.type': operation, 'crm.channel': 'socket' }, from: {} },
    run,
  );

/** Sends a message as it is; resolves when the system has taken it. */
const sent = async ({ socket }: Session, message: string): Promise<void> => {
  const data = isLong(message) ? await encoded(message) : message;
  await new Promise<void>((resolve) => socket.send(data, { binary: false }, () => resolve()));
};

/** What ended an operation as a whole. */
const refused = (error: unknown, { requestId }: Context): GraphQLError =>
  new GraphQLError(String(error), { originalError: asRefusal(error, requestId) });

/** Counts a subscription before anything is awaited for it, so that many at once cannot pass the limit. Refuses RATE_LIMITED. */
function reserve(session: Session, isOfReports: boolean): { begun: () => void; ended: () => void } {
  if (session.subscribers.size + session.starting >= maxSubscriptions) throw refuse('RATE_LIMITED');
  if (isOfReports && session.reports >= maxReports) throw refuse('RATE_LIMITED');
  let reports = isOfReports ? 1 : 0;
  session.starting += 1;
  session.reports += reports;
  return {
    begun: () => void (session.starting -= 1),
    ended: () => {
      session.reports -= reports;
      reports = 0;
    },
  };
}

/**
 * A subscription as the hub sees it, which writes to the socket itself, and as graphql-ws sees it: something that brings
 * no results and ends some day. `leave` is called when it has.
 */
function subscriberOn(
  { socket }: Session,
  wire: Duplex,
  id: string,
  leave: () => void,
): { subscriber: Subscriber; ended: AsyncGenerator<never, void, void> } {
  let finish: (error?: Error) => void = () => {};
  const end = new Promise<IteratorReturnResult<void>>((resolve, reject) => {
    finish = (error) => {
      leave();
      if (error) reject(error);
      else resolve({ value: undefined, done: true });
    };
  });
  // the error is for those who await it, if any
  end.catch(() => {});
  const subscriber: Subscriber = {
    id,
    end: (error) => finish(error),
    write: (frames) => {
      if (socket.readyState !== socket.OPEN) return;
      if (wire.writableLength <= maxWaiting) wire.write(frames);
      else {
        socket.close(tryAgainLater, 'SLOW_READER');
        finish();
      }
    },
  };
  const ended: AsyncGenerator<never, void, void> = {
    next: () => end,
    return: async () => {
      finish();
      return { value: undefined, done: true };
    },
    throw: (error) => Promise.reject(error as Error),
    [Symbol.asyncIterator]: () => ended,
    [Symbol.asyncDispose]: async () => finish(),
  };
  return { subscriber, ended };
}

const noCaller: Asker = { locale: 'zh' };

/** An error as it leaves the server; a refusal that ended an operation is said as such. */
const said = (error: GraphQLError, asker: Asker): never =>
  formatError(error.toJSON(), error.originalError instanceof DomainError ? error.originalError : error, asker) as never;

/** Parameters by the names of the headers, in any case; a browser's explorer sends its header editor's content so. */
function callerOfParameters(parameters: Parameters, { request }: Extra, grants: Grants): Caller {
  const given = new Map(
    Object.entries(parameters)
      .filter(([, value]) => typeof value === 'string')
      .map(([key, value]) => [key.toLowerCase(), String(value)]),
  );
  const key = given.get('x-api-key');
  const ticket = given.get('ticket') ?? new URLSearchParams(request.url?.split('?')[1]).get('ticket');
  const bearer = typeof ticket === 'string' ? grants.openTicket(ticket, 'socket') : undefined;
  if (typeof ticket === 'string' && !bearer) throw refuse('UNAUTHENTICATED');
  return {
    authorization:
      given.get('authorization') ?? (key === undefined ? authorizationOf(request.headers) : `ApiKey ${key}`),
    tenant: given.get('x-tenant-id') ?? given.get('tenant'),
    requestId: given.get('x-request-id'),
    position: given.get('x-crm-position'),
    language: given.get('accept-language') ?? request.headers['accept-language'],
    ...bearer,
  };
}
