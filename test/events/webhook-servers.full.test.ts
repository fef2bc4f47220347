import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ownDatabase, type OwnDatabase } from '../support/database.js';
import { send, testSecret, token } from '../support/http.js';
import { receiver } from '../support/receiver.js';
import { startAnother, type Started } from '../support/server.js';
import { sqlIn, type Data } from '../support/tenant.js';

// Several servers on one database, each of which could do the telling.

let database: OwnDatabase;
let servers: Started[];
const start = (): Promise<Started> =>
  startAnother({
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: database.ownerUrl,
    AUTH_JWT_SECRET: testSecret(),
  });

beforeAll(async () => {
  database = await ownDatabase();
  servers = await Promise.all([start(), start()]);
}, 60_000);
afterAll(async () => {
  await Promise.all(servers?.map((server) => server.kill()) ?? []);
  await database?.stop();
});

async function world(): Promise<{
  graph: (server: Started, query: string, variables?: object) => Promise<Data>;
  sql: (text: string) => Promise<Data[]>;
}> {
  const code = `t-${randomUUID()}`;
  const authorization = `Bearer ${await token({ tenant_id: code })}`;
  return {
    graph: async (server, query, variables) => {
      const { body } = await send('POST', `${server.address}/graphql`, { authorization }, { query, variables });
      if (body.errors) throw new Error(JSON.stringify(body));
      return body.data;
    },
    sql: (text) => sqlIn(database.ownerUrl, code, text),
  };
}

const hook = 'mutation ($url: String!) { webhookCreate(input: { url: $url }) { webhook { id } userErrors { code } } }';
const create =
  'mutation ($name: String!) { customerCreate(input: { name: $name }) { customer { id } userErrors { code } } }';
const rename =
  'mutation ($id: ID!, $name: String!) { customerUpdate(id: $id, input: { name: $name }) { userErrors { code } } }';

test('each event is delivered once while both write, in order for each record', async () => {
  const { graph } = await world();
  const target = await receiver();
  await graph(servers[0]!, hook, { url: target.url });
  await Promise.all(
    servers.map(async (server, index) => {
      for (let record = 0; record < 6; record += 1) {
        const { id } = (await graph(server, create, { name: `${index}-${record}` })).customerCreate.customer;
        for (let change = 1; change <= 4; change += 1)
          await graph(server, rename, { id, name: `${index}-${record}-${change}` });
      }
    }),
  );
  const delivered = (await target.until(60)).map(({ event }) => ({
    subject: event.subject,
    sequence: Number(event.sequence),
  }));
  await pause(300);
  expect(target.received).toHaveLength(60);
  expect(delivered.map(({ sequence }) => sequence).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 60 }, (_, index) => index + 1),
  );
  for (const subject of new Set(delivered.map((event) => event.subject))) {
    const places = delivered.filter((event) => event.subject === subject).map(({ sequence }) => sequence);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  }
});

test('when the server that delivers is killed the other one goes on: nothing is left out', async () => {
  const { graph, sql } = await world();
  const target = await receiver();
  const [victim, other] = servers as [Started, Started];
  const { webhook } = (await graph(victim, hook, { url: target.url })).webhookCreate;
  target.answer(() => 'silence');
  for (let index = 0; index < 12; index += 1) await graph(other, create, { name: `客户${index}` });
  const place = async (): Promise<Data> =>
    (await sql(`select holder, seq::int from feed_reader where name = '${webhook.id}'`))[0];
  // whoever tells is in the middle of it: its requests have no answer yet
  while ((await place()).holder === null) await pause(20);
  await victim.kill();
  await other.kill();
  target.answer(() => 200);
  servers = await Promise.all([start(), start()]);
  await target.until(12);
  while ((await place()).seq < 12) await pause(20);
  expect([...new Set(target.taken.map(({ event }) => Number(event.sequence)))].toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
}, 90_000);
