import { chromium, type Page } from 'playwright-core';
import { address, token } from '../support/http.js';
import { describeWith } from '../support/programs.js';
import { tenant } from '../support/tenant.js';

// a browser on a busy machine takes its time; nothing here is about time
jest.setTimeout(160_000);

describeWith('chromium', 'in a browser', (executablePath) => {
  /** Opens a page, and afterwards insists that no other host was asked for anything. */
  async function visit(
    path: string,
    step: (page: Page) => Promise<void>,
    { headers = {}, below = '' }: { headers?: Record<string, string>; below?: string } = {},
  ): Promise<void> {
    const browser = await chromium.launch({
      executablePath,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    try {
      const requests: string[] = [];
      const page = await browser.newPage({ extraHTTPHeaders: headers });
      page.setDefaultTimeout(60_000);
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(address() + path);
      await step(page);
      expect(requests.filter((url) => !/^(data|blob):/.test(url) && !url.startsWith(address() + below))).toEqual([]);
    } finally {
      await browser.close();
    }
  }

  test('Swagger UI shows the documents and sends a request', () =>
    visit('/api/v1/docs/?urls.primaryName=cell', async (page) => {
      const authorization = await token({ tenant_id: (await tenant()).code });
      await page.getByRole('button', { name: 'Authorize' }).first().click();
      await page.locator('.auth-container input').fill(authorization);
      await page.locator('.auth-container button[type=submit]').click();
      await page.locator('.auth-container .btn-done').click();
      const operation = page.locator('#operations-customers-getCustomers');
      await operation.locator('.opblock-summary-control').click();
      await operation.locator('.try-out__btn').click();
      await operation.locator('button.execute').click();
      await operation.locator('.live-responses-table').getByText('"pageSize"').first().waitFor();
    }));

  test('the page of the cell behind a gateway shows its document, and asks for nothing that the gateway does not pass on', async () => {
    const authorization = `Bearer ${await token({ tenant_id: (await tenant()).code })}`;
    const shown = (page: Page): Promise<void> => page.locator('#operations-customers-getCustomers').waitFor();
    await visit('/api/admin/cells/crm/docs', shown, { headers: { authorization }, below: '/api/admin/cells/crm/docs' });
    await visit('/docs', shown, { below: '/docs' });
  });

  test('ReDoc shows all dialects', () =>
    visit('/api/v1/redoc/', async (page) => {
      await page.getByText('客户全生命周期').first().waitFor();
    }));
});
