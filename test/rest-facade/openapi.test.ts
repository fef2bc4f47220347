import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { outline } from '../../rest-facade/engine/openapi/outline.js';
import { dialects } from '../../rest-facade/index.js';
import { address, send, token } from '../support/http.js';
import { complaintOf } from '../support/openapi.js';
import { tenant } from '../support/tenant.js';

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

test('the lifecycle document calls its 27 schemas by name, and uses each', async () => {
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
  expect(Object.keys(schemas).toSorted()).toEqual(known.toSorted());
  const used = JSON.stringify(document);
  expect(known.filter((name) => !used.includes(`"#/components/schemas/${name}"`))).toEqual([]);
  expect(schemas.CustomerContact.required).toContain('contact_id');
  expect(schemas.CustomerCreateRequest.required).toEqual(['customer_name', 'customer_type']);
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
