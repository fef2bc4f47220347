import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  execute,
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { DomainError, refuse } from '../../core/errors.js';
import { Recent } from '../../core/recent.js';
import { asRefusal, formatError } from '../../graphql/errors.js';
import { limits, limitsRule, requestError } from '../../graphql/limits.js';
import { variableErrors } from '../../graphql/variables.js';
import type { Subscriber } from '../../live/group.js';
import { Hub } from '../../live/hub.js';
import { Operation } from '../../live/operation.js';
import type { Caller, Identify } from '../request.js';
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

/** A query or mutation that is being carried out; `done` says that it has been. */
interface Running extends ExecutionArgs {
  done: () => void;
}

/** How many bytes may wait for a slow reader before its socket is closed; how many subscriptions one socket may have; how many texts are remembered. */
const maxWaiting = 262_144;
const maxSubscriptions = 100;
/** How many queries and mutations are carried out for one socket at once. */
const maxRunning = 20;
const maxTexts = 1_000;

/** Subscriptions over graphql-ws at `/graphql`; the connection's parameters carry what headers carry elsewhere. Returns what closes all sockets. */
export function serveSockets(
  http: Server,
  schema: GraphQLSchema,
  identify: Identify,
  introspection: boolean,
): () => Promise<void> {
  // compression would have to be done for each socket separately
  const sockets = new WebSocketServer({
    server: http,
    path: '/graphql',
    maxPayload: 1_000_000,
    perMessageDeflate: false,
  });
  const hub = new Hub();
  const sessions = new Sessions(hub, identify);
  const documents = validated(schema, introspection);
  const handle = useServer<Parameters, SocketExtra>(
    {
      onConnect: async ({ connectionParams = {}, extra }) => {
        try {
          extra.session = await sessions.begin(extra.socket, callerOfParameters(connectionParams, extra));
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
          return [
            error instanceof GraphQLError
              ? (coded(error, 'BAD_USER_INPUT') as GraphQLError)
              : new GraphQLError(String(error), { originalError: asRefusal(error, session.ctx.requestId) }),
          ];
        }
      },
      execute: async (args) => {
        try {
          return await execute(args);
        } finally {
          (args as Running).done();
        }
      },
      subscribe: (args) => (args as Ready).begin(),
      onError: ({ extra }, _id, _payload, errors) => errors.map((error) => said(error as GraphQLError, extra)),
      onNext: ({ extra }, _id, _payload, _args, result) =>
        result.errors ? { ...result, errors: result.errors.map((error) => said(error, extra)) as never } : result,
    },
    sockets,
  );

  async function argumentsFor(
    id: string,
    { query: text, operationName, variables }: SubscribePayload,
    session: Session,
    wire: Duplex,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const document = documents(text);
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new GraphQLError('The operation is not named.');
    const limit = requestError(schema, document, operation, variables ?? {});
    if (limit) throw limit;
    const mistakes = variableErrors(schema, operation, variables ?? {}, !introspection);
    if (mistakes.length > 0) return mistakes;
    const args = { schema, document, operationName, variableValues: variables };
    // a context of its own for each operation; a subscription makes one for each look at events
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      const done = admit(session);
      try {
        const { caller, presence } = session;
        return { ...args, contextValue: await identify({ ...caller, presence }, 'graphql'), done } as Running;
      } catch (error) {
        done();
        throw error;
      }
    }
    const live = Operation.of(
      { schema, text, document, operation, variables: variables ?? {} },
      session.ctx.tenant.timeZone,
    );
    const release = reserve(session);
    const place = await hub.startOf(session.ctx, live).catch((error: unknown) => {
      release();
      throw error;
    });
    const begin = (): AsyncGenerator<never, void, void> => {
      release();
      const { subscriber, ended } = subscriberOn(session, wire, JSON.stringify(id), () => {
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

  return async () => {
    sessions.stop();
    await handle.dispose();
  };
}

/** Counts a query or mutation from before anything is awaited for it to its end. Refuses RATE_LIMITED. */
function admit(session: Session): () => void {
  if (session.running >= maxRunning) throw refuse('RATE_LIMITED');
  session.running += 1;
  return () => void (session.running -= 1);
}

/** Counts a subscription before anything is awaited for it, so that many at once cannot pass the limit. Refuses RATE_LIMITED. */
function reserve(session: Session): () => void {
  if (session.subscribers.size + session.starting >= maxSubscriptions) throw refuse('RATE_LIMITED');
  session.starting += 1;
  return () => void (session.starting -= 1);
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

/** Parses and validates texts, and remembers those that are good. */
function validated(schema: GraphQLSchema, introspection: boolean): (text: string) => DocumentNode {
  const rules = [...specifiedRules, limitsRule, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  const known = new Recent<DocumentNode>(maxTexts);
  return (text) => {
    const found = known.get(text);
    if (found) return found;
    const document = parsed(text);
    const [error] = validate(schema, document, rules, { hideSuggestions: !introspection });
    if (error) throw coded(error, 'GRAPHQL_VALIDATION_FAILED');
    known.set(text, document);
    return document;
  };
}

function parsed(text: string): DocumentNode {
  try {
    return parse(text, { maxTokens: limits.tokens });
  } catch (error) {
    throw coded(error, 'GRAPHQL_PARSE_FAILED');
  }
}

/** An error as it leaves the server; a refusal that ended an operation is said as such. */
const said = (error: GraphQLError, { session }: SocketExtra): never =>
  formatError(
    error.toJSON(),
    error.originalError instanceof DomainError ? error.originalError : error,
    session?.ctx ?? { locale: 'zh' },
  ) as never;

/** An error of the caller's with the code that HTTP gives it. */
function coded(error: unknown, code: string): unknown {
  if (error instanceof GraphQLError) error.extensions['code'] ??= code;
  return error;
}

/** Parameters by the names of the headers, in any case; a browser's explorer sends its header editor's content so. */
function callerOfParameters(parameters: Parameters, { request }: Extra): Caller {
  const given = new Map(
    Object.entries(parameters)
      .filter(([, value]) => typeof value === 'string')
      .map(([key, value]) => [key.toLowerCase(), String(value)]),
  );
  return {
    authorization: given.get('authorization') ?? request.headers.authorization,
    tenant: given.get('x-tenant-id') ?? given.get('tenant'),
    requestId: given.get('x-request-id'),
    language: given.get('accept-language') ?? request.headers['accept-language'],
  };
}
