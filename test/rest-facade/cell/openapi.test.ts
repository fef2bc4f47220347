import { createRequire } from 'node:module';
import { send } from '../../support/http.js';
import type { Data } from '../../support/tenant.js';
import { documented, extras } from './document.js';

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const operations = (document: Data): Array<[string, Data]> => Object.entries(document.paths as Data).flatMap(([path, item]) => Object.entries(item as Data).map(([method, operation]): [string, Data] => [`${method.toUpperCase()} ${path}`, operation]));

/** Every schema of a document with the place where it stands. */
function schemas(node: Data, place = ''): Array<[string, Data]> {
  if (node === null || typeof node !== 'object') return [];
  const here: Array<[string, Data]> = /\/(schema|items|properties\/[^/]+|schemas\/[^/]+)$/.test(place) ? [[place, node]] : [];
  return [...here, ...Object.entries(node).flatMap(([key, value]) => schemas(value, `${place}/${key}`))];
}

test('the document needs no token, and every operation of it is sound', async () => {
  const { status, headers, body } = await send('GET', '/openapi.json');
  expect([status, headers.get('content-type'), body.openapi]).toEqual([200, 'application/json; charset=utf-8', '3.1.0']);
  expect((await send('GET', '/api/v1/crm/openapi.json')).body).toEqual(body);
  const all = operations(body);
  expect(new Set(all.map(([, { operationId }]) => operationId)).size).toBe(all.length);
  for (const [name, operation] of all) {
    const [method, path] = name.split(' ') as [string, string];
    expect(methods).toContain(method.toLowerCase());
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    const parameters = operation.parameters.map((parameter: Data) => `${parameter.in} ${parameter.name}`);
    expect([name, parameters.filter((one: string) => one.startsWith('path '))]).toEqual([name, inPath.map((one) => `path ${one}`)]);
    expect(new Set(parameters).size).toBe(parameters.length);
    expect(operation.summary).not.toBe('');
    expect(Object.values(operation.responses).every((response: Data) => typeof response.description === 'string')).toBe(true);
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining([expect.stringMatching(/^20[01]$/), '400', '401', '404']));
    if (method === 'GET') expect(operation.requestBody).toBeUndefined();
  }
});

test('every schema has a known type, and every reference leads somewhere', async () => {
  const { body } = await send('GET', '/openapi.json');
  const all = schemas(body);
  expect(all.length).toBeGreaterThan(300);
  const wrong = all.filter(([, { type }]) => type !== undefined && !['string', 'integer', 'number', 'boolean', 'object', 'array'].includes(type));
  const bare = all.filter(([, schema]) => schema.type === 'array' && schema.items === undefined);
  const references = [...new Set([...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!))];
  expect([wrong, bare, references.filter((name) => !Object.hasOwn(body.components.schemas, name))]).toEqual([[], [], []]);
});

test('the document tells of exactly the operations that there are', async () => {
  const { body } = await send('GET', '/openapi.json');
  expect(operations(body).map(([name]) => name).sort()).toEqual([...documented, ...extras].filter((name) => name !== 'GET /health' && name !== 'GET /audit-logs').sort());
});

test('members have the types that they have on the wire', async () => {
  const { body } = await send('GET', '/openapi.json');
  const { properties } = body.paths['/customers'].get.responses['200'].content['application/json'].schema.properties.data.items;
  expect(properties.status).toMatchObject({ type: 'integer', enum: [1, 2] });
  expect(properties.createdAt).toMatchObject({ type: 'string', format: 'date-time' });
  expect(properties.contactPhone.description).toMatch(/\w/);
  const create = body.paths['/opportunities'].post.requestBody.content['application/json'].schema;
  expect([create.required, create.properties.stage.enum]).toEqual([['customerId', 'title'], [1, 2, 3, 4, 5, 6]]);
  expect(body.paths['/customers/import'].post.requestBody.content['application/json'].schema.properties.items).toMatchObject({ type: 'array', maxItems: 5000 });
});

const viewer = ((): boolean => {
  try {
    return Boolean(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  } catch {
    return false;
  }
})();

(viewer ? test : test.skip)('the page shows the document without any other server', async () => {
  const { status, body } = await send('GET', '/docs');
  expect(status).toBe(200);
  expect(body).toContain('/openapi.json');
  const addresses = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]: string[]) => address!);
  expect(addresses.every((address) => address.startsWith('/docs/'))).toBe(true);
  for (const address of addresses) expect((await send('GET', address)).status).toBe(200);
});
