import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { environmentOf, jobIn, ownDatabase, type OwnDatabase } from '../support/database.js';
import { send, testSecret, token } from '../support/http.js';
import { quickWebhooks } from '../support/quick.js';
import { receiver } from '../support/receiver.js';
import { startAnother } from '../support/server.js';
import { sqlIn, type Data } from '../support/tenant.js';

// servers are started one after the other
jest.setTimeout(300_000);

const key = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;
const [first, second] = [key('k1'), key('k2')];
const code = 'keyed';

let database: OwnDatabase;
beforeAll(async () => {
  database = await ownDatabase();
});
afterAll(() => database.stop());

const environment = (keys: string): Record<string, string> => ({
  ...environmentOf(database),
  NODE_ENV: 'test',
  AUTH_JWT_SECRET: testSecret(),
  ...(keys && { CRM_ENCRYPTION_KEYS: keys }),
});

/** Runs work against a server with those keys. */
async function withKeys<T>(
  keys: string,
  work: (graph: (query: string, variables?: object) => Promise<Data>) => Promise<T>,
): Promise<T> {
  const server = await startAnother({ ...quickWebhooks, ...environment(keys) });
  if (!server.address) throw new Error(server.stderr);
  try {
    const authorization = `Bearer ${await token({ sub: 'admin', tenant_id: code })}`;
    return await work(async (query, variables) => {
      const { body } = await send('POST', `${server.address}/graphql`, { authorization }, { query, variables });
      if (body.errors) throw new Error(JSON.stringify(body.errors));
      return body.data;
    });
  } finally {
    await server.stop();
  }
}

const stored = async (): Promise<string[]> =>
  (
    await sqlIn(
      database.ownerUrl,
      code,
      'select secret as text from webhook_secret union all select value from server_secret',
    )
  ).map(({ text }) => text);

/** Whether any row of any table, of the tenant or of none, has the text in it. */
async function isAnywhere(text: string): Promise<string[]> {
  const tables = await sqlIn(
    database.ownerUrl,
    code,
    "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  const found: string[] = [];
  for (const { table_name: table } of tables)
    if (
      (await sqlIn(database.ownerUrl, code, `select 1 from "${table}" t where strpos(t::text, $1) > 0`, [text]))
        .length > 0
    )
      found.push(table);
  return found;
}

/** What a server says that does not start with those keys. */
async function refusalOf(keys: string): Promise<string> {
  const started = await startAnother(environment(keys));
  await started.stop();
  return started.code === 1 ? started.stderr : 'It started.';
}

const create = 'mutation ($url: String!) { webhookCreate(input: { url: $url }) { secret webhook { id } } }';
const change = 'mutation ($name: String!) { customerCreate(input: { name: $name }) { customer { id } } }';

test('what is stored before there is a key works on, is encrypted by the job, moves to another key, and is nowhere in the database', async () => {
  const target = await receiver();
  let count = 0;
  /** A change is delivered, signed with the secret that was shown. */
  const isDelivered = async (
    graph: (query: string, variables?: object) => Promise<Data>,
    secret: string,
  ): Promise<void> => {
    await graph(change, { name: `客户${(count += 1)}` });
    const request = (await target.until(count)).at(-1)!;
    expect(new Webhook(secret).verify(request.body, request.headers as Record<string, string>)).toBeDefined();
  };

  const secret = await withKeys('', async (graph) => {
    const { secret: shown } = (await graph(create, { url: target.url })).webhookCreate;
    await isDelivered(graph, shown);
    expect(await isAnywhere(shown)).toEqual(['webhook_secret']);
    return shown as string;
  });

  await withKeys(first, (graph) => isDelivered(graph, secret));
  expect(await isAnywhere(secret)).toEqual(['webhook_secret']);
  const job = await jobIn(environment(first), 'encrypt');
  expect([job.code, job.stderr, job.stdout]).toEqual([0, '', `${code}: 1 secrets encrypted\n`]);
  expect(await isAnywhere(secret)).toEqual([]);
  expect(await isAnywhere(secret.slice('whsec_'.length))).toEqual([]);
  expect((await stored()).map((text) => text.split(':').slice(0, 2))).toEqual([
    ['enc', 'k1'],
    ['enc', 'k1'],
  ]);

  // a secret that is made with a key is never stored without it
  const rotated = await withKeys(`${second},${first}`, async (graph) => {
    await isDelivered(graph, secret);
    const { secret: shown } = (
      await graph('mutation { webhookRotateSecret(id: "1", overlapHours: 0) { secret userErrors { code } } }')
    ).webhookRotateSecret;
    expect(await isAnywhere(shown)).toEqual([]);
    await isDelivered(graph, shown);
    return shown as string;
  });
  const again = await jobIn(environment(`${second},${first}`), 'encrypt');
  expect(again.code).toBe(0);
  expect([...new Set((await stored()).map((text) => text.split(':')[1]))]).toEqual(['k2']);
  await withKeys(second, (graph) => isDelivered(graph, rotated));

  // a server without that key does not start, and says which one it is
  for (const keys of ['', key('k3')])
    expect(await refusalOf(keys)).toBe(
      'CRM_ENCRYPTION_KEYS lacks the key k2, which secrets in the database are encrypted with.\n',
    );
  expect(await refusalOf(key('k2'))).toBe(
    'The key k2 of CRM_ENCRYPTION_KEYS is another one than the secret of server addresses is encrypted with.\n',
  );
});
