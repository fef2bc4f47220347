import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { dialects } from '../../rest-facade/index.js';
import { send, token } from '../support/http.js';
import { tenant } from '../support/tenant.js';
import { version } from '../support/version.js';

// The version stands in package.json; whatever shows it reads it there.

test('is a semantic version, and the one that package-lock.json was made for', () => {
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  const lock = JSON.parse(readFileSync(resolve(__dirname, '../../package-lock.json'), 'utf8'));
  expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
});

test.each(['/health', '/api/v1/crm/health'])('%s says it', async (path) => {
  expect((await send('GET', path)).body.version).toBe(version);
});

test('the first page says it, to people and to programs', async () => {
  expect((await send('GET', '/', { accept: 'application/json' })).body.version).toBe(version);
  expect((await send('GET', '/', { accept: 'text/html' })).body).toContain(version);
});

test.each(['all', ...dialects.map(({ name }) => name)])('the OpenAPI document of %s says it', async (name) => {
  expect((await send('GET', `/api/v1/schema/?format=json&dialect=${name}`)).body.info.version).toBe(version);
});

test('the metrics say it, and what they run on', async () => {
  const { code } = await tenant();
  const operator = await token({ sub: 'operator', tenant_id: code, roles: ['platform_admin'] });
  const { body } = await send('GET', '/metrics/server', { authorization: `Bearer ${operator}` });
  expect(String(body)).toContain(`crm_build_info{version="${version}",node="${process.version}"} 1\n`);
});
