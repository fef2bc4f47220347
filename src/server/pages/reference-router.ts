import { randomUUID } from 'node:crypto';
import { Router, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { stringify } from 'yaml';
import type { Documents } from '../../../rest-facade/documents.js';
import { incomingRequest } from '../../../rest-facade/engine/http/request.js';
import type { Context } from '../../core/context.js';
import { asRefusal } from '../../graphql/errors.js';
import { browserHeaders, type Page } from './policy.js';
import { redocPage, referenceFile, swaggerPage, swaggerPageOf, type Offered } from './reference.js';
import { callerOf, type Caller } from '../request.js';

/** What the reference needs from the server. */
export interface ReferenceOptions {
  documents: Documents;
  identify: (caller: Caller, channel: 'cell') => Promise<Context>;
}

const schemaPath = '/api/v1/schema/';

/** Express router with the OpenAPI documents and the pages that show them. Behind the gateway of the cell they need a token. */
export function reference(options: ReferenceOptions): Router {
  const { documents } = options;
  const router = Router({ strict: true });
  const admitted = admitting(options);
  const ofCell: RequestHandler = (_request, response) => void response.json(documents.of('cell'));
  let made: RequestHandler | undefined;
  const cellPage: RequestHandler = (...about) => (made ??= showing(swaggerPageOf(documents.of('cell')!)))(...about);
  router.get('/openapi.json', ofCell);
  router.get(['/api/v1/crm/openapi.json', '/api/admin/cells/crm/openapi.json'], admitted, ofCell);
  router.get('/docs', cellPage);
  router.get(['/api/v1/crm/docs', '/api/admin/cells/crm/docs'], admitted, cellPage);
  router.get(/^(\/api\/v1\/crm|\/api\/admin\/cells\/crm)?\/docs\/static\//, sendFile);
  router.get('/api/v1/docs/', showing(swaggerPage(['all', ...documents.names].map(offered))));
  router.get('/api/v1/redoc/', showing(redocPage(offered('all').url)));
  router.get(schemaPath, (request, response) => sendDocument(documents, request, response));
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

/** The document of `dialect` (all without it) as `format` or the Accept header wants it: JSON, or YAML. */
function sendDocument(documents: Documents, request: Request, response: Response): void {
  const document = documents.of(String(request.query['dialect'] ?? 'all'));
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
  else response.type('application/yaml').send(stringify(document, { aliasDuplicateObjects: false }));
}

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
