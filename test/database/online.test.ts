import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import pg from 'pg';
import { Migration } from '@mikro-orm/migrations';
import ormOptions from '../../mikro-orm.config.js';
import { log } from '../../src/core/log.js';
import { inOneTransaction, runMigrations } from '../../src/database/migrating.js';
import { inBatches, indexOnline, validated } from '../../src/database/migrations/online.v1.js';
import { migrations } from '../../src/database/migrations/index.js';
import { isLater } from '../../tools/api/changelog.js';
import { ownDatabase, type OwnDatabase } from '../support/database.js';
import { brokenBy, migratingOf, rules } from './online.js';

log.level = 'error';

/** The last migration that was written before the rules, for databases of no release but 0.1.0: upgraded with the servers stopped. */
const last = '0036-endpoint-uses';

const later = migrations.slice(migrations.findIndex(({ name }) => name === last) + 1);

test('migrations since then lock no large table for long, and take away nothing that servers of the last release use', () => {
  expect(migrations.map(({ name }) => name)).toContain(last);
  expect(
    later.flatMap(({ name, class: Class }) => brokenBy(migratingOf(Class)).map((what) => `${name}: ${what}`)),
  ).toEqual([]);
});

test('where the database is distributed, no migration enters a tenant of whom the nodes do not know, nor commits by itself', () => {
  const statements = migrations.flatMap(({ class: Class }) => [...migratingOf(Class).statements]);
  const wrong = (sql: string): boolean =>
    /set_config\('app\.tenant_id', (?!'')/.test(sql) || /^\s*commit;/m.test(sql) || /^\w+ index concurrently/.test(sql);
  expect(statements.filter(wrong).length).toBeGreaterThan(10);
  expect(statements.map(inOneTransaction).filter(wrong)).toEqual([]);
});

test('what is taken away is not used by a release that exists', () => {
  const { version } = JSON.parse(readFileSync(resolve(__dirname, '../../package.json'), 'utf8')) as { version: string };
  for (const { name, class: Class } of later) {
    const { contracts } = migratingOf(Class);
    if (contracts !== undefined) expect([name, isLater(contracts, version)]).toEqual([name, false]);
  }
});

test.each(rules.map((rule) => [rule.what, rule] as const))('%s is found, and the other way is not', (what, rule) => {
  expect(brokenBy(rule.refused)).toContain(what);
  expect(brokenBy(rule.accepted)).toEqual([]);
});

test('a table that a migration makes itself may get everything at once; the helpers keep the rules', () => {
  expect(
    brokenBy({
      isTransactional: true,
      statements: [
        'create table "badge" ("id" uuid not null)',
        'create index "badge_by_id" on "badge" ("id")',
        'alter table "badge" add constraint "badge_id" unique ("id")',
        'alter table "badge" add constraint "badge_tenant" foreign key ("id") references "tenant" ("id")',
      ],
    }),
  ).toEqual([]);
  expect(
    brokenBy({
      isTransactional: false,
      statements: [
        ...indexOnline('a', 'on "customer" ("tenant_id")'),
        validated('customer', 'c'),
        inBatches('customer', 'n = 1', 'n is null'),
      ],
    }),
  ).toEqual([]);
});

describe('on a database', () => {
  let database: OwnDatabase;
  let client: pg.Client;
  let other: pg.Client;

  beforeAll(async () => {
    database = await ownDatabase();
    [client, other] = [database.ownerUrl, database.ownerUrl].map(
      (connectionString) => new pg.Client({ connectionString }),
    ) as [pg.Client, pg.Client];
    await client.connect();
    await other.connect();
    for (const code of ['a', 'b']) {
      await client.query('insert into tenant (id, code, name) values (gen_random_uuid(), $1, $1)', [code]);
      await client.query("select set_config('app.tenant_id', (select id::text from tenant where code = $1), false)", [
        code,
      ]);
      await client.query(
        "insert into user_account (tenant_id, id, subject, login, name) select app_tenant(), gen_random_uuid(), n::text, n::text, 'x' from generate_series(1, 1500) n",
      );
    }
  });

  afterAll(async () => {
    await client.end();
    await other.end();
    await database.stop();
  });

  const run = (said: string[], ...classes: Array<new (...args: never[]) => Migration>): Promise<void> =>
    runMigrations(
      database.ownerUrl,
      {
        ...ormOptions,
        migrations: {
          ...ormOptions.migrations,
          migrationsList: [
            ...migrations,
            ...classes.map((Class) => ({ name: `9999-${Class.name}`, class: Class as never })),
          ],
        },
      },
      (text) => said.push(text),
    );
  const counts = async (): Promise<unknown[]> => {
    const found: unknown[] = [];
    for (const code of ['a', 'b']) {
      await client.query("select set_config('app.tenant_id', (select id::text from tenant where code = $1), false)", [
        code,
      ]);
      const { rows } = await client.query('select name, count(*)::int from user_account group by 1 order by 1');
      found.push(rows);
    }
    return found;
  };

  test('rows are changed in batches of all tenants, with progress; an index is made anew where an interrupted run left it', async () => {
    await client.query('create index "user_account_online" on "user_account" ("tenant_id")');
    class Batches extends Migration {
      override isTransactional(): boolean {
        return false;
      }
      override up(): void {
        this.addSql(inBatches('user_account', "name = 'y'", "name = 'x' and subject <> '7'"));
        for (const statement of indexOnline('user_account_online', 'on "user_account" ("tenant_id", "name")'))
          this.addSql(statement);
      }
    }
    const said: string[] = [];
    await run(said, Batches);
    expect(await counts()).toEqual(
      Array(2).fill([
        { name: 'x', count: 1 },
        { name: 'y', count: 1499 },
      ]),
    );
    expect(said).toEqual([
      'user_account: 1 of 2 tenants, 1499 rows changed',
      'user_account: 2 of 2 tenants, 2998 rows changed',
    ]);
    const { rows } = await client.query("select pg_get_indexdef('user_account_online'::regclass) as def");
    expect(rows[0].def).toContain('(tenant_id, name)');
  });

  test('a migration that does not get its lock lets others pass after a second, and is tried again until it does', async () => {
    class Column extends Migration {
      override up(): void {
        this.addSql('alter table "user_account" add column "probe" int null');
      }
    }
    await other.query('begin; select from user_account limit 1');
    const migrated = run([], Column);
    await new Promise((resolve) => setTimeout(resolve, 700));
    const began = performance.now();
    // behind the migration, which waits for its lock
    await client.query('select from user_account limit 1');
    expect(performance.now() - began).toBeLessThan(1_500);
    await other.query('commit');
    await migrated;
    expect((await client.query('select probe from user_account limit 1')).rows).toEqual([{ probe: null }]);
  }, 30_000);
});
