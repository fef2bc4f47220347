import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { eventually } from '../support/eventually.js';
import { address, send } from '../support/http.js';
import { activity, caseOf, contract, customer, written } from '../support/records.js';
import { tenant, type Data } from '../support/tenant.js';
import { contents, download, upload, uploaded } from '../support/upload.js';

const attach =
  'mutation ($id: ID!, $input: FileAttachInput!) { fileAttach(id: $id, input: $input) { file { activity { id } case { id } contract { id } } userErrors { code field } } }';
const detach = 'mutation ($id: ID!) { fileDetach(id: $id) { file { activity { id } } userErrors { code field } } }';

const sha256 = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex');

test('an upload is kept with its name, type, size and digest, and comes back as it was', async () => {
  const t = await tenant();
  const { status, headers, body } = await upload(t.admin, '合同 (终稿).pdf', contents['a.pdf']);
  expect([status, headers.get('x-api-dialect')]).toEqual([200, 'erp']);
  expect(body).toEqual({
    code: 200,
    message: 'success',
    data: {
      id: expect.any(String),
      name: '合同 (终稿).pdf',
      mediaType: 'application/pdf',
      bytes: 9,
      sha256: sha256(contents['a.pdf']),
      url: `/api/v1/files/${body.data.id}`,
    },
  });
  const answer = await download(t.admin, body.data.url);
  expect([answer.status, answer.body]).toEqual([200, '%PDF-1.7\n']);
  expect(
    Object.fromEntries(
      [
        'content-type',
        'content-length',
        'etag',
        'accept-ranges',
        'x-content-type-options',
        'content-disposition',
        'cache-control',
      ].map((name) => [name, answer.headers.get(name)]),
    ),
  ).toEqual({
    'content-type': 'application/pdf',
    'content-length': '9',
    etag: `"${sha256(contents['a.pdf'])}"`,
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-disposition': `attachment; filename="__ (__).pdf"; filename*=UTF-8''${encodeURIComponent('合同 ')}%28${encodeURIComponent('终稿')}%29.pdf`,
    'cache-control': 'private, no-cache',
  });
  expect(await t.sql('select type from outbox')).toEqual([{ type: 'crm.file.created' }]);
  expect(await t.admin.graph('{ files { nodes { name url createdBy { login } } } }')).toEqual({
    files: { nodes: [{ name: '合同 (终稿).pdf', url: body.data.url, createdBy: { login: 'admin' } }] },
  });
});

test.each([
  ['../../etc/passwd.txt', 'passwd.txt'],
  ['C:\\temp\\报价单.txt', '报价单.txt'],
  ['a<b>:"|?*.txt', 'ab.txt'],
  [' .隐藏 \u202e\u2028.txt', '隐藏 .txt'],
  [`${'长'.repeat(300)}.txt`, `${'长'.repeat(200)}.txt`],
])('the name %j is kept as %j', async (given, kept) => {
  const { admin } = await tenant();
  expect((await uploaded(admin, given)).name).toBe(kept);
});

test.each<[string, string, Uint8Array | string]>([
  ['a page', 'a.html', '<script>'],
  ['a drawing that can run scripts', 'a.svg', '<svg/>'],
  ['a program', 'a.exe', 'MZ'],
  ['a file without ending', 'README', 'x'],
  ['a picture that is none', 'a.png', '<html>'],
  ['a text with binary content', 'a.txt', new Uint8Array([65, 0, 66])],
  ['an empty picture', 'a.png', ''],
])('%s is refused and nothing is kept', async (_what, name, content) => {
  const t = await tenant();
  await customer(t.admin, { name: '甲' });
  const before = await written(t);
  const { status, body } = await upload(t.admin, name, content);
  expect([status, body]).toEqual([
    415,
    {
      code: 415,
      message: 'The file type is not accepted, or the content does not match the file name.',
      data: null,
    },
  ]);
  expect([await written(t), await t.sql('select id from file')]).toEqual([before, []]);
});

test('a file of the largest size is taken, one byte more is refused', async () => {
  const t = await tenant();
  const largest = new Uint8Array(20_971_520).fill(97);
  expect((await uploaded(t.admin, 'a.txt', largest)).bytes).toBe(20_971_520);
  const { status, body } = await upload(t.admin, 'b.txt', new Uint8Array(20_971_521).fill(97));
  expect([status, body.code, body.data]).toEqual([413, 413, null]);
  expect(await t.sql('select name from file')).toEqual([{ name: 'a.txt' }]);
});

test('a body that is no form, has no file or ends too soon is refused', async () => {
  const t = await tenant();
  const headers = { authorization: `Bearer ${t.admin.token}` };
  const form = { ...headers, 'content-type': 'multipart/form-data; boundary=x' };
  const part = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc';
  const answers = await Promise.all([
    send('POST', '/api/v1/files', headers, { a: 1 }),
    send('POST', '/api/v1/files', { ...headers, 'content-type': 'multipart/form-data' }, 'x'),
    send('POST', '/api/v1/files', form, '--x--\r\n'),
    send('POST', '/api/v1/files', form, part),
    send('POST', '/api/v1/files', form, `${part}\r\n--x--\r\n`),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 200]);
  expect(answers[2]!.body).toEqual({ code: 400, message: 'file is required.', data: null });
  expect(await t.sql('select name, bytes from file')).toEqual([{ name: 'a.txt', bytes: 3 }]);
});

describe('a download', () => {
  test.each<[string, string, string]>([
    ['bytes=0-3', 'bytes 0-3/10', '0123'],
    ['bytes=4-', 'bytes 4-9/10', '456789'],
    ['bytes=-2', 'bytes 8-9/10', '89'],
    ['bytes=8-99', 'bytes 8-9/10', '89'],
  ])('of the range %s gives that part', async (range, place, part) => {
    const { admin } = await tenant();
    const { url } = await uploaded(admin);
    const { status, headers, body } = await download(admin, url, { range });
    expect([status, headers.get('content-range'), headers.get('content-length'), body]).toEqual([
      206,
      place,
      String(part.length),
      part,
    ]);
  });

  test('of a range beyond the end is refused; of several, of another unit or of another content it is the whole', async () => {
    const { admin } = await tenant();
    const { url, sha256: digest } = await uploaded(admin);
    const beyond = await download(admin, url, { range: 'bytes=10-' });
    expect([beyond.status, beyond.headers.get('content-range'), beyond.body]).toEqual([416, 'bytes */10', '']);
    const asked: Array<Record<string, string>> = [
      { range: 'bytes=0-1,5-6' },
      { range: 'lines=0-1' },
      { range: 'bytes=0-1', 'if-range': '"other"' },
    ];
    expect(
      (await Promise.all(asked.map((headers) => download(admin, url, headers)))).map(({ status, body }) => [
        status,
        body,
      ]),
    ).toEqual(asked.map(() => [200, '0123456789']));
    expect((await download(admin, url, { range: 'bytes=0-1', 'if-range': `"${digest}"` })).body).toBe('01');
  });

  test('that the client has already is not sent again; HEAD sends no content', async () => {
    const { admin } = await tenant();
    const { url, sha256: digest } = await uploaded(admin);
    const known = await download(admin, url, { 'if-none-match': `"${digest}"` });
    expect([known.status, known.body]).toEqual([304, '']);
    expect((await download(admin, url, { 'if-none-match': '"other"' })).status).toBe(200);
    const head = await download(admin, url, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), head.body]).toEqual([200, '10', '']);
  });

  test('is for those who may see what the file is attached to, and for who uploaded it', async () => {
    const t = await tenant();
    const { id: mine } = await customer(t.sales, { name: '我的' });
    const { id: theirs } = await customer(t.sales2, { name: '别人的' });
    const { id: one } = await activity(t.sales2, { subject: 'x', customer: theirs });
    const { id: other } = await activity(t.sales, { subject: 'x', customer: mine });
    const hidden = await uploaded(t.sales2, 'a.txt', 'a', { activity: one });
    const shown = await uploaded(t.admin, 'b.txt', 'b', { activity: other });
    const status = async (by: Data, { url }: Data): Promise<number> => (await download(by, url)).status;
    expect([
      await status(t.sales2, hidden),
      await status(t.admin, hidden),
      await status(t.viewer, hidden),
      await status(t.sales, hidden),
      await status(t.outsider, hidden),
    ]).toEqual([200, 200, 200, 404, 404]);
    expect([await status(t.sales, shown), await status(t.sales2, shown)]).toEqual([200, 404]);
    const missing = await download(t.sales, '/api/v1/files/01900000-0000-7000-8000-000000000000');
    const { body } = await download(t.sales, hidden.url);
    expect([missing.status, missing.body]).toEqual([404, body]);
    expect((await send('GET', shown.url)).status).toBe(401);
  });
});

test('only who may write uploads, attaches and detaches', async () => {
  const t = await tenant();
  const { id } = await uploaded(t.admin);
  const before = await written(t);
  expect((await upload(t.viewer, 'a.txt', 'x')).status).toBe(403);
  expect((await send('POST', '/api/v1/files', {}, new FormData())).status).toBe(401);
  expect(await t.viewer.graph.refused(detach, { id })).toEqual(['FORBIDDEN']);
  expect(await t.outsider.graph.userErrors(detach, { id })).toEqual(['NOT_FOUND id']);
  expect(await t.sales.graph.userErrors(detach, { id })).toEqual(['NOT_FOUND id']);
  expect(await written(t)).toEqual(before);
});

test('a file is attached to one activity, case or contract at a time', async () => {
  const t = await tenant();
  const { id: customerId } = await customer(t.admin, { name: '甲' });
  const hosts = {
    activity: (await activity(t.admin, { subject: 'x', customer: customerId })).id,
    case: (await caseOf(t.admin, { subject: 'x', customer: customerId })).id,
    contract: (await contract(t.admin, { name: 'x', customer: customerId })).id,
  };
  for (const [host, record] of Object.entries(hosts)) {
    const { id, url } = await uploaded(t.admin, `${host}.txt`);
    expect((await t.admin.graph(attach, { id, input: { [host]: record } })).fileAttach).toEqual({
      file: { activity: null, case: null, contract: null, [host]: { id: record } },
      userErrors: [],
    });
    expect(
      await t.admin.graph(`query ($id: ID!) { ${host}(id: $id) { attachments { nodes { id name url } } } }`, {
        id: record,
      }),
    ).toEqual({ [host]: { attachments: { nodes: [{ id, name: `${host}.txt`, url }] } } });
  }
  const { id } = await uploaded(t.admin, 'a.txt', 'x', { activity: hosts.activity });
  expect(await t.admin.graph.userErrors(attach, { id, input: { case: hosts.case } })).toEqual(['ALREADY_LINKED case']);
  for (const input of [{}, hosts])
    expect(await t.admin.graph.refused(attach, { id, input })).toEqual(['BAD_USER_INPUT']);
  expect(await t.admin.graph.userErrors(attach, { id, input: { contract: '7' } })).toEqual([
    'UNKNOWN_REFERENCE contract',
  ]);
  expect((await t.admin.graph(detach, { id })).fileDetach).toEqual({ file: { activity: null }, userErrors: [] });
  expect(await t.admin.graph.userErrors(attach, { id, input: { case: hosts.case } })).toEqual([]);
});

test('an upload to a record that does not exist keeps nothing', async () => {
  const t = await tenant();
  const { status, body } = await upload(t.admin, 'a.txt', 'x', { case: '01900000-0000-7000-8000-000000000000' });
  expect([status, body]).toEqual([400, { code: 400, message: 'case names a record that does not exist.', data: null }]);
  expect(await t.sql('select id from file')).toEqual([]);
});

test('a deleted file is gone', async () => {
  const { admin } = await tenant();
  const { id, url } = await uploaded(admin);
  expect(
    await admin.graph('mutation ($id: ID!) { fileDelete(id: $id) { deletedId userErrors { code } } }', { id }),
  ).toEqual({ fileDelete: { deletedId: id, userErrors: [] } });
  expect((await download(admin, url)).status).toBe(404);
});

test('an upload that is refused before its body has arrived is answered on a connection that goes on', async () => {
  const { port, hostname } = new URL(address());
  const boundary = 'x';
  const body = Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n${'a'.repeat(300_000)}\r\n--${boundary}--\r\n`,
  );
  const head = `POST /api/v1/files HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer x\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: ${body.length}\r\n\r\n`;
  const socket = connect(Number(port), hostname);
  let received = '';
  const lost: unknown[] = [];
  socket.on('data', (chunk) => (received += chunk.toString()));
  socket.on('error', (error) => lost.push(error));
  socket.on('close', () => lost.push('closed'));
  socket.write(head);
  await eventually(
    async () => received,
    (text) => text.startsWith('HTTP/1.1 401 '),
  );
  // what the client goes on sending is taken, and the next request is answered
  for (let at = 0; at < body.length; at += 50_000) {
    await new Promise((resolve) => socket.write(body.subarray(at, at + 50_000), resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  socket.write(`GET /livez HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\n\r\n`);
  await eventually(
    async () => received,
    (text) => text.includes('HTTP/1.1 200 '),
  );
  expect(lost.filter((one) => one !== 'closed')).toEqual([]);
});
