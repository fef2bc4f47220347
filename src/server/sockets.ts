import type { Server } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { now } from '../core/clock.js';
import type { Context, Face } from '../core/context.js';
import { follow } from '../core/bus.js';
import { DomainError } from '../core/errors.js';
import { formatError } from '../graphql/errors.js';
import type { Caller } from './request.js';

interface Parameters {
  [key: string]: unknown;
  authorization?: string;
  Authorization?: string;
  tenant?: string;
}

interface SocketExtra extends Record<PropertyKey, unknown> {
  ctx?: Context;
}

/** What a socket that is not let in is closed with; 1013 asks the client to try again later. */
const closings: Record<number, number> = { 403: CloseCode.Forbidden, 503: 1013 };

/** Subscriptions over graphql-ws at `/graphql`; the connection's parameters carry what headers carry elsewhere. Returns what closes all sockets. */
export function serveSockets(http: Server, schema: GraphQLSchema, identify: (caller: Caller, face: Face) => Promise<Context>): () => Promise<void> {
  const sockets = new WebSocketServer({ server: http, path: '/graphql', maxPayload: 1_000_000 });
  const handle = useServer<Parameters, SocketExtra>(
    {
      schema,
      onConnect: async ({ connectionParams = {}, extra }) => {
        try {
          extra.ctx = await identify(callerOfParameters(connectionParams, extra), 'graphql');
          await attend(extra, extra.ctx);
          return true;
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          extra.socket.close(closings[error.status] ?? CloseCode.Unauthorized, error.code);
          return false;
        }
      },
      // a new context for each operation; subscriptions make one for each event (see `graphql/subscriptions`)
      context: ({ connectionParams = {}, extra }) => identify(callerOfParameters(connectionParams, extra), 'graphql'),
      onError: ({ extra }, _id, _payload, errors) => errors.map((error) => formatError(error.toJSON(), error, extra.ctx?.locale ?? 'zh')) as never,
      onNext: ({ extra }, _id, _payload, _args, result) => (result.errors ? { ...result, errors: result.errors.map((error) => formatError(error.toJSON(), error, extra.ctx?.locale ?? 'zh')) as never } : result),
    },
    sockets,
  );
  return async () => handle.dispose();
}

/** As long as the socket is open, its tenant is followed, so that nothing committed from now on is missed; it is closed when its token ends. */
async function attend({ socket }: SocketExtra & Extra, { tenant, expires }: Context): Promise<void> {
  const release = await follow(tenant.id);
  if (socket.readyState !== socket.OPEN) return release();
  socket.once('close', release);
  if (!expires) return;
  const close = (): void => socket.close(CloseCode.Unauthorized, 'UNAUTHENTICATED');
  // a timer cannot wait longer than some weeks; a socket does not live that long
  const timer = setTimeout(close, Math.min(Math.max(expires.getTime() - now().getTime(), 0), 2 ** 31 - 1));
  socket.once('close', () => clearTimeout(timer));
}

/** Parameters by the names of the headers, in any case; a browser's explorer sends its header editor's content so. */
function callerOfParameters(parameters: Parameters, { request }: Extra): Caller {
  const given = new Map(Object.entries(parameters).filter(([, value]) => typeof value === 'string').map(([key, value]) => [key.toLowerCase(), String(value)]));
  return {
    authorization: given.get('authorization') ?? request.headers.authorization,
    tenant: given.get('x-tenant-id') ?? given.get('tenant'),
    requestId: given.get('x-request-id'),
    language: given.get('accept-language') ?? request.headers['accept-language'],
  };
}
