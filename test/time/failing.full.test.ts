import { ownDatabase, rolledBack, type OwnDatabase } from '../support/database.js';
import { send, testSecret, token } from '../support/http.js';
import { launch } from '../support/launch.js';
import { sqlIn, type Data } from '../support/tenant.js';
import { resolve } from 'node:path';

let database: OwnDatabase;
beforeAll(async () => {
  database = await ownDatabase();
});
afterAll(() => database.stop());

const id = (number: number): string => `01c00000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const [bad, good] = ['bad', 'good'] as const;
const count = 1_600;
const stored = (code: string): Promise<Data[]> =>
  sqlIn(database.ownerUrl, code, "select count(*)::int as expired from contract where status = 'EXPIRED'");

async function eventually<T>(look: () => Promise<T>, isThere: (found: T) => boolean, ms: number): Promise<T> {
  for (const until = Date.now() + ms; ; await new Promise((settle) => setTimeout(settle, 50))) {
    const found = await look();
    if (isThere(found) || Date.now() > until) return found;
  }
}

test('a tenant for which the clock fails is left alone for longer and longer, counted and logged, while servers that are killed do the work of another one exactly once', async () => {
  await rolledBack(database.ownerUrl, (sql) =>
    sql(`insert into tenant (id, code, name) values ('${id(1)}', '${bad}', 'a'), ('${id(2)}', '${good}', 'b');
      ${[1, 2]
        .map(
          (tenant) => `select set_config('app.tenant_id', '${id(tenant)}', true);
            insert into customer (tenant_id, id, account_no, code, name) values ('${id(tenant)}', '${id(9)}', 'A', 'C', '甲');
            insert into contract (tenant_id, id, customer_id, code, name, status, ends_on, updated_at)
              select '${id(tenant)}', ('01c10000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '${id(9)}', n::text, '合同', 'IN_FORCE', date '2024-01-31', now() - interval '1 hour'
              from generate_series(1, ${tenant === 1 ? 1 : count}) n;`,
        )
        .join('\n')}
      create function fails() returns trigger language plpgsql as $$ begin if new.tenant_id = '${id(1)}' then raise 'broken'; end if; return new; end $$;
      create trigger fails before update on contract for each row execute function fails();
      commit`),
  );
  const lines: Data[] = [];
  const start = (): ReturnType<typeof launch> =>
    launch(
      resolve(__dirname, '../..'),
      {
        NODE_ENV: 'test',
        AUTH_JWT_SECRET: testSecret(),
        CRM_DATA_DIR: database.directory,
        CRM_DATABASE_URL: database.serverUrl,
        CRM_DATABASE_OWNER_URL: database.ownerUrl,
      },
      (line) => {
        if (line.includes('job.clockFailed')) lines.push(JSON.parse(line) as Data);
      },
    );
  // three times a server is killed in the midst of it, once something is done and not everything
  for (let kills = 0; kills < 3; kills += 1) {
    const server = await start();
    const [{ expired: before }] = (await stored(good)) as [Data];
    await eventually(
      () => stored(good),
      ([row]) => row!.expired > before,
      20_000,
    );
    await server.kill();
  }
  const servers = await Promise.all([start(), start()]);
  try {
    expect(
      await eventually(
        () => stored(good),
        ([row]) => row!.expired === count,
        40_000,
      ),
    ).toEqual([{ expired: count }]);
    const [once] = await sqlIn(
      database.ownerUrl,
      good,
      `select (select count(*)::int from audit_entry where act = 'contract.expire') as audited,
        (select count(distinct record)::int from audit_entry where act = 'contract.expire') as records,
        (select count(*)::int from outbox where type = 'crm.contract.expired') as published,
        (select count(distinct subject)::int from outbox where type = 'crm.contract.expired') as subjects,
        (select count(*)::int - max(seq)::int from outbox) as gap, (select max(version)::int from contract) as version`,
    );
    expect(once).toEqual({ audited: count, records: count, published: count, subjects: count, gap: 0, version: 2 });

    await eventually(
      () => Promise.resolve(lines),
      () => lines.some(({ failures }) => failures >= 2),
      70_000,
    );
    expect(await stored(bad)).toEqual([{ expired: 0 }]);
    const waits = new Map(lines.map(({ failures, retryMs }) => [failures, retryMs]));
    expect([waits.get(1), waits.get(2)]).toEqual([1_000, 2_000]);
    for (const line of lines) expect(line).toMatchObject({ level: 40, event: 'job.clockFailed', tenant: bad });
    const platform = await token({ sub: 'operator', tenant_id: good, roles: ['platform_admin'] });
    const metrics = await Promise.all(
      servers.map(({ address }) =>
        send('GET', `${address}/metrics/server`, { authorization: `Bearer ${platform}` }).then(({ body }) =>
          String(body),
        ),
      ),
    );
    for (const text of metrics) expect(text).toMatch(/^crm_job_failures_total\{name="clock"\} [1-9]/m);
  } finally {
    for (const server of servers) await server.stop();
  }
}, 240_000);
