import { ownDatabase, rolledBack, type OwnDatabase } from '../support/database.js';
import { send, testSecret, token } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';
import type { Data } from '../support/tenant.js';

// a database of its own: the calculation is of every tenant there is
let database: OwnDatabase;
const servers: Started[] = [];

beforeAll(async () => {
  database = await ownDatabase();
});

afterAll(async () => {
  for (const one of servers) await one.stop();
  await database.stop();
});

async function server(healthAt: string): Promise<string> {
  const started = await startAnother({
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: database.ownerUrl,
    AUTH_JWT_SECRET: testSecret(),
    CRM_HEALTH_AT: healthAt,
  });
  servers.push(started);
  if (!started.address) throw new Error(started.stdout + started.stderr);
  return started.address;
}

async function graph(address: string, tenant: string, query: string): Promise<Data> {
  const authorization = `Bearer ${await token({ sub: 'boss', tenant_id: tenant, roles: ['tenant_admin'] })}`;
  const { body } = await send('POST', `${address}/graphql`, { authorization }, { query });
  if (body.errors) throw new Error(JSON.stringify(body.errors));
  return body.data;
}

const runs =
  '{ healthRuns(orderBy: [{ field: NUMBER }]) { nodes { status total scored createdBy { login } } } healthScores { totalCount } }';

async function until(read: () => Promise<Data>, holds: (data: Data) => boolean): Promise<Data> {
  for (let tries = 0; tries < 300; tries += 1) {
    const data = await read();
    if (holds(data)) return data;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`It did not come to that: ${JSON.stringify(await read())}`);
}

/** What is stored of a tenant, changed for good. */
const sql = (tenant: string, text: string): Promise<Data[]> =>
  rolledBack(database.ownerUrl, async (run) => {
    await run("select set_config('app.tenant_id', (select id::text from tenant where code = $1), true)", [tenant]);
    const rows = await run(text);
    await run('commit');
    return rows;
  });

const finished = ({ healthRuns: { nodes } }: Data): boolean =>
  nodes.length > 0 && nodes.every(({ status }: Data) => status === 'DONE');
const done = (total: number): Data => ({ status: 'DONE', total, scored: total, createdBy: { login: 'system' } });

test('once a day every customer of every tenant is scored, by one of several servers; missed days are made up for once', async () => {
  const idle = await server('off');
  for (const [code, names] of [
    ['one', ['甲', '乙']],
    ['two', ['丙']],
  ] as const) {
    for (const name of names)
      await graph(idle, code, `mutation { customerCreate(input: { name: "${name}" }) { userErrors { code } } }`);
  }
  expect(await graph(idle, 'one', runs)).toEqual({ healthRuns: { nodes: [] }, healthScores: { totalCount: 0 } });

  const [second, third] = await Promise.all([server('00:00'), server('00:00')]);
  expect(await until(() => graph(second!, 'one', runs), finished)).toEqual({
    healthRuns: { nodes: [done(2)] },
    healthScores: { totalCount: 2 },
  });
  expect(await until(() => graph(third!, 'two', runs), finished)).toEqual({
    healthRuns: { nodes: [done(1)] },
    healthScores: { totalCount: 1 },
  });

  await sql(
    'one',
    "update health_run set created_at = created_at - interval '3 days', updated_at = updated_at - interval '3 days'",
  );
  const fourth = await server('00:00');
  expect(
    await until(
      () => graph(fourth, 'one', runs),
      (data) => data.healthRuns.nodes.length === 2 && finished(data),
    ),
  ).toEqual({ healthRuns: { nodes: [done(2), done(2)] }, healthScores: { totalCount: 2 } });
  expect((await graph(fourth, 'two', runs)).healthRuns.nodes).toEqual([done(1)]);
}, 120_000);

test('a calculation whose server is gone is taken up where it was, and one that goes on is left alone', async () => {
  const [newest] = await sql('one', 'select id from customer order by id desc limit 1');
  await sql(
    'one',
    "update health_run set created_at = now() - interval '1 day', updated_at = now() - interval '1 day'",
  );
  await sql('one', 'delete from health_score');
  await sql(
    'one',
    `insert into health_run (tenant_id, id, status, total, scored, last_customer, updated_at)
    select app_tenant(), gen_random_uuid(), 'RUNNING', 2, 1, id, now() - interval '1 minute' from (select id from customer order by id limit 1) c`,
  );
  const fifth = await server('00:00');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect((await graph(fifth, 'one', runs)).healthScores.totalCount).toBe(0);

  await sql('one', "update health_run set updated_at = now() - interval '3 minutes' where status = 'RUNNING'");
  const sixth = await server('00:00');
  const { healthRuns } = await until(() => graph(sixth, 'one', runs), finished);
  expect(healthRuns.nodes.at(-1)).toMatchObject({ status: 'DONE', total: 2, scored: 2 });
  expect(await sql('one', 'select customer_id from health_score')).toEqual([{ customer_id: newest.id }]);
}, 120_000);
