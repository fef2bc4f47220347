import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { InProcessClient } from '../src/schema/in-process-client.js';
import { cell } from './cell/index.js';
import { type Body, readBody } from './engine/http/body.js';
import { type Candidate, candidatesFor, choose, placesOf } from './engine/http/choose.js';
import { one, pathOf, sentBy } from './engine/http/request.js';
import { send } from './engine/http/send.js';
import { type FacadeOptions, serve } from './engine/http/serve.js';
import { site, type Site } from './engine/plan/site.js';
import type { Dialect } from './engine/types.js';
import { erp } from './erp/index.js';
import { lifecycle } from './lifecycle/index.js';
import { platform } from './platform/index.js';

/** Every dialect of the facade. */
export const dialects: readonly Dialect[] = [erp, cell, lifecycle, platform];

/** What people are told of each: where it begins and a request worth trying. */
export const announced = dialects.map(({ name, label, mounts, example }) => ({
  name,
  label,
  base: mounts[0]!.base,
  example,
  documentation: name === 'cell' ? '/docs' : `/api/v1/docs/?urls.primaryName=${name}`,
}));

/** Where the gateway of a dialect looks whether this server is well. */
export const healthPaths = ['/api/v1/crm/health'];

/** Compiles every row of the dialects against the schema; throws an Error for a wrong one. */
export const sitesOf = (client: InProcessClient, served: readonly Dialect[] = dialects): Site[] =>
  served.map((dialect) => site(dialect, client));

/** The REST facade, which can be reached in two ways; they answer alike. */
export interface Facade {
  /** Express handler of everything; requests outside of all mounts go on to the next one. */
  handler: RequestHandler;
  /** Answers a plain read of a path that a dialect has, without Express; undefined for everything else, of which nothing was touched. */
  read(request: IncomingMessage, response: ServerResponse): Promise<void> | undefined;
}

const noBody: Body = { value: undefined };

export function restFacade(options: FacadeOptions, sites: readonly Site[]): Facade {
  const places = placesOf(sites);
  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    candidates: readonly Candidate[],
    body: Body,
  ): Promise<void> => {
    const requestId = (
      one(request.headers['x-request-id']) ??
      one(request.headers['x-trace-id']) ??
      randomUUID()
    ).slice(0, 200);
    const sent = sentBy(request, body, requestId, options.believesProxy);
    const chosen = choose(candidates, sent, options.sharedPaths);
    const answered = await serve(options, chosen, sent, body);
    send(response, answered, {
      dialect: chosen.site.dialect.name,
      production: options.production,
      failed: (error) => void options.asRefusal(error, requestId),
    });
  };
  return {
    handler: async (request, response, next) => {
      const candidates = candidatesFor(places, pathOf(request.url));
      if (candidates.length === 0) return next();
      return answer(request, response, candidates, await readBody(request, response));
    },
    read(request, response) {
      if (request.method !== 'GET' || hasBody(request)) return undefined;
      const candidates = candidatesFor(places, pathOf(request.url!));
      return candidates.some(({ found }) => found?.methods.has('GET'))
        ? answer(request, response, candidates, noBody)
        : undefined;
    },
  };
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
