import pg from 'pg';
import { inOrder, missing, statementsFor, type DistributedTable, type Found } from '../../src/database/distribution.js';
import { tenantTables } from '../../src/database/migrations/tenant-tables.v2.js';
import { crm, databaseCommand, environmentOf, ownDatabase, type OwnDatabase } from '../support/database.js';

// There is no Citus here. What is held is the order of the statements, their form, what is said where something is missing, and
// that an interrupted run goes on: on a plain PostgreSQL with functions and tables of Citus' names, written from its manual, that
// note how they are called and refuse what it refuses. What Citus itself does is seen on a cluster alone.

const standIns = `
  create table pg_dist_partition (logicalrelid regclass primary key, partmethod "char" not null, partkey text, colocationid int, repmodel "char" not null);
  create table pg_dist_node (groupid int, isactive boolean default true, shouldhaveshards boolean default true, noderole text default 'primary');
  create table pg_dist_called (place int generated always as identity, call text not null);
  create table pg_dist_unreachable (name text);
  create function column_to_column_name(regclass, text) returns text language sql return $2;
  create function create_reference_table(t regclass) returns void language plpgsql as $$ begin
    insert into pg_dist_called (call) values ('reference ' || t);
    insert into pg_dist_partition values (t, 'n', null, 1, 't');
  end $$;
  create function create_distributed_table(t regclass, col text, colocate_with text) returns void language plpgsql as $$
  declare parent regclass; begin
    if exists (select from pg_dist_unreachable where name = t::text) then raise exception 'connection to the remote node failed' using errcode = '08006'; end if;
    select k.confrelid into parent from pg_constraint k where k.conrelid = t and k.contype = 'f' and k.confrelid <> t and k.confrelid not in (select logicalrelid from pg_dist_partition) limit 1;
    if found then raise exception 'referenced table "%" must be a distributed table or a reference table', parent; end if;
    if colocate_with <> 'none' and colocate_with::regclass not in (select logicalrelid from pg_dist_partition where partmethod = 'h') then
      raise exception 'relation % is not distributed', colocate_with; end if;
    insert into pg_dist_called (call) values ('distributed ' || t || ' beside ' || colocate_with || ', references ' || coalesce(current_setting('citus.enable_local_reference_table_foreign_keys', true), '') || ', ' || coalesce(current_setting('citus.multi_shard_modify_mode', true), ''));
    insert into pg_dist_partition values (t, 'h', col, 2, 's');
  end $$;
  create function truncate_local_data_after_distributing_table(t regclass) returns void language plpgsql as $$ begin
    insert into pg_dist_called (call) values ('emptied ' || t);
  end $$;`;

const databases: OwnDatabase[] = [];
const made = async (): Promise<OwnDatabase> => {
  const database = await ownDatabase();
  databases.push(database);
  return database;
};
afterAll(() => Promise.all(databases.map((one) => one.stop())));

async function sql(url: string, ...statements: string[]): Promise<Array<Record<string, unknown>>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: Array<Record<string, unknown>> = [];
    for (const statement of statements) ({ rows } = await client.query(statement));
    return rows;
  } finally {
    await client.end();
  }
}
/** Whether users refer to their departments: the key that closes the circle of tables. */
const isClosed = async ({ ownerUrl }: OwnDatabase): Promise<unknown> =>
  (
    await sql(
      ownerUrl,
      "select exists (select from pg_constraint where conname = 'user_account_tenant_id_department_id_foreign') closed",
    )
  )[0]!['closed'];
const called = async ({ ownerUrl }: OwnDatabase): Promise<string[]> =>
  (await sql(ownerUrl, 'select call from pg_dist_called order by place')).map(({ call }) => String(call));

test('on a plain PostgreSQL: --check lists what would be distributed, and distributing is refused in one sentence', async () => {
  const database = await made();
  const { code, stdout, stderr } = await databaseCommand(database, 'distribute', '--check');
  expect([code, stderr]).toEqual([0, '']);
  const [title, ...lines] = stdout.trim().split('\n');
  expect(title).toBe('Citus is not installed in this database: this is a plain PostgreSQL, which needs none of it.');
  expect(lines[0]).toBe('tenant: would be a reference table');
  expect(lines.filter((line) => line.endsWith(': stays on the coordinator'))).toEqual([
    'rate_count: stays on the coordinator',
    'schema_migration: stays on the coordinator',
    'server_secret: stays on the coordinator',
  ]);
  const [{ owned }] = (await sql(
    database.ownerUrl,
    "select count(*)::int owned from information_schema.columns where table_schema = 'public' and column_name = 'tenant_id'",
  )) as [{ owned: number }];
  expect(lines.filter((line) => line.endsWith(': would be distributed by tenant_id'))).toHaveLength(owned);
  expect(lines.at(-1)).toBe(`${owned + 1} tables would be distributed.`);

  expect(await databaseCommand(database, 'distribute')).toEqual({
    code: 1,
    stdout: '',
    stderr:
      "Citus is not installed in this database: every node needs shared_preload_libraries = 'citus', and in this database `create extension citus` by a superuser.\n",
  });
});

test('tenants first, parents before children, beside each other; what was interrupted goes on where it was', async () => {
  const database = await made();
  await sql(database.ownerUrl, standIns);
  expect((await databaseCommand(database, 'distribute')).stderr).toMatch(/^Citus knows no node that may hold rows: /);
  await sql(database.ownerUrl, 'insert into pg_dist_node (groupid) values (1)');
  expect((await databaseCommand(database, 'distribute')).stderr).toMatch(/^Citus does not know its coordinator: /);
  await sql(database.ownerUrl, 'insert into pg_dist_node (groupid) values (0)');
  const before = await databaseCommand(database, 'distribute', '--check');
  expect([before.code, before.stderr]).toEqual([
    1,
    expect.stringMatching(/^\d+ of \d+ tables are not distributed yet. `crm db distribute` does so.\n$/),
  ]);
  expect(before.stdout).toContain('customer: is not yet distributed by tenant_id\n');

  await sql(database.ownerUrl, "insert into pg_dist_unreachable values ('contract')");
  const interrupted = await databaseCommand(database, 'distribute');
  expect([interrupted.code, interrupted.stderr]).toEqual([
    1,
    'The table contract could not be distributed: connection to the remote node failed. What was done before stays; the same command goes on with this table.\n',
  ]);
  const some = await called(database);
  expect(await isClosed(database)).toBe(false);
  expect(some.slice(0, 2)).toEqual([
    'reference tenant',
    'distributed user_account beside none, references off, sequential',
  ]);
  expect(interrupted.stdout.trim().split('\n')).toHaveLength(some.length);

  await sql(database.ownerUrl, 'delete from pg_dist_unreachable');
  const rest = await databaseCommand(database, 'distribute');
  expect([rest.code, rest.stderr]).toEqual([0, '']);
  expect(rest.stdout).toMatch(/^1 of \d+: contract, \d+\.\d s\n[^]*\nEvery table is distributed.\n$/);
  const all = await called(database);
  expect(await isClosed(database)).toBe(true);
  expect(all.slice(0, some.length)).toEqual(some);
  expect(new Set(all).size).toBe(all.length);
  expect(all.slice(2)).toEqual(all.slice(2).map(() => expect.stringContaining(' beside user_account, ')));
  const after = await databaseCommand(database, 'distribute', '--check');
  expect([after.code, after.stderr, after.stdout.trim().split('\n').at(-1)]).toEqual([
    0,
    '',
    'Every table is distributed.',
  ]);
  expect((await databaseCommand(database, 'distribute')).stdout).toBe('Every table was distributed already.\n');

  // a migration from then on: made, distributed, and only then keys, policies and grants
  const statements = tenantTables(
    `create table "badge" ("tenant_id" uuid not null, "id" uuid not null, "user_id" uuid not null, primary key ("tenant_id", "id"));
create index "badge_by_user" on "badge" ("tenant_id", "user_id");
alter table "badge" add constraint "badge_user" foreign key ("tenant_id", "user_id") references "user_account" ("tenant_id", "id");
`,
    ['badge'],
    ['grant select on "badge" to crm_server'],
  );
  await sql(database.ownerUrl, 'begin', ...statements, 'commit');
  expect((await called(database)).slice(all.length)).toEqual([
    'distributed badge beside user_account, references , sequential',
  ]);
  const place = (form: RegExp): number => statements.findIndex((one) => form.test(one));
  const order = [
    /multi_shard_modify_mode/,
    /^create table/,
    /create_distributed_table\('badge'/,
    /^create index/,
    /foreign key/,
    /row level security/,
    /^create policy/,
    /^grant/,
  ].map(place);
  expect(order.every((at) => at >= 0)).toBe(true);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
}, 60_000);

test('a database with tenants takes a superuser, whom row level security hides nothing from; copies left on the coordinator are removed, children first', async () => {
  const database = await made();
  await sql(
    database.ownerUrl,
    standIns,
    'insert into pg_dist_node (groupid) values (0), (1)',
    "insert into tenant (id, code, name) values (gen_random_uuid(), 'acme', 'Acme')",
  );
  expect(await databaseCommand(database, 'distribute')).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'There are tenants with rows, which row level security hides from the role crm_owner as well: give CRM_DATABASE_OWNER_URL a superuser for this command.\n',
  });
  expect(await called(database)).toEqual([]);
  const done = await crm(
    { ...environmentOf(database), CRM_DATABASE_OWNER_URL: database.superuserUrl! },
    'db',
    'distribute',
  );
  expect([done.code, done.stderr]).toEqual([0, '']);
  const emptied = (await called(database)).filter((call) => call.startsWith('emptied '));
  expect(emptied.at(-1)).toBe('emptied tenant');
  expect(emptied.indexOf('emptied stage_change')).toBeLessThan(emptied.indexOf('emptied opportunity'));
  expect((await called(database)).length).toBe(2 * emptied.length);
});

const table = (name: string, parents: string[] = [], done = false): DistributedTable => ({
  name,
  as: name === 'tenant' ? 'reference' : 'distributed',
  done,
  parents,
});

test('without the tables of this version it is refused, and tables that refer to each other in a circle are named', () => {
  const found: Found = {
    citus: { nodes: 2, hasCoordinator: true },
    role: { name: 'crm_owner', isSuperuser: false },
    notOwned: undefined,
    hasRows: false,
    pending: [],
    tables: [table('tenant'), table('user_account', ['tenant'])],
    isClosed: true,
  };
  expect(missing(found)).toBeUndefined();
  expect(missing({ ...found, pending: ['0036-endpoint-uses'] })).toBe(
    'Migrations are missing (0036-endpoint-uses): run `crm db migrate` first.',
  );
  expect(missing({ ...found, notOwned: 'customer' })).toBe(
    'The role crm_owner does not own the table customer: give CRM_DATABASE_OWNER_URL the role that owns the database, or a superuser.',
  );
  expect(() => inOrder([table('a', ['b']), table('b', ['a']), table('tenant')])).toThrow(
    'These tables refer to each other in a circle, which cannot be distributed: a, b.',
  );
  expect(
    statementsFor([
      table('tenant', [], true),
      table('case', ['user_account']),
      table('user_account', ['tenant'], true),
    ]),
  ).toEqual([
    {
      table: 'case',
      text: 'select create_distributed_table($1, $2, colocate_with => $3)',
      values: ['case', 'tenant_id', 'user_account'],
    },
  ]);
});
