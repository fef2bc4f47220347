import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { Router } from 'express';
import { browserHeaders, inlineHashes, policy } from './pages/policy.js';

/** A REST dialect's document, where it lies and the pages that show it. */
export interface Documented {
  title: string;
  paths: readonly string[];
  pages: readonly string[];
  document: () => object;
}

/** Serves OpenAPI documents and pages that show them; neither needs a token, and the pages need no other server. */
export function documentsRouter(documents: readonly Documented[]): Router {
  const router = Router({ strict: true });
  const viewer = installed();
  for (const { title, paths, pages, document } of documents) {
    router.get([...paths], (_request, response) => void response.json(document()));
    if (!viewer) continue;
    const html = page(title, paths[0]!, viewer.path);
    const headers = browserHeaders(pagePolicy(html));
    router.get([...pages], (_request, response) => void response.set(headers).type('html').send(html));
  }
  if (viewer) router.use(viewer.path, express.static(viewer.directory, { index: false, immutable: true, maxAge: '1y', redirect: false }));
  return router;
}

/** Swagger UI among the dependencies; its path changes with its version. Null where it is not installed: then there are documents without pages. */
function installed(): { directory: string; path: string } | null {
  const require = createRequire(import.meta.url);
  try {
    const file = require.resolve('swagger-ui-dist/package.json');
    const { version } = require('swagger-ui-dist/package.json') as { version: string };
    return { directory: dirname(file), path: `/docs/static/${version}` };
  } catch {
    return null;
  }
}

const page = (title: string, document: string, assets: string): string => `<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${assets}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${assets}/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({ url: ${JSON.stringify(document)}, dom_id: '#swagger-ui', persistAuthorization: true, validatorUrl: null });</script>
</body>
</html>
`;

// Swagger UI sets styles at run time, for which no hash can be given; scripts stay strict.
const pagePolicy = (html: string): string =>
  policy({ 'script-src': ["'self'", ...inlineHashes(html, 'script')], 'style-src': ["'self'", "'unsafe-inline'"], 'connect-src': ["'self'"], 'img-src': ["'self'", 'data:'], 'font-src': ["'self'", 'data:'] });
