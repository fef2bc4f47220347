import { randomUUID } from 'node:crypto';
import { Router, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { stringify } from 'yaml';
import type { Documents } from '../../../rest-facade/documents.js';
import { incomingRequest } from '../../../rest-facade/engine/http/request.js';
import type { Context } from '../../core/context.js';
import { asRefusal } from '../../graphql/errors.js';
import { browserHeaders, type Page } from './policy.js';
import { redocPage, referenceFile, swaggerPage, swaggerPageOf, type Offered } from './reference.js';
import { asyncApi } from '../asyncapi.js';
import { serverDocument } from '../openapi.js';
import { callerOf, type Caller } from '../request.js';
import { eventsPage } from './events.js';

/** What the reference needs from the server. */
export interface ReferenceOptions {
  documents: Documents;
  /** of the server */
  version: string;
  identify: (caller: Caller, channel: 'cell') => Promise<Context>;
  /** whether `X-Forwarded-*` headers are believed */
  trustsProxy: boolean;
}

const schemaPath = '/api/v1/schema/';

/** Name of the document of what is the same in all dialects. */
const sharedName = 'server';

/** Express router with the OpenAPI documents, the AsyncAPI document and the pages that show them. Behind the gateway of the cell they need a token. */
export function reference(options: ReferenceOptions): Router {
  const { documents } = options;
  const router = Router({ strict: true });
  const admitted = admitting(options);
  const ofCell: RequestHandler = (request, response) =>
    void response.json(servedAt(request, documents.of('cell')!, options.trustsProxy));
  let made: RequestHandler | undefined;
  const cellPage: RequestHandler = (...about) => (made ??= showing(swaggerPageOf(documents.of('cell')!)))(...about);
  router.get('/openapi.json', ofCell);
  router.get(['/api/v1/crm/openapi.json', '/api/admin/cells/crm/openapi.json'], admitted, ofCell);
  router.get('/docs', cellPage);
  router.get(['/api/v1/crm/docs', '/api/admin/cells/crm/docs'], admitted, cellPage);
  router.get(/^(\/api\/v1\/crm|\/api\/admin\/cells\/crm)?\/docs\/static\//, sendFile);
  router.get('/api/v1/docs/', showing(swaggerPage(['all', ...documents.names, sharedName].map(offered))));
  router.get('/api/v1/redoc/', showing(redocPage(offered('all').url)));
  let events: RequestHandler | undefined;
  router.get('/asyncapi', (...about) => (events ??= showing(eventsPage(options.version)))(...about));
  router.get('/asyncapi.json', (request, response) => void response.json(eventsOf(options, request)));
  router.get('/asyncapi.yaml', (request, response) => sendYaml(eventsOf(options, request), response));
  router.get(schemaPath, (request, response) => sendDocument(options, request, response));
  return router;
}

const offered = (name: string): Offered => ({ name, url: `${schemaPath}?format=json&dialect=${name}` });

const showing =
  ({ html, policy }: Page): RequestHandler =>
  (_request, response) =>
    void response.set(browserHeaders(policy)).type('html').send(html);

/** Lets only callers with a token pass; others get the cell's own answer. */
function admitting({ documents, identify }: ReferenceOptions): RequestHandler {
  return async (request, response, next) => {
    try {
      await identify(callerOf(request.headers), 'cell');
      next();
    } catch (error) {
      const caller = callerOf(request.headers);
      const asked = {
        ...incomingRequest(request, { value: undefined }, caller.requestId ?? randomUUID(), false),
        path: request.path,
        params: {},
      };
      const { status, body, headers = {} } = documents.refused('cell', asRefusal(error, asked.requestId), asked);
      response
        .status(status)
        .set({ ...headers, 'X-API-Dialect': 'cell' })
        .json(body);
    }
  };
}

/** The document of `dialect` (all of them without it; `server` is what they share) as `format` or the Accept header wants it: JSON, or YAML. */
function sendDocument(
  { documents, version, trustsProxy }: ReferenceOptions,
  request: Request,
  response: Response,
): void {
  const name = String(request.query['dialect'] ?? 'all');
  const known = name === sharedName ? serverDocument(version) : documents.of(name);
  const document = known && servedAt(request, known, trustsProxy);
  const format = String(
    request.query['format'] ??
      (request.accepts(['json', 'application/vnd.oai.openapi', 'yaml']) === 'json' ? 'json' : 'yaml'),
  );
  if (!document || !['json', 'yaml'].includes(format)) {
    response.status(404).type('text').send('Not found');
    return;
  }
  response.vary('Accept');
  if (format === 'json') response.json(document);
  else sendYaml(document, response);
}

const sendYaml = (document: object, response: Response): void =>
  void response.type('application/yaml').send(stringify(document, { aliasDuplicateObjects: false }));

/** The address that a document was asked for at: tools that have only the document know where to send requests. */
const originOf = (request: Request, trustsProxy: boolean): string =>
  incomingRequest(request, { value: undefined }, '', trustsProxy).origin;

const servedAt = (request: Request, document: object, trustsProxy: boolean): object => ({
  ...document,
  servers: [{ url: originOf(request, trustsProxy) }],
});

const eventsOf = ({ version, trustsProxy }: ReferenceOptions, request: Request): object =>
  asyncApi(version, originOf(request, trustsProxy));

async function sendFile({ path }: Request, response: Response, next: NextFunction): Promise<void> {
  const file = await referenceFile(path.slice(path.indexOf('/docs/static/')));
  if (file === null) {
    next();
    return;
  }
  // The path carries the library's version, so what it names never changes.
  response.set({ 'Cache-Control': 'public, max-age=31536000, immutable', 'X-Content-Type-Options': 'nosniff' });
  response.type(path.endsWith('.css') ? 'css' : 'js').send(file);
}
