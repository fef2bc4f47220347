import { Router, type Request, type RequestHandler, type Response } from 'express';
import { refuse } from '../core/errors.js';
import { purposes, type Bearer, type Grants, type Purpose } from '../identity/grants.js';
import { refused } from './refusals.js';
import { callerOf, type Identify } from './request.js';

/** What is fetched by signed links, and what begins with a ticket: by GET, without the query. */
const linked = /^\/(?:api\/v1\/files\/[^/]+|export\/\w+\.\w+)$/;
const streams = '/api/v1/events';

const signature = /[?&]link=([\w-]+)\.([0-9a-f]{64})$/;

/** Nobody: what was no ticket or link, or has ended, is refused as a wrong token is. */
const nobody: Bearer = { authorization: 'none' };

/**
 * Takes a ticket or the signature of a link out of the address, and has the request go on as if it had come with the token
 * that it stands for.
 */
export const bearerInAddress =
  (grants: Grants): RequestHandler =>
  (request, _response, next) => {
    const { method, headers, url } = request;
    const start = url.indexOf('?');
    if (start < 0 || (method !== 'GET' && method !== 'HEAD')) return next();
    const path = url.slice(0, start);
    const query = new URLSearchParams(url.slice(start));
    if (linked.test(path) && query.has('link')) {
      const [whole = '', grant = '', sign = ''] = signature.exec(url) ?? [];
      const signed = url.slice(0, url.length - whole.length);
      request.url = whole === '' ? path : signed;
      signIn(headers, grants.openLink(grant, sign, signed) ?? nobody);
    } else if (path === streams && query.has('ticket')) {
      const ticket = query.get('ticket')!;
      query.delete('ticket');
      request.url = query.size > 0 ? `${path}?${String(query)}` : path;
      signIn(headers, grants.openTicket(ticket, 'events') ?? nobody);
    }
    next();
  };

function signIn(headers: Request['headers'], { authorization, tenant }: Bearer): void {
  headers.authorization = authorization;
  if (tenant === undefined) delete headers['x-tenant-id'];
  else headers['x-tenant-id'] = tenant;
}

/** `POST /api/v1/tickets?purpose=events` or `socket`: a ticket for whoever sends the request, which works for a minute. */
export function ticketsRouter(grants: Grants, identify: Identify): Router {
  const router = Router({ strict: true });
  router.post('/api/v1/tickets', (request, response) => {
    issue(grants, identify, request, response).catch((error: unknown) => refused(error, request, response));
  });
  return router;
}

async function issue(grants: Grants, identify: Identify, request: Request, response: Response): Promise<void> {
  const caller = callerOf(request.headers);
  await identify(caller, 'graphql');
  const purpose = request.query['purpose'];
  if (!purposes.includes(purpose as Purpose)) throw refuse('INVALID', ['purpose']);
  const { authorization, tenant } = caller;
  const { ticket, expires } = grants.ticket({ authorization: authorization!, tenant }, purpose as Purpose);
  response.status(201).set('Cache-Control', 'no-store').json({ ticket, purpose, expiresAt: expires.toISOString() });
}
