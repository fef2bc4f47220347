import { Router, type Request, type Response } from 'express';
import { explorerPage, explorerPath, staticFile, staticPath } from './explorer.js';
import { homePage, type Home, type Link } from './home.js';
import { identityNames, type Identity } from './identities.js';
import { browserHeaders } from './policy.js';

/** What the pages show about this server. */
export interface PagesOptions {
  production: boolean;
  /** only operations of a manifest are carried out */
  onlyTrusted?: boolean;
  version: string;
  dialects: Dialect[];
  /** tenants whose demo identities may be taken on by a click, and what makes the identities; absent where tokens are checked */
  demo?: { tenants: readonly string[]; identities: () => Promise<Identity[]> } | undefined;
  /** the graph for whoever has no token; absent where clients may not ask for it */
  introspection?: (() => object) | undefined;
}

/** A REST dialect as the home page shows it. */
export interface Dialect {
  name: string;
  label: string;
  /** where its paths begin, e.g. `/api/v1/crm` */
  base: string;
  /** path of a request worth trying; without it, the customers under `base` */
  example?: string;
  /** address of its documentation, when this server has one */
  documentation?: string;
}

interface Row extends Link {
  /** without it the row is always shown */
  when?: (options: PagesOptions) => boolean;
  /** operations of the graph can be written there */
  asksGraph?: boolean;
}

const inDevelopment = (options: PagesOptions): boolean => !options.production;
const withSchema = ({ introspection }: PagesOptions): boolean => introspection !== undefined;
const withoutSchema = ({ introspection }: PagesOptions): boolean => introspection === undefined;
const inProduction = (options: PagesOptions): boolean => options.production;

/** What is said where operations can be written. */
const trustedNote = 'Only the operations of its manifest are carried out.';

/** Everything there is to see here; a new link is a new row. */
const table: Row[] = [
  {
    title: 'Explorer',
    chinese: '离线查询工具',
    path: explorerPath,
    text: 'GraphiQL, served by this server alone: documentation, completion, headers, subscriptions.',
    asksGraph: true,
    when: withSchema,
  },
  {
    title: 'Explorer',
    chinese: '查询工具（未开放结构查询）',
    path: explorerPath,
    text: 'GraphiQL without documentation and completion: this server does not answer questions about its schema (CRM_INTROSPECTION).',
    asksGraph: true,
    when: withoutSchema,
  },
  {
    title: 'GraphQL',
    chinese: '接口与 Apollo Sandbox',
    path: '/graphql',
    text: 'The endpoint. In a browser it opens Apollo Sandbox, which needs the internet; the explorer does not.',
    asksGraph: true,
    when: inDevelopment,
  },
  {
    title: 'GraphQL',
    chinese: '接口',
    path: '/graphql',
    text: 'The endpoint for queries and mutations, by POST.',
    link: false,
    asksGraph: true,
    when: inProduction,
  },
  {
    title: 'Events',
    chinese: '实时事件订阅',
    path: '/graphql',
    text: 'Subscriptions over WebSocket, protocol graphql-transport-ws. Try one in the explorer.',
    scheme: 'ws',
    link: false,
  },
  {
    title: 'Schema',
    chinese: '数据图谱定义',
    path: '/schema.graphql',
    text: 'The whole graph as SDL, for code generators and for reading.',
    when: withSchema,
  },
  { title: 'Health', chinese: '健康检查', path: '/health', text: 'Whether this process and its database answer.' },
  {
    title: 'REST',
    chinese: '接口文档',
    path: '/api/v1/docs/',
    text: 'Every operation of the four dialects, to read and to try out. The document itself: /api/v1/schema/.',
  },
  {
    title: 'ReDoc',
    chinese: '接口参考',
    path: '/api/v1/redoc/',
    text: 'The same documents for reading at length, on one page for each dialect.',
  },
  {
    title: 'Types of events',
    chinese: '事件类型',
    path: '/asyncapi',
    text: 'What feed, webhooks and broker send, with its data. For programs: /asyncapi.json (AsyncAPI 3).',
  },
  {
    title: 'Metrics',
    chinese: '监控指标',
    path: '/metrics',
    text: 'Counts for monitoring, as JSON or for Prometheus; needs a token.',
    link: false,
  },
];

/** Express router with the pages a browser sees: `/` home, `/graphiql` explorer. */
export function pages(options: PagesOptions): Router {
  const router = Router();
  const explorer = explorerPage(options.onlyTrusted ?? false);
  router.get('/', (request, response) => sendHome(home(options, request), request, response));
  router.get(explorerPath, (_request, response) => {
    response.set(browserHeaders(explorer.policy)).type('html').send(explorer.html);
  });
  router.get(`${explorerPath}/identities`, async (_request, response) => {
    response.set('Cache-Control', 'no-store').json((await options.demo?.identities()) ?? []);
  });
  router.get(`${explorerPath}/schema`, (_request, response) => {
    if (options.introspection) response.json({ data: options.introspection() });
    else response.status(404).json({ errors: [{ message: 'Clients may not ask for the schema here.' }] });
  });
  router.get(`${staticPath}:file`, async (request, response) => sendStatic(request, response, options));
  return router;
}

function home(options: PagesOptions, request: Request): Home {
  return {
    version: options.version,
    origin: originOf(request),
    tokens: inDevelopment(options),
    links: table
      .filter((row) => row.when?.(options) ?? true)
      .map((row) => (options.onlyTrusted && row.asksGraph ? { ...row, text: `${row.text} ${trustedNote}` } : row)),
    identities: identityNames(options.demo?.tenants ?? []),
    dialects: options.dialects.map((dialect) => ({
      ...dialect,
      example: dialect.example ?? under(dialect.base, 'customers'),
    })),
  };
}

function under(base: string, name: string): string {
  return `${base.replace(/\/$/, '')}/${name}`;
}

// The host ends up in lines meant for a shell, so one that is not plainly a host is not repeated.
function originOf(request: Request): string {
  const host = request.host ?? '';
  const plain = /^([\w.-]+|\[[\da-f:]+\])(:\d+)?$/i.test(host);
  return `${request.protocol}://${plain ? host : 'localhost'}`;
}

function sendHome(home: Home, request: Request, response: Response): void {
  response.vary('Accept');
  // JSON first: `*/*`, which curl and most libraries send, is not a wish for a page.
  if (request.accepts(['json', 'html']) !== 'html') {
    response.json(index(home));
    return;
  }
  const { html, policy } = homePage(home);
  response.set(browserHeaders(policy)).type('html').send(html);
}

function index({ version, origin, links, dialects }: Home): object {
  return {
    name: 'crm-graph',
    version,
    links: links.map(({ title, path, text, scheme }) => ({ title, url: absolute(origin, path, scheme), text })),
    dialects: dialects.map(({ name, label, base, example, documentation }) => ({
      name,
      label,
      base,
      example: absolute(origin, example),
      documentation,
    })),
  };
}

function absolute(origin: string, path: string, scheme?: 'ws'): string {
  return (scheme === 'ws' ? origin.replace(/^http/, 'ws') : origin) + path;
}

async function sendStatic(
  request: Request<{ file: string }>,
  response: Response,
  { production }: PagesOptions,
): Promise<void> {
  const file = await staticFile(request.params.file, request.headers['accept-encoding'], !production);
  if (!file) {
    response.status(404).type('text').send('Not found');
    return;
  }
  // The path carries the library's version, so what it names never changes.
  response.set({
    ...file.headers,
    // its workers load their parts
    'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'",
    'Cache-Control': 'public, max-age=31536000, immutable',
    'X-Content-Type-Options': 'nosniff',
  });
  response.vary('Accept-Encoding').send(file.content);
}
