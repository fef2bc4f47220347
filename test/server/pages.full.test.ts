import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { buildSchema, graphql, introspectionFromSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import { WebSocketServer } from 'ws';
import { pages, type PagesOptions } from '../../src/server/pages/router.js';
import { clickUntil } from '../support/browser.js';
import { describeWith } from '../support/programs.js';

const options: PagesOptions = {
  production: false,
  introspection: () => introspectionFromSchema(schema),
  version: '1.2.3-test',
  dialects: [
    { name: 'cell', label: 'Cell 客户中台', base: '/', documentation: '/docs' },
    { name: 'erp', label: 'ERP', base: '/api/v1/crm', example: '/api/v1/crm/accounts' },
    { name: 'odd', label: '<b>Odd & sons</b>', base: '/odd/' },
  ],
};

const schema = buildSchema(`
  type Query { viewer: Viewer! customers(first: Int): Customers! header(name: String!): String }
  type Viewer { tenant: Tenant! roles: [String!]! }
  type Tenant { name: String! }
  type Customers { totalCount: Int! nodes: [Customer!]! }
  type Customer { id: ID! name: String! }
  type Subscription { customerChanged: CustomerChanged! }
  type CustomerChanged { name: String! token: String }
`);

const viewer = { tenant: { name: '演示租户' }, roles: ['sales'] };
const customers = {
  totalCount: 2,
  nodes: [
    { id: '1', name: '华信科技' },
    { id: '2', name: '远大物流' },
  ],
};

async function* customerChanged(_args: unknown, { token }: { token?: string }): AsyncGenerator<unknown> {
  yield { customerChanged: { name: '华信科技（更名）', token } };
  await new Promise(() => {});
}

function graphEndpoint(headers: IncomingHttpHeaders): object {
  return { viewer, customers, header: ({ name }: { name: string }) => headers[name.toLowerCase()] ?? null };
}

async function serve(
  pagesOptions: PagesOptions,
): Promise<{ server: Server; origin: string; close: () => Promise<void> }> {
  const app = express();
  app.use(pages(pagesOptions));
  app.post('/graphql', express.json(), async ({ body, headers }, response) => {
    const { query: source, variables: variableValues, operationName } = body;
    response.json(await graphql({ schema, source, variableValues, operationName, rootValue: graphEndpoint(headers) }));
  });
  app.use((request, response) => {
    response.status(404).json({ from: 'the rest of the application', path: request.path });
  });
  const server = createServer(app);
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  useServer(
    {
      schema,
      roots: { subscription: { customerChanged } },
      context: ({ connectionParams }) => ({ token: connectionParams?.Authorization }),
    },
    sockets,
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    server,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      sockets.clients.forEach((socket) => socket.terminate());
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

let development: Awaited<ReturnType<typeof serve>>;
let production: typeof development;

beforeAll(async () => {
  development = await serve(options);
  production = await serve({ ...options, production: true });
});

afterAll(async () => {
  await development.close();
  await production.close();
});

const get = (path: string, headers: Record<string, string> = {}, at = development): Promise<Response> =>
  fetch(at.origin + path, { headers });
const asBrowser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

// a browser on a busy machine takes its time; nothing here is about time
jest.setTimeout(120_000);

describe('the home page', () => {
  test('is HTML for a browser and an index in JSON for everything else', async () => {
    const page = await get('/', asBrowser);
    expect(page.headers.get('content-type')).toMatch('text/html');
    expect(page.headers.get('vary')).toMatch('Accept');
    for (const accept of ['*/*', 'application/json', 'image/png']) {
      const index = await (await get('/', { accept })).json();
      expect(index).toMatchObject({ name: 'crm-graph', version: '1.2.3-test' });
      expect(index.links).toContainEqual(
        expect.objectContaining({ title: 'Schema', url: `${development.origin}/schema.graphql` }),
      );
      expect(index.links).toContainEqual(
        expect.objectContaining({ title: 'Events', url: `${development.origin.replace('http', 'ws')}/graphql` }),
      );
      expect(index.dialects.map((dialect: { example: string }) => dialect.example)).toEqual(
        ['/customers', '/api/v1/crm/accounts', '/odd/customers'].map((path) => development.origin + path),
      );
    }
  });

  test('names the sandbox and of making tokens in development only', async () => {
    const here = await (await get('/', asBrowser)).text();
    const there = await (await get('/', asBrowser, production)).text();
    for (const text of ['Apollo Sandbox', 'npm run token -- --tenant demo --role sales', 'href="/graphql"']) {
      expect(here).toContain(text);
      expect(there).not.toContain(text);
    }
  });

  test('shows names as text, and repeats no host that is not one', async () => {
    expect(await (await get('/', asBrowser)).text()).toContain('&lt;b&gt;Odd &amp; sons&lt;/b&gt;');
    expect(await homeFor('$(reboot)')).toContain('http://localhost/graphql');
    expect(await homeFor('crm.example:8443')).toContain('http://crm.example:8443/graphql');
  });

  function homeFor(host: string): Promise<string> {
    return new Promise((resolve, reject) => {
      httpRequest(development.origin, { headers: { ...asBrowser, host } }, async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve(body);
      })
        .on('error', reject)
        .end();
    });
  }
});

describe('the router', () => {
  test.each(['/customers', '/health', '/graphql', '/graphiqlx', '/docs', '/favicon.ico'])(
    'leaves %s to the application',
    async (path) => {
      expect(await (await get(path, asBrowser)).json()).toEqual({ from: 'the rest of the application', path });
    },
  );

  test('leaves other methods on its paths to the application', async () => {
    expect((await fetch(development.origin, { method: 'POST' })).status).toBe(404);
  });

  test.each(['/', '/graphiql'])(
    'sends %s with a policy that names no other host and runs no unknown script',
    async (path) => {
      const policy = (await get(path, asBrowser)).headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/https?:|\*|blob:|unsafe-eval/);
      expect(policy).toMatch(/script-src[^;]*'sha256-/);
      expect(policy).not.toMatch(/script-src[^;]*'unsafe-inline'/);
    },
  );
});

describe('the files of the explorer', () => {
  let base: string;
  beforeAll(async () => {
    base =
      /import .* from "(\/graphiql\/static\/\d[^"]*\/)ruru\.js"/.exec(await (await get('/graphiql')).text())?.[1] ?? '';
  });

  test('are kept by the browser and distinguished by version and etag', async () => {
    const file = await get(`${base}ruru.js`, { 'accept-encoding': 'br' });
    expect(file.status).toBe(200);
    expect(file.headers.get('content-encoding')).toBe('br');
    expect(file.headers.get('vary')).toMatch('Accept-Encoding');
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const etag = file.headers.get('etag') ?? '';
    // fetch would add no-cache, which asks for the whole file again
    expect((await get(`${base}ruru.js`, { 'if-none-match': etag, 'cache-control': 'max-age=0' })).status).toBe(304);
  });

  test('come uncompressed to who cannot read Brotli', async () => {
    const plain = await get(`${base}ruru.css`, { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toContain('graphiql');
  });

  test.each(['missing.js', '..%2f..%2fpackage.json', '__proto__'])('do not include %s', async (name) => {
    expect((await get(base + name)).status).toBe(404);
  });

  test('include source maps in development only', async () => {
    expect((await get(`${base}ruru.js.map`)).status).toBe(200);
    expect((await get(`${base}ruru.js.map`, {}, production)).status).toBe(404);
  });
});

describeWith('chromium', 'in a browser', (executablePath) => {
  let browser: Browser;
  const pictures = join(tmpdir(), 'crm-graph-pages');

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });

  afterAll(async () => browser?.close());

  /** Opens `path`, and afterwards insists that no other host was asked for anything and that nothing was complained of. */
  async function visit(
    path: string,
    step: (page: Page) => Promise<void>,
    context: BrowserContextOptions = {},
  ): Promise<void> {
    const requests: string[] = [];
    const complaints: string[] = [];
    const page = await browser.newPage({ permissions: ['clipboard-read', 'clipboard-write'], ...context });
    page.setDefaultTimeout(45_000);
    page.on('request', (request) => requests.push(request.url()));
    page.on('websocket', (socket) => requests.push(socket.url().replace(/^ws/, 'http')));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    // what was still on its way when the page was left is no failure
    page.on('requestfailed', (request) => {
      if (request.failure()?.errorText !== 'net::ERR_ABORTED')
        complaints.push(`${request.url()}: ${request.failure()?.errorText}`);
    });
    await page.goto(development.origin + path);
    await step(page);
    await page.close();
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.filter((url) => !url.startsWith('data:') && new URL(url).origin !== development.origin)).toEqual(
      [],
    );
    expect(complaints).toEqual([]);
  }

  const picture = (page: Page, name: string): Promise<unknown> =>
    page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

  test.each(['light', 'dark'] as const)('the home page opens, %s', (colorScheme) =>
    visit(
      '/',
      async (page) => {
        const links = await page
          .locator('a')
          .evaluateAll((anchors) => anchors.map((anchor) => anchor.getAttribute('href')));
        expect(links).toEqual([
          '/graphiql',
          '/graphql',
          '/schema.graphql',
          '/health',
          '/api/v1/docs/',
          '/api/v1/redoc/',
          '/asyncapi',
          '/docs',
        ]);
        const lines = await page.locator('pre').allTextContents();
        expect(lines).toHaveLength(2 + options.dialects.length);
        expect(lines.at(-2)).toBe(
          `curl -sS -H "Authorization: Bearer $TOKEN" ${development.origin}/api/v1/crm/accounts`,
        );
        await picture(page, `home-${colorScheme}`);
      },
      { colorScheme },
    ),
  );

  test('the home page fits a telephone', () =>
    visit(
      '/',
      async (page) => {
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
        await picture(page, 'home-narrow');
      },
      { viewport: { width: 360, height: 740 } },
    ));

  test('a line is copied by its button', () =>
    visit('/', async (page) => {
      await page.getByRole('button', { name: 'Copy: token' }).click();
      await page.getByText('Copied').waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe('npm run token -- --tenant demo --role sales');
    }));

  test('the explorer runs its first query', () =>
    visit('/graphiql', async (page) => {
      await page.getByRole('tab', { name: 'Customers' }).waitFor();
      await clickUntil(executeButton(page), page.locator('.graphiql-response').getByText('远大物流'));
      await picture(page, 'explorer-first-query');
    }));

  test("the explorer's other tools need nothing that the policy forbids", () =>
    visit(
      '/graphiql',
      async (page) => {
        await writeOperation(page, 'Tidy', 'query Tidy { viewer { roles } }');
        await page.getByRole('button', { name: /prettify/i }).click();
        await page.locator(`${queryEditor} .view-line`).nth(4).waitFor();
        for (const name of await page
          .locator('.graphiql-sidebar button')
          .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label') ?? ''))) {
          await page.locator(`.graphiql-sidebar button[aria-label="${name}"]`).click();
          await page.waitForTimeout(200);
          await page.keyboard.press('Escape');
        }
        await picture(page, 'explorer-tools-dark');
      },
      { colorScheme: 'dark' },
    ));

  test('the explorer sends the headers written into it, and remembers them', () =>
    visit('/graphiql', async (page) => {
      await write(page, headersEditor, '{ "X-Colour": "vermilion" }');
      await writeOperation(page, 'Colour', 'query Colour { header(name: "X-Colour") }');
      await execute(page);
      await answer(page, '"header": "vermilion"');
      await picture(page, 'explorer-header');
      // a loop, because the page's policy forbids the eval() that waitForFunction makes
      while (!(await page.evaluate('localStorage["graphiql:tabState"]?.includes("vermilion")')))
        await page.waitForTimeout(50);
      await page.reload();
      await page.locator(headersEditor).getByText('vermilion').waitFor();
    }));

  test('the explorer receives what is subscribed to, and sends its headers there too', () =>
    visit('/graphiql', async (page) => {
      await write(page, headersEditor, '{ "Authorization": "Bearer abc" }');
      await writeOperation(page, 'Changes', 'subscription Changes { customerChanged { name token } }');
      await execute(page);
      await answer(page, '华信科技（更名）');
      await answer(page, 'Bearer abc');
      await picture(page, 'explorer-subscription');
    }));
});

const queryEditor = '.graphiql-query-editor';
const headersEditor = 'section[aria-label="Headers"] .graphiql-editor:not(.hidden)';

async function write(page: Page, editor: string, text: string): Promise<void> {
  await page.locator(`${editor} .monaco-editor`).click();
  await page.keyboard.press('Control+A');
  // pasted, because the editor closes brackets behind whoever types
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  await page.keyboard.press('Control+V');
}

/** Writes an operation, and waits until the explorer has read it: its tab takes the operation's name. */
async function writeOperation(page: Page, name: string, text: string): Promise<void> {
  await write(page, queryEditor, text);
  await page.getByRole('tab', { name }).waitFor();
}

/** Runs what the editor holds; the explorer must have read it before, or the button does nothing. */
async function execute(page: Page): Promise<void> {
  await executeButton(page).click();
}

const executeButton = (page: Page): Locator => page.getByRole('button', { name: /^Execute query/ });

async function answer(page: Page, text: string): Promise<void> {
  await page.locator('.graphiql-response').getByText(text).waitFor();
}
