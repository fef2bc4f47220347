import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { presenceOf } from '../src/core/presence.js';
import type { InProcessClient } from '../src/schema/in-process-client.js';
import { cell } from './cell/index.js';
import { type Body, readBody } from './engine/http/body.js';
import { type Candidate, candidatesFor, choose, mountsOf } from './engine/http/choose.js';
import { headerValue, incomingRequest, pathOf } from './engine/http/request.js';
import { send } from './engine/http/send.js';
import { type FacadeOptions, serve } from './engine/http/serve.js';
import { compileDialect, type CompiledDialect } from './engine/plan/compiled-dialect.js';
import type { Dialect } from './engine/types.js';
import { erp } from './erp/index.js';
import { lifecycle } from './lifecycle/index.js';
import { platform } from './platform/index.js';

/** Every dialect of the facade. */
export const dialects: readonly Dialect[] = [erp, cell, lifecycle, platform];

/** What the home page shows of each dialect: its base path and an example request. */
export const announced = dialects.map(({ name, label, mounts, example }) => ({
  name,
  label,
  base: mounts[0]!.base,
  example,
  documentation: name === 'cell' ? '/docs' : `/api/v1/docs/?urls.primaryName=${name}`,
}));

/** Where the gateway of a dialect checks the health of this server. */
export const probePaths = ['/api/v1/crm/health'];

/** Where a dialect answers monitoring with what it counts. */
export const metricsPaths = ['/metrics', '/api/v1/crm/metrics'];

/** Compiles every row of the dialects against the schema; throws an Error for a wrong one. */
export const compileDialects = (client: InProcessClient, served: readonly Dialect[] = dialects): CompiledDialect[] =>
  served.map((dialect) => compileDialect(dialect, client));

/** The REST facade. It is reached in two ways, which give the same answers. */
export interface Facade {
  /** Express handler for every request; requests outside of all mounts go to the next handler. */
  handler: RequestHandler;
  /** Answers a GET of a path that a dialect has, without Express; undefined for every other request, which is left untouched. */
  read(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined;
}

const noBody: Body = { value: undefined };

export function restFacade(options: FacadeOptions, compiled: readonly CompiledDialect[]): Facade {
  const mounts = mountsOf(compiled);
  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    candidates: readonly Candidate[],
    body: Body,
  ): Promise<void> => {
    const requestId = (
      headerValue(request.headers['x-request-id']) ??
      headerValue(request.headers['x-trace-id']) ??
      randomUUID()
    ).slice(0, 200);
    const sent = incomingRequest(request, body, requestId, options.trustsProxy);
    const chosen = choose(candidates, sent, options.sharedPaths);
    const answered = await serve(options, chosen, sent, body, presenceOf(response));
    options.noted?.(request.headers, chosen.site.dialect.name, answered);
    const { name } = chosen.site.dialect;
    send(response, answered, {
      dialect: name,
      deprecation: options.deprecations?.headersFor(name, answered.row),
      production: options.production,
      failed: (error) => void options.asRefusal(error, requestId),
    });
  };
  return {
    handler: async (request, response, next) => {
      const candidates = candidatesFor(mounts, pathOf(request.url));
      if (candidates.length === 0) return next();
      return answer(request, response, candidates, await readBody(request, response));
    },
    read(request, response) {
      if (request.method !== 'GET' || hasBody(request)) return undefined;
      const candidates = candidatesFor(mounts, pathOf(request.url!));
      return candidates.some(({ found }) => found?.methods.has('GET'))
        ? answer(request, response, candidates, noBody)
        : undefined;
    },
  };
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
