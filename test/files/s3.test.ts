import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { send, testSecret } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';
import { tenant } from '../support/tenant.js';

/** As much of an S3-compatible service as a bucket of one's own needs: objects by path. */
const objects = new Map<string, { content: Buffer; type: string | undefined; signed: boolean }>();
let service: Server;
let started: Started;

beforeAll(async () => {
  service = createServer((request, response) => {
    const key = decodeURIComponent(new URL(request.url!, 'http://s3').pathname);
    const kept = objects.get(key);
    if (request.method === 'PUT') {
      void buffer(request).then((content) => {
        objects.set(key, {
          content,
          type: request.headers['content-type'],
          signed: /^AWS4-HMAC-SHA256 Credential=access\/\d{8}\/eu-test\/s3\//.test(request.headers.authorization ?? ''),
        });
        response.end();
      });
    } else if (request.method === 'DELETE') {
      objects.delete(key);
      response.writeHead(204).end();
    } else if (!kept) response.writeHead(404).end();
    else {
      const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      response
        .writeHead(start ? 206 : 200)
        .end(start ? kept.content.subarray(Number(start), Number(end) + 1) : kept.content);
    }
  });
  await new Promise<void>((settle) => service.listen(0, '127.0.0.1', settle));
  const { port } = service.address() as { port: number };
  started = await startAnother({
    AUTH_JWT_SECRET: testSecret(),
    CRM_S3_BUCKET: 'crm',
    CRM_S3_ENDPOINT: `http://127.0.0.1:${port}`,
    CRM_S3_REGION: 'eu-test',
    CRM_S3_ACCESS_KEY: 'access',
    CRM_S3_SECRET_KEY: 'secret',
  });
});

afterAll(async () => {
  await started.stop();
  service.closeAllConnections();
  await new Promise((settle) => service.close(settle));
});

test('contents are kept in the bucket, by tenant and file, and read from there', async () => {
  const { admin, sql } = await tenant();
  const authorization = `Bearer ${admin.token}`;
  const form = new FormData();
  form.set('file', new Blob(['你好，世界']), '问候.txt');
  const { status, body } = await send('POST', `${started.address}/api/v1/files`, { authorization }, form);
  expect([status, body.data.bytes]).toEqual([200, 15]);
  const [{ tenant_id: tenantId }] = (await sql('select tenant_id from file')) as [{ tenant_id: string }];
  expect([...objects]).toEqual([
    [`/crm/${tenantId}/${body.data.id}`, { content: Buffer.from('你好，世界'), type: 'text/plain', signed: true }],
  ]);
  expect((await send('GET', started.address + body.data.url, { authorization })).body).toBe('你好，世界');
  expect((await send('GET', started.address + body.data.url, { authorization, range: 'bytes=3-5' })).body).toBe('好');
});

test('an upload that cannot be recorded is taken out of the bucket again', async () => {
  const { admin } = await tenant();
  objects.clear();
  const form = new FormData();
  form.set('case', '7');
  form.set('file', new Blob(['x']), 'a.txt');
  expect(
    (await send('POST', `${started.address}/api/v1/files`, { authorization: `Bearer ${admin.token}` }, form)).status,
  ).toBe(400);
  expect([...objects.keys()]).toEqual([]);
});
