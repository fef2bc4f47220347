import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { environmentOf, ownDatabase, rolledBack, type OwnDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { send, testSecret, token } from '../support/http.js';
import { startAnother, type Started } from '../support/server.js';
import type { Data } from '../support/tenant.js';

// A night over many customers, with servers and jobs that are killed in between. `CRM_TEST_RECYCLED=100000` has it take as many,
// and prints how long that takes.

const count = Number(process.env['CRM_TEST_RECYCLED'] ?? 8_000);
const project = join(__dirname, '../..');

let database: OwnDatabase;
const servers: Started[] = [];

beforeAll(async () => {
  database = await ownDatabase();
}, 60_000);

afterAll(async () => {
  for (const one of servers) await one.stop();
  await database.stop();
});

async function server(recycleAt: string): Promise<string> {
  const started = await startAnother({
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: database.ownerUrl,
    AUTH_JWT_SECRET: testSecret(),
    CRM_RECYCLE_AT: recycleAt,
    CRM_ROUND_SECONDS: '1',
  });
  servers.push(started);
  if (!started.address) throw new Error(started.stdout + started.stderr);
  return started.address;
}

async function graph(address: string, query: string, variables: object = {}): Promise<Data> {
  const authorization = `Bearer ${await token({ sub: 'boss', tenant_id: 'night', roles: ['tenant_admin'] })}`;
  const { body } = await send('POST', `${address}/graphql`, { authorization }, { query, variables });
  if (body.errors) throw new Error(JSON.stringify(body.errors));
  return body.data;
}

/** What is stored of the tenant, changed for good. */
const sql = (text: string, values: unknown[] = []): Promise<Data[]> =>
  rolledBack(database.ownerUrl, async (run) => {
    await run("select set_config('app.tenant_id', (select id::text from tenant where code = 'night'), true)");
    const rows = await run(text, values);
    await run('commit');
    return rows;
  });

/** Runs the job until it says that it has gone over so many, and kills it then; without a number until its end. */
function job(killedAfter?: number): Promise<{ signal: NodeJS.Signals | null; stdout: string }> {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, [join(project, 'bin/crm.mjs'), 'job', 'recycle', '--tenant', 'night'], {
    cwd: project,
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), LOG_LEVEL: 'warn', ...environmentOf(database) },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
    const [, done] = /: (\d+) of \d+\n$/.exec(stdout) ?? [];
    if (killedAfter !== undefined && Number(done) >= killedAfter) process.kill(-child.pid!, 'SIGKILL');
  });
  return new Promise((settle) => child.once('close', (_, signal) => settle({ signal, stdout })));
}

const run = async (address: string): Promise<Data> =>
  (
    await graph(
      address,
      '{ recyclingRuns(filter: { kind: [RECYCLE] }) { nodes { status total done recycled reminded } } }',
    )
  ).recyclingRuns.nodes;

test('a night takes each customer whose day has come once, whoever is killed in between', async () => {
  const idle = await server('off');
  await graph(idle, '{ viewer { user { id } } }');
  // every fifth was picked today, and every tenth of the others is to be reminded of
  await sql(
    `insert into customer (tenant_id, id, account_no, code, name, owner_id, held_since, created_at)
      select app_tenant(), uuidv7(), 'R' || n, 'R' || n, '客户' || n, u.id, now() - make_interval(days => case when n % 5 = 0 then 0 when n % 50 = 1 then 58 else 60 + n % 7 end), now() - interval '1 year'
      from generate_series(1, $1::int) n, user_account u where u.subject = 'boss'`,
    [count],
  );
  await sql('analyze customer');
  const { poolCreate } = await graph(
    idle,
    'mutation { poolCreate(input: { kind: CUSTOMER, name: "公海" }) { pool { id } userErrors { code field } } }',
  );
  const pool = poolCreate.pool.id;
  const began = Date.now();
  const { poolRuleCreate } = await graph(
    idle,
    'mutation ($input: PoolRuleInput!) { poolRuleCreate(input: $input) { poolRule { id } userErrors { code field } } }',
    {
      input: {
        pool,
        name: '六十天',
        trigger: 'NO_FOLLOW_UP',
        days: 60,
        exemptions: ['OPEN_OPPORTUNITY', 'CONTRACT_IN_FORCE', 'MONEY_OUTSTANDING'],
        reminderDays: [7, 3],
      },
    },
  );
  const rule = poolRuleCreate.poolRule.id;
  const [computing] = await eventually(
    async () =>
      (await graph(idle, '{ recyclingRuns(filter: { kind: [COMPUTE] }) { nodes { status total done } } }'))
        .recyclingRuns.nodes,
    ([one]) => one?.status === 'DONE',
  );
  expect(computing).toEqual({ status: 'DONE', total: count, done: count });
  const computedMs = Date.now() - began;
  const today = "(now() at time zone 'Asia/Shanghai')::date";
  const due = await sql(`select id from customer where recycle_on <= ${today} order by id`);
  const near = await sql(
    `select id from customer where recycle_on > ${today} and recycle_on <= ${today} + 7 order by id`,
  );
  expect(due.length).toBeGreaterThan(count * 0.7);
  expect(near.length).toBeGreaterThan(count * 0.01);

  // two jobs are killed, and two servers go on where the second one was
  const started = Date.now();
  expect(await job(count * 0.2)).toMatchObject({ signal: 'SIGKILL' });
  const [first] = await run(idle);
  expect(first.status).toBe('RUNNING');
  expect(first.done).toBeGreaterThanOrEqual(count * 0.2);
  expect(first.done).toBeLessThan(due.length);
  expect(await job(count * 0.5)).toMatchObject({ signal: 'SIGKILL' });
  const killedMs = Date.now() - started;
  const left = await run(idle);
  expect(left).toMatchObject([{ status: 'RUNNING' }]);
  expect(left[0].done).toBeLessThan(due.length);
  const both = await Promise.all([server('00:00'), server('00:00')]);
  const ended = await eventually(
    () => run(both[0]!),
    ([one]) => one.status === 'DONE',
  );
  const endedMs = Date.now() - started;
  expect(ended).toEqual([
    { status: 'DONE', total: due.length, done: due.length, recycled: due.length, reminded: near.length },
  ]);

  const owners = await sql(
    'select id from customer where owner_id is null and pool_id = $1 and pooled_at is not null and held_since is null and recycle_on is null order by id',
    [pool],
  );
  expect(owners).toEqual(due);
  expect(
    await sql(
      'select count(*)::int from customer where owner_id is not null and pool_id is null and recycle_on is not null',
    ),
  ).toEqual([{ count: count - due.length }]);
  for (const once of [
    `select subject::uuid as id from outbox where type = 'crm.customer.recycled' and data->>'recycleRule' = '${rule}' order by 1`,
    "select customer_id as id from owner_change where kind = 'RECYCLE' and reason = '六十天' order by 1",
    "select record as id from audit_entry where act = 'poolRule.recycle' and record_type = 'Customer' order by 1",
  ])
    expect(await sql(once)).toEqual(due);
  expect(
    await sql("select subject::uuid as id from outbox where type = 'crm.customer.recycle-due' order by 1"),
  ).toEqual(near);
  expect(
    await sql(
      'select count(*)::int as rows, min(seq)::int as first, max(seq)::int - count(*)::int as gaps from outbox',
    ),
  ).toEqual([expect.objectContaining({ first: 1, gaps: 0 })]);

  // nothing is left for the rest of the day
  const again = await job();
  expect(again.stdout.trimEnd().split('\n').at(-1)).toBe('night: 0 customers and leads recycled, 0 reminders');
  if (process.env['CRM_TEST_RECYCLED'])
    process.stdout.write(
      `${count} customers: days computed in ${computedMs} ms; ${due.length} taken in ${endedMs} ms, of which two jobs that were killed took ${killedMs} ms, and ${near.length} reminded of\n`,
    );
}, 600_000);
