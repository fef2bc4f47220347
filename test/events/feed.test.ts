import { createServer } from 'node:http';
import { address, send, token } from '../support/http.js';
import { customer, opportunity } from '../support/records.js';
import { startAnother } from '../support/server.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const changes =
  'query ($after: String, $first: Int) { changes(after: $after, first: $first) { cursor hasMore events { id cursor type recordType recordId at requestId cloudEvent } } }';
const update =
  'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { userErrors { code } } }';
const read = (by: Actor, variables: object = {}): Promise<Data> =>
  by.graph(changes, variables).then((data: Data) => data.changes);
const page = (by: Actor, query = '', headers = {}): Promise<Data> =>
  send('GET', `/api/v1/events${query}`, { authorization: `Bearer ${by.token}`, ...headers });

/** Reads pages until there is no more; checks that each one begins where the last one ended. */
async function walk(by: Actor, after: string | null, first: number): Promise<{ events: Data[]; cursor: string }> {
  const events: Data[] = [];
  for (let cursor = after; ;) {
    const found = await read(by, { after: cursor, first });
    events.push(...found.events);
    cursor = found.cursor as string;
    if (!found.hasMore) return { events, cursor };
  }
}

test('has every change in the order of the commits, as CloudEvents', async () => {
  const { admin, code, sql } = await tenant();
  const { id } = await customer(admin, { name: '华信' });
  const answer = await admin.graph.raw(update, { id, input: { industry: '软件' } });
  await opportunity(admin, { name: '单', customer: id });
  const { events, cursor, hasMore } = await read(admin);
  expect([events.map(({ type, recordType }: Data) => `${type} ${recordType}`), cursor, hasMore]).toEqual([
    ['crm.customer.created Customer', 'crm.customer.updated Customer', 'crm.opportunity.created Opportunity'],
    '3',
    false,
  ]);
  const [, updated] = events;
  const [stored] = await sql(
    `select id::text, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at from outbox where seq = 2`,
  );
  const requestId = answer.request.headers['x-request-id'];
  expect(updated).toEqual({
    ...stored,
    cursor: '2',
    type: 'crm.customer.updated',
    recordType: 'Customer',
    recordId: id,
    requestId,
    cloudEvent: expect.any(String),
  });
  const event = {
    specversion: '1.0',
    id: stored!.id,
    source: `/tenants/${code}`,
    type: 'crm.customer.updated',
    time: stored!.at,
    subject: id,
    tenantid: code,
    traceid: requestId,
    sequence: '2',
    datacontenttype: 'application/json',
    data: { changed: ['INDUSTRY'] },
  };
  expect(JSON.parse(updated.cloudEvent)).toEqual(event);
  const rest = await page(admin, '?after=1&limit=1');
  expect([rest.status, rest.body]).toEqual([200, { events: [event], cursor: '2', hasMore: true }]);
});

test('goes on behind a cursor, and stays where it is while nothing happens', async () => {
  const { admin } = await tenant();
  expect(await read(admin)).toEqual({ events: [], cursor: '0', hasMore: false });
  await customer(admin, { name: 'A' });
  expect((await read(admin, { after: '0' })).events).toHaveLength(1);
  expect(await read(admin, { after: '1' })).toEqual({ events: [], cursor: '1', hasMore: false });
  await customer(admin, { name: 'B' });
  expect((await read(admin, { after: '1' })).events.map(({ cursor }: Data) => cursor)).toEqual(['2']);
});

test('loses and repeats nothing while many write at once', async () => {
  const { admin, sql } = await tenant();
  await admin.id();
  const walked: Data[] = [];
  let writing = true;
  const writers = Promise.all(
    Array.from({ length: 6 }, async (_, writer) => {
      for (let index = 0; index < 15; index += 1) await customer(admin, { name: `${writer}-${index}` });
    }),
  ).finally(() => (writing = false));
  let cursor: string | null = null;
  do {
    const more = await walk(admin, cursor, 7);
    walked.push(...more.events);
    cursor = more.cursor;
  } while (writing);
  await writers;
  walked.push(...(await walk(admin, cursor, 7)).events);
  expect(walked.map((event) => Number(event.cursor))).toEqual(Array.from({ length: 90 }, (_, index) => index + 1));
  expect(walked.map(({ id }) => id)).toEqual(
    (await sql('select id::text from outbox order by seq')).map(({ id }) => id),
  );
});

test('shows only what the caller may see, and cursors pass over the rest', async () => {
  const { admin, sales, viewer, outsider } = await tenant();
  const { id: own } = await customer(sales, { name: '自己的' });
  const { id: theirs } = await customer(admin, { name: '同事的', owner: await admin.id() });
  await opportunity(admin, { name: '同事的单', customer: theirs });
  await opportunity(sales, { name: '自己的单', customer: own });
  const seen = (found: Data): string[] => found.events.map(({ type, cursor }: Data) => `${cursor} ${type}`);
  expect(seen(await read(sales))).toEqual(['1 crm.customer.created', '4 crm.opportunity.created']);
  expect(seen(await read(sales, { first: 2, after: '1' }))).toEqual(['4 crm.opportunity.created']);
  expect((await read(viewer)).events).toHaveLength(4);
  expect(await read(outsider)).toEqual({ events: [], cursor: '0', hasMore: false });
});

test('has the deletion of a record for those who could see it', async () => {
  const { sales } = await tenant();
  const { id } = await customer(sales, { name: '自己的' });
  await sales.graph('mutation ($id: ID!) { customerDelete(id: $id) { deletedId } }', { id });
  expect((await read(sales)).events.map(({ type }: Data) => type)).toEqual([
    'crm.customer.created',
    'crm.customer.deleted',
  ]);
});

test('has the removal of what hung on a record for those who can see that record', async () => {
  const { admin, sales } = await tenant();
  const { id: own } = await customer(sales, { name: '自己的' });
  const { id: theirs } = await customer(admin, { name: '同事的', owner: await admin.id() });
  for (const id of [own, theirs]) {
    const { customerTagCreate } = await admin.graph(
      'mutation ($customer: ID!) { customerTagCreate(input: { customer: $customer, name: "重点" }) { customerTag { id } userErrors { code field } } }',
      { customer: id },
    );
    await admin.graph('mutation ($id: ID!) { customerTagDelete(id: $id) { userErrors { code } } }', {
      id: customerTagCreate.customerTag.id,
    });
  }
  const received = (await read(sales)).events.map(({ type, cloudEvent }: Data) => [
    type,
    JSON.parse(cloudEvent).data.customer,
  ]);
  // the tag itself is gone by now, so that its addition cannot be told of
  expect(received).toEqual([
    ['crm.customer.created', undefined],
    ['crm.customerTag.deleted', own],
  ]);
  expect((await read(admin)).events).toHaveLength(6);
});

test.each([
  [{ after: 'x' }, 'CURSOR_INVALID'],
  [{ after: '7' }, 'CURSOR_INVALID'],
  [{ first: 0 }, 'OUT_OF_RANGE'],
  [{ first: 501 }, 'OUT_OF_RANGE'],
])('%j is refused with %s', async (variables, code) => {
  expect(await (await tenant()).admin.graph.refused(changes, variables)).toEqual([code]);
});

test('says so when events behind the cursor are no longer kept, and begins anew without one', async () => {
  const { admin, sql } = await tenant();
  for (const name of ['A', 'B', 'C']) await customer(admin, { name });
  await sql('delete from outbox where seq <= 2');
  const refused = await page(admin, '?after=1');
  expect([refused.status, refused.body.errors[0].extensions.code]).toEqual([410, 'CURSOR_EXPIRED']);
  expect((await page(admin, '?after=2')).body.events.map(({ sequence }: Data) => sequence)).toEqual(['3']);
  expect((await page(admin)).body.events.map(({ sequence }: Data) => sequence)).toEqual(['3']);
  await sql('delete from outbox');
  expect((await page(admin)).body).toEqual({ events: [], cursor: '3', hasMore: false });
  expect((await page(admin, '?after=2')).status).toBe(410);
});

test('without a token nothing is shown', async () => {
  const answer = await send('GET', '/api/v1/events');
  expect([answer.status, answer.body.errors[0].extensions.code, answer.headers.get('www-authenticate')]).toEqual([
    401,
    'UNAUTHENTICATED',
    'Bearer',
  ]);
});

describe('as a stream', () => {
  /** Reads server-sent events until there are so many; comments are passed over. */
  async function streamed(
    bearer: string,
    count: number,
    meanwhile: () => Promise<unknown> = async () => {},
    headers = {},
  ): Promise<Data[]> {
    const leave = new AbortController();
    const response = await fetch(`${address()}/api/v1/events`, {
      headers: { authorization: `Bearer ${bearer}`, accept: 'text/event-stream', ...headers },
      signal: leave.signal,
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    let text = '';
    const doing = meanwhile();
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream() as never) as AsyncIterable<string>) {
      text += chunk;
      if (text.split('\ndata: ').length - 1 >= count && count > 0) break;
    }
    await doing;
    leave.abort();
    return text
      .split('\n\n')
      .filter((part) => part.startsWith('id: '))
      .map((part) => {
        const [id, event, data] = part.split('\n').map((line) => line.slice(line.indexOf(': ') + 2));
        return { id, event, subject: JSON.parse(data!).subject as string };
      });
  }

  test('sends what is committed from now on, or behind the last event seen', async () => {
    const { admin } = await tenant();
    const { id: before } = await customer(admin, { name: '之前' });
    let made = '';
    const live = await streamed(admin.token, 1, async () => (made = (await customer(admin, { name: '之后' })).id));
    expect(live).toEqual([{ id: '2', event: 'crm.customer.created', subject: made }]);
    expect(await streamed(admin.token, 2, undefined, { 'last-event-id': '0' })).toEqual([
      { id: '1', event: 'crm.customer.created', subject: before },
      ...live,
    ]);
  });

  test('says where it stands even where the reader may see nothing of what happens', async () => {
    const { admin, sales } = await tenant();
    await customer(admin, { name: '同事的', owner: await admin.id() });
    const leave = new AbortController();
    const response = await fetch(`${address()}/api/v1/events?after=0`, {
      headers: { authorization: `Bearer ${sales.token}`, accept: 'text/event-stream' },
      signal: leave.signal,
    });
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream() as never) as AsyncIterable<string>) {
      text += chunk;
      if (text.includes('still here')) break;
    }
    leave.abort();
    expect(text).toBe(': the feed begins\n\n: still here\nid: 1\n\n');
  });

  test('ends when the platform no longer knows the token', async () => {
    let known = true;
    const { code } = await tenant();
    const platform = createServer(
      (_request, response) =>
        void response
          .writeHead(known ? 200 : 401, { 'content-type': 'application/json' })
          .end(JSON.stringify({ sub: 'li', tenant_id: code, roles: ['manager'] })),
    );
    await new Promise<void>((done) => platform.listen(0, '127.0.0.1', done));
    const server = await startAnother({
      PLATFORM_AUTH_URL: `http://127.0.0.1:${(platform.address() as { port: number }).port}`,
      PLATFORM_AUTH_SECONDS: '1',
    });
    try {
      const response = await fetch(`${server.address}/api/v1/events`, {
        headers: { authorization: 'Bearer opaque', accept: 'text/event-stream' },
      });
      expect(response.status).toBe(200);
      known = false;
      expect(await response.text()).toBe(': the feed begins\n\n');
    } finally {
      platform.close();
      await server.stop();
    }
  });

  test('ends with the token', async () => {
    const { code } = await tenant();
    const bearer = await token({ sub: 'admin', tenant_id: code, expires: Math.floor(Date.now() / 1000) + 2 });
    expect(await streamed(bearer, 0)).toEqual([]);
  });
});
