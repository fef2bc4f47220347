import { environmentOf, ownDatabase, type OwnDatabase } from '../support/database.js';
import { send, token, type Answer } from '../support/http.js';
import { lastThatRolls } from '../support/release.js';
import { plain, startListening, type Started } from '../support/server.js';
import { rawSocket } from '../support/socket.js';
import type { Data } from '../support/tenant.js';

// A rolling upgrade: a server of the last release and one of this version work on one database, which the second has
// migrated under the first. What one writes the other reads, repeats, goes on paging through and sends to its subscribers.

const release = lastThatRolls();
let database: OwnDatabase;
let authorization: string;
const servers: { old?: Started; present?: Started } = {};

const environment = (): Record<string, string> => ({
  ...plain(),
  ...environmentOf(database),
});
const start = (directory?: string): Promise<Started> => startListening(environment(), directory);

beforeAll(async () => {
  if (!release.isThere) return;
  database = await ownDatabase({ migrated: false });
  authorization = `Bearer ${await token({ sub: 'admin', tenant_id: 'rolling' })}`;
  servers.old = await start(release.directory);
}, 120_000);

afterAll(async () => {
  await servers.old?.stop();
  await servers.present?.stop();
  await database?.stop();
  release.remove();
});

const ask = (server: Started, query: string, variables: object, key?: string): Promise<Answer> =>
  send(
    'POST',
    `${server.address}/graphql`,
    { authorization, ...(key !== undefined && { 'idempotency-key': key }) },
    { query, variables },
  );

async function graph(server: Started, query: string, variables = {}, key?: string): Promise<Data> {
  const { status, body } = await ask(server, query, variables, key);
  expect([status, body.errors]).toEqual([200, undefined]);
  return body.data;
}

const create = (server: Started, name: string, key?: string): Promise<Data> =>
  graph(
    server,
    'mutation ($name: String!) { customerCreate(input: { name: $name }) { customer { id version } userErrors { code } } }',
    { name },
    key,
  );

(release.isThere ? test : test.skip)(
  `servers of ${release.name} and of this version work side by side${release.isThere ? '' : ' (skipped: this clone has not its sources)'}`,
  async () => {
    const old = servers.old!;
    await create(old, '旧 0');
    // under load: the migration takes nothing from the old server
    let isMigrating = true;
    const meanwhile: Data[] = [];
    const load = (async () => {
      for (let n = 1; isMigrating || n < 20; n += 1) meanwhile.push(await create(old, `旧 ${n}`));
    })();
    const present = (servers.present = await start());
    isMigrating = false;
    await load;
    expect(meanwhile.flatMap(({ customerCreate }) => customerCreate.userErrors)).toEqual([]);

    const pair = [old, present] as const;
    for (const [one, other] of [pair, pair.toReversed()] as Array<[Started, Started]>) {
      const raw = await rawSocket({ token: authorization.slice(7), server: other.address! });
      raw.send({
        id: '1',
        type: 'subscribe',
        payload: { query: 'subscription { customerChanged { kind customer { name } } }' },
      });
      // the subscription stands once it has seen something of its own server
      const name = `新 ${other === old ? 1 : 2}`;
      await new Promise((resolve) => setTimeout(resolve, 300));
      const key = `key-${one === old ? 1 : 2}`;
      const created = await create(one, name, key);
      const { id, version } = created.customerCreate.customer;
      expect((await raw.next()).payload).toEqual({
        data: { customerChanged: { kind: 'CREATED', customer: { name } } },
      });
      raw.socket.terminate();
      // a repetition gets the first answer, whichever server it meets
      expect(await create(other, name, key)).toEqual(created);
      const update =
        'mutation ($id: ID!, $version: Int!, $phone: String!) { customerUpdate(id: $id, version: $version, input: { phone: $phone }) { customer { version phone } userErrors { code } } }';
      expect((await graph(other, update, { id, version, phone: '13800138000' })).customerUpdate).toEqual({
        customer: { version: version + 1, phone: '13800138000' },
        userErrors: [],
      });
      expect((await graph(one, update, { id, version, phone: '13900139000' })).customerUpdate.userErrors).toEqual([
        { code: 'VERSION_CONFLICT' },
      ]);
      // a page that one began is continued by the other
      const page =
        'query ($after: String) { customers(first: 3, after: $after, orderBy: [{ field: NAME, direction: ASC }]) { nodes { name } pageInfo { endCursor hasNextPage } } }';
      const first = (await graph(one, page)).customers;
      const second = (await graph(other, page, { after: first.pageInfo.endCursor })).customers;
      expect(second).toEqual((await graph(one, page, { after: first.pageInfo.endCursor })).customers);
      // and so with the feed
      const changes = 'query ($after: String) { changes(after: $after) { cursor events { type } } }';
      expect(await graph(other, changes)).toEqual(await graph(one, changes));
    }
    const total = '{ customers { totalCount } }';
    const all = meanwhile.length + 3;
    expect(await Promise.all(pair.map((server) => graph(server, total)))).toEqual(
      Array(2).fill({ customers: { totalCount: all } }),
    );
    const errors = [old.output(), present.output()].flatMap((text) =>
      text.split('\n').filter((line) => /"level":(50|60)/.test(line)),
    );
    expect(errors).toEqual([]);
  },
  120_000,
);
