import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Locator, type Page } from 'playwright-core';
import { clickUntil } from '../support/browser.js';
import { send } from '../support/http.js';
import { describeWith } from '../support/programs.js';
import { startAnother, type Started } from '../support/server.js';
import { testSecret } from '../support/http.js';

// A newcomer's first minutes in the browser, at a server that lets anybody in: no token is copied anywhere.

// a browser on a busy machine takes its time; nothing here is about time
jest.setTimeout(200_000);

let server: Started;
const directory = mkdtempSync(join(tmpdir(), 'crm-identities-'));
beforeAll(async () => {
  server = await startAnother({ CRM_DATA_DIR: directory });
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('the schema is there for the explorer without a token, and the identities with theirs', async () => {
  const schema = await send('GET', `${server.address}/graphiql/schema`);
  expect([schema.status, schema.body.data.__schema.queryType]).toEqual([200, { name: 'Query', kind: 'OBJECT' }]);
  const { body } = await send('GET', `${server.address}/graphiql/identities`);
  expect(body.map(({ name }: { name: string }) => name)).toContain('demo2/viewer');
  const { token } = body.find(({ name }: { name: string }) => name === 'demo/sales');
  const answer = await send(
    'POST',
    `${server.address}/graphql`,
    { authorization: `Bearer ${token}` },
    { query: '{ viewer { roles tenant { code } } }' },
  );
  expect(answer.body).toEqual({ data: { viewer: { roles: ['SALES'], tenant: { code: 'demo' } } } });
});

test.each([
  ['in production', { NODE_ENV: 'production', HOST: '127.0.0.1', AUTH_JWT_SECRET: testSecret() }, 404],
  ['where tokens are checked', { AUTH_JWT_SECRET: testSecret() }, 200],
  ['where no token is let in', { CRM_AUTH_STRICT: '1' }, 200],
])('nobody is given a token %s', async (_where, environment, schema) => {
  const other = await startAnother({ CRM_DATA_DIR: directory, ...environment });
  try {
    expect((await send('GET', `${other.address}/graphiql/identities`)).body).toEqual([]);
    expect((await send('GET', `${other.address}/graphiql/schema`)).status).toBe(schema);
    expect((await send('GET', other.address!, { accept: 'text/html' })).body).not.toContain('identity=');
  } finally {
    await other.stop();
  }
});

test('Apollo Sandbox links to the explorer, the home page to ReDoc', async () => {
  const { body } = await send('GET', `${server.address}/graphql`, { accept: 'text/html' });
  expect(body).toMatch(/<a href="\/graphiql">/);
  expect((await send('GET', server.address!, { accept: 'text/html' })).body).toContain('href="/api/v1/redoc/"');
});

describeWith('chromium', 'in a browser', (executablePath) => {
  async function visit(path: string, step: (page: Page) => Promise<void>): Promise<void> {
    const browser = await chromium.launch({
      executablePath,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(server.address! + path);
      await step(page);
    } finally {
      await browser.close();
    }
  }

  /** Runs an operation, until something is shown if that is given. */
  const run = async (page: Page, text: string, shown?: Locator): Promise<void> => {
    await page.locator('.graphiql-query-editor .monaco-editor').first().click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText(text);
    const button = page.locator('.graphiql-execute-button');
    await (shown ? clickUntil(button, shown) : button.click());
  };
  const result = (page: Page, text: string): Locator => page.locator('.result-window').getByText(text).first();

  test('one click on the home page is enough to ask, in new tabs and by subscription too', () =>
    visit('/', async (page) => {
      await page.getByRole('link', { name: 'demo/manager' }).click();
      await page.locator('#identity select').waitFor();
      expect(await page.locator('#identity select').inputValue()).toBe('demo/manager');
      await run(page, '{ viewer { roles } ', result(page, 'MANAGER'));
      await page.locator('#identity select').selectOption('demo2/viewer');
      await page.getByRole('button', { name: /new tab/i }).click();
      await run(page, '{ viewer { roles } ', result(page, 'VIEWER'));
      await run(page, 'subscription { customerChanged { kind } ');
      await page.locator('.graphiql-execute-button svg, .graphiql-execute-button').first().waitFor();
      expect(await page.locator('#identity output').textContent()).toBe('');
    }));

  test('without an identity the schema is there all the same, and a refused subscription says so in words', () =>
    visit('/graphiql', async (page) => {
      await page.locator('.graphiql-query-editor .monaco-editor').first().waitFor();
      const introspected = page.waitForResponse((answer) => answer.url().endsWith('/graphiql/schema'));
      await page.reload();
      expect((await introspected).status()).toBe(200);
      const refusal = page.locator('#identity output').getByText('Subscription refused (4401 UNAUTHENTICATED)');
      await run(page, 'subscription { customerChanged { kind } ', refusal);
    }));
});
