import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { icon } from './icon.js';
import { inlineHashes, policy, type Page } from './policy.js';

const { resolve } = createRequire(import.meta.url);

const versionOf = (library: string): string =>
  (JSON.parse(readFileSync(resolve(`${library}/package.json`), 'utf8')) as { version: string }).version;

interface Library {
  /** path of its files, ending in a slash; it changes with the library's version */
  path: string;
  /** name → place in the library */
  files: Readonly<Record<string, string>>;
}

const swagger: Library = {
  path: `/docs/static/swagger-ui/${versionOf('swagger-ui-dist')}/`,
  files: Object.fromEntries(
    ['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-standalone-preset.js'].map((file) => [
      file,
      `swagger-ui-dist/${file}`,
    ]),
  ),
};
const redoc: Library = {
  path: `/docs/static/redoc/${versionOf('redoc')}/`,
  files: { 'redoc.standalone.js': 'redoc/bundles/redoc.standalone.js' },
};

const places = new Map(
  [swagger, redoc].flatMap(({ path, files }) =>
    Object.entries(files).map(([name, place]) => [path + name, place] as const),
  ),
);

/** A document as the pages offer it. */
export interface Offered {
  name: string;
  url: string;
}

function page(title: string, head: string, body: string, script: string): string {
  return `<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>${title} · crm-graph</title>
${icon}
${head}
</head>
<body>
${body}
<script>${script}</script>
</body>
</html>
`;
}

// Both libraries write style elements of their own at run time, for which no hash can be given; scripts stay strict.
const opened = (html: string): Record<string, string[]> => ({
  'script-src': ["'self'", ...inlineHashes(html, 'script')],
  'style-src': ["'self'", "'unsafe-inline'"],
  'connect-src': ["'self'"],
  'font-src': ["'self'", 'data:'],
  'img-src': ["'self'", 'data:'],
});

/** Swagger UI over the documents, the first one open. */
export const swaggerPage = (documents: readonly Offered[]): Page =>
  swaggerWith({ urls: documents, layout: 'StandaloneLayout' }, swagger.path);

/** Swagger UI over one document that comes with the page: behind a gateway a browser has no token for a request of its own. Its files are looked for beside the page. */
export const swaggerPageOf = (document: object): Page =>
  swaggerWith({ spec: document, layout: 'BaseLayout' }, swagger.path.slice(1));

function swaggerWith(own: object, files: string): Page {
  const options = {
    ...own,
    dom_id: '#ui',
    deepLinking: true,
    showExtensions: true,
    persistAuthorization: true,
    validatorUrl: null,
  };
  const html = page(
    'API',
    `<link rel="stylesheet" href="${files}swagger-ui.css" />`,
    `<div id="ui"></div>\n<script src="${files}swagger-ui-bundle.js"></script>\n<script src="${files}swagger-ui-standalone-preset.js"></script>`,
    `SwaggerUIBundle({ ...${JSON.stringify(options).replaceAll('<', '\\u003c')}, presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset] });`,
  );
  return { html, policy: policy(opened(html)) };
}

/** ReDoc over one document. Its search runs in a worker that it makes itself. */
export function redocPage(url: string): Page {
  const html = page(
    'API',
    '',
    `<div id="ui"></div>\n<script src="${redoc.path}redoc.standalone.js"></script>`,
    `Redoc.init(${JSON.stringify(url)}, {}, document.getElementById('ui'));`,
  );
  return { html, policy: policy({ ...opened(html), 'worker-src': ['blob:'] }) };
}

/** What a library would fetch from another host. */
const foreign = /https:\/\/cdn\.redoc\.ly\/redoc\/logo-mini\.svg/g;

/** A file of the pages under its path, without what it would fetch from elsewhere; null when there is none. */
export async function referenceFile(path: string): Promise<string | null> {
  const place = places.get(path);
  return place === undefined ? null : (await readFile(resolve(place), 'utf8')).replace(foreign, 'data:,');
}
