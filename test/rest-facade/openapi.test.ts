import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSchema, parse, validate } from 'graphql';
import { outline } from '../../rest-facade/engine/openapi/outline.js';
import { dialects } from '../../rest-facade/index.js';
import { address, send, token } from '../support/http.js';
import { complaintOf } from '../support/openapi.js';
import { tenant, type Data } from '../support/tenant.js';

const run = promisify(execFile);
const validator = join(
  createRequire(__filename).resolve('@seriousme/openapi-schema-validator/package.json'),
  '../bin/validate-api-cli.js',
);
const names = ['all', ...dialects.map(({ name }) => name)];
// oxlint-disable-next-line typescript/no-explicit-any
const documentOf = async (name: string): Promise<any> =>
  (await send('GET', `/api/v1/schema/?format=json&dialect=${name}`)).body;

test.each(names)('the document of %s is valid', async (name) => {
  const file = join(await mkdtemp(join(tmpdir(), 'crm-openapi-')), 'document.json');
  const document = await documentOf(name);
  expect(document.openapi).toBe(name === 'lifecycle' ? '3.0.3' : '3.1.0');
  await writeFile(file, JSON.stringify(document));
  const { stdout } = await run(process.execPath, [validator, file]).catch((error: { stdout: string }) => error);
  expect(JSON.parse(stdout)).toEqual({ valid: true });
});

test.each(dialects)(
  'the document of $name has every row and nothing else, with examples of what is sent and answered',
  async (dialect) => {
    const { paths } = await documentOf(dialect.name);
    const documented = Object.entries(paths as object).flatMap(([path, item]) =>
      Object.keys(item as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const rows = outline(dialect);
    expect(documented.toSorted()).toEqual(rows.map(({ method, path }) => `${method} ${path}`).toSorted());
    const files = new Set(
      dialect.rows
        .filter(({ formats }) => formats)
        .map(({ method, pattern }) => `${method} ${dialect.mounts[0]!.base}${pattern}`),
    );
    for (const { method, path, body, query } of rows) {
      const operation = paths[path][method.toLowerCase()];
      const success = ['200', '201'].find((status) => operation.responses[status])!;
      if (files.has(`${method} ${path}`))
        expect(Object.keys(operation.responses[success].content)).not.toContain('application/json');
      else expect(operation.responses[success].content['application/json'].example).toBeDefined();
      expect(Object.keys(operation.requestBody?.content['application/json'].example ?? {}).toSorted()).toEqual(
        Object.keys(body).toSorted(),
      );
      expect(operation.parameters.map((parameter: { name: string }) => parameter.name)).toEqual(
        expect.arrayContaining(Object.keys(query)),
      );
    }
  },
);

test('the lifecycle document calls its 27 schemas by name', async () => {
  const document = await documentOf('lifecycle');
  const { Error: _, ...schemas } = document.components.schemas;
  const records = [
    '',
    'Contact',
    'Contract',
    'HealthScore',
    'Tag',
    'Communication',
    'ServiceRecord',
    'SuccessTask',
    'ListItem',
    'SuccessTaskListItem',
    'SatisfactionData',
  ];
  const requests = [
    'Create',
    'Update',
    'ContactCreate',
    'ContactUpdate',
    'ContractCreate',
    'ContractUpdate',
    'SuccessTaskCreate',
    'TagCreate',
    'CommunicationCreate',
  ].map((name) => `${name}Request`);
  const responses = ['Create', 'Detail', 'HealthScore', 'HealthScoreTrend', 'ValueAnalysis', 'BehaviorAnalysis'].map(
    (name) => `${name}Response`,
  );
  const known = [...[...records, ...requests, ...responses].map((name) => `Customer${name}`), 'ContractRenewalRequest'];
  expect(known).toHaveLength(27);
  expect(Object.keys(schemas)).toEqual(expect.arrayContaining(known));
  expect(schemas.CustomerContact.required).toContain('contact_id');
  expect(schemas.CustomerCreateRequest.required).toEqual(['customer_name', 'customer_type']);
});

const texts = (value: unknown, path: string[] = []): Array<[path: string, text: string]> =>
  value === null || typeof value !== 'object'
    ? []
    : Object.entries(value).flatMap(([name, inner]) =>
        (name === 'description' || name === 'summary') && typeof inner === 'string'
          ? [[[...path, name].join(' '), inner] as [string, string]]
          : name === 'example' || name.startsWith('x-')
            ? []
            : texts(inner, [...path, name]),
      );

test.each(names)('the texts of the document of %s speak of what is on the wire', async (name) => {
  const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const graph = new Set(roots.flatMap((type) => Object.keys(type!.getFields())).filter((field) => /[A-Z]/.test(field)));
  const document = await documentOf(name);
  const all = texts(document);
  expect(all.length).toBeGreaterThan(100);
  const wrong = all.filter(
    ([, text]) =>
      /\b(graph|GraphQL|mutation|argument|connection|payload|userErrors|VERSION_CONFLICT|Fails with)\b/.test(text) ||
      [...text.matchAll(/`(\w+)/g)].some(([, quoted]) => graph.has(quoted!)),
  );
  expect(wrong).toEqual([]);
  expect(all.filter(([, text]) => !/^\p{Lu}|^\p{Script=Han}|^[0-9`"]|^[a-z-]+$/u.test(text))).toEqual([]);
});

test.each(names)('%s: what is sent and answered as an object has a name, and every name is used', async (name) => {
  const { paths, components } = await documentOf(name);
  const anonymous: string[] = [];
  for (const [path, item] of Object.entries(paths as Data))
    for (const [method, operation] of Object.entries(item as Record<string, Data>)) {
      const sent: Data = operation['requestBody']?.content['application/json'].schema;
      const answered = Object.values(operation['responses'] as Record<string, Data>).map(
        ({ content }): Data => content?.['application/json']?.schema,
      );
      for (const schema of [sent, ...answered].filter((each) => each?.type === 'object' && each.properties))
        anonymous.push(`${method} ${path}: ${Object.keys(schema.properties).join()}`);
    }
  expect(anonymous).toEqual([]);
  const text = JSON.stringify({ paths, components });
  expect(Object.keys(components.schemas).filter((each) => !text.includes(`schemas/${each}"`))).toEqual([]);
});

test.each(names)('%s: every parameter of a path is in the path, and the other way round', async (name) => {
  const { paths } = await documentOf(name);
  for (const [path, item] of Object.entries(paths as Data))
    for (const [method, { parameters }] of Object.entries(item as Record<string, Data>)) {
      const inPath = (parameters as Data[]).filter((each) => each['in'] === 'path').map((each) => each['name']);
      expect([method, path, inPath.toSorted()]).toEqual([
        method,
        path,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, each]) => each).toSorted(),
      ]);
    }
});

test('every operation shows what of the graph it runs, and the address is that of the request', async () => {
  const { paths, servers } = await documentOf('all');
  const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));
  expect(servers).toEqual([{ url: address() }]);
  const wrong = Object.values(paths as Data)
    .flatMap((item) => Object.values(item as Data))
    .map((operation: Data) => operation['x-graphql'].document as string)
    .filter((document) => validate(schema, parse(document)).length > 0);
  expect(wrong).toEqual([]);
  expect(paths['/api/v1/crm/accounts'].post['x-graphql'].field).toBe('customerCreate');
});

test('texts have the bounds that requests are held against', async () => {
  const { admin } = await tenant();
  const { components } = await documentOf('erp');
  const { maxLength } = components.schemas.PostAccountsRequest.properties.name;
  expect(maxLength).toBe(200);
  const create = (name: string): Promise<{ status: number }> =>
    admin.rest('erp').post('/accounts', { name, type: 'corporate' });
  expect((await create('甲'.repeat(maxLength))).status).toBe(200);
  expect((await create('甲'.repeat(maxLength + 1))).status).toBe(400);
});

test('all dialects are in one document; a path that two have is there for both', async () => {
  const { paths } = await documentOf('all');
  const operations = Object.values(paths as object).flatMap((item) => Object.keys(item as object));
  expect(operations).toHaveLength(dialects.reduce((sum, { rows }) => sum + rows.length, 0));
  expect(paths['/api/v1/crm/contacts'].get.operationId).toMatch(/^erp\./);
  expect(paths['/contacts'].get.operationId).toMatch(/^cell\./);
});

test('the document comes as YAML where that is asked for, and not at all for a dialect that there is not', async () => {
  const yaml = await send('GET', '/api/v1/schema/?format=yaml&dialect=cell');
  expect([yaml.status, yaml.headers.get('content-type')]).toEqual([200, 'application/yaml; charset=utf-8']);
  expect(yaml.body).toMatch(/^openapi: 3\.1\.0\n/);
  expect((await send('GET', '/api/v1/schema/?dialect=other')).status).toBe(404);
});

test('the cell shows its document openly where it is reached directly, and with a token behind the gateway', async () => {
  const direct = await send('GET', '/openapi.json');
  expect(direct.body).toEqual(await documentOf('cell'));
  expect((await send('GET', '/docs')).headers.get('content-type')).toMatch('text/html');
  const authorization = `Bearer ${await token({ tenant_id: (await tenant()).code })}`;
  for (const path of ['/api/v1/crm/openapi.json', '/api/v1/crm/docs', '/api/admin/cells/crm/docs']) {
    const refused = await send('GET', path);
    expect([refused.status, refused.body.code]).toEqual([401, 'UNAUTHORIZED']);
    expect((await send('GET', path, { authorization })).status).toBe(200);
  }
});

test('an answer that is not as documented is found', async () => {
  const { admin } = await tenant();
  const answer = await admin.rest('erp').get('/accounts');
  expect(await complaintOf(answer, address())).toBeNull();
  expect(await complaintOf({ ...answer, body: { ...answer.body, more: 1 } }, address())).toContain(
    'must NOT have additional properties',
  );
  expect(await complaintOf({ ...answer, body: { ...answer.body, message: 1 } }, address())).toContain(
    'body/message must be string',
  );
});
