import { ownDatabase, rolledBack, type OwnDatabase, type Sql } from '../support/database.js';

// What every table must obey so that tenants stay apart, and so that the database could be distributed by tenant.

let database: OwnDatabase;

beforeAll(async () => {
  database = await ownDatabase();
});

afterAll(() => database.stop());

interface Rule {
  /** rows are violations */
  query: string;
  /** what breaks the rule; tried inside a transaction that is rolled back */
  violation: string;
  /** the violation as the rule reports it */
  found: Record<string, unknown>;
}

/** Tables whose rows belong to a tenant. */
const owned = `(select c.oid, c.relname::text as name, c.relrowsecurity, c.relforcerowsecurity, c.relowner, a.attnum from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
  where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace) t`;

const ours = "c.relnamespace = 'public'::regnamespace";

const rules: Record<string, Rule> = {
  'has row level security': {
    query: `select name from ${owned} where not relrowsecurity`,
    violation: 'alter table contact disable row level security',
    found: { name: 'contact' },
  },
  'forces row level security on its owner': {
    query: `select name from ${owned} where not relforcerowsecurity`,
    violation: 'alter table contact no force row level security',
    found: { name: 'contact' },
  },
  'has exactly one policy, permissive, for everything and everybody': {
    query: `select name from ${owned} left join pg_policy p on p.polrelid = t.oid group by name having count(*) <> 1 or not bool_and(p.polpermissive and p.polcmd = '*' and p.polroles = '{0}') or count(p.oid) <> 1`,
    violation: 'create policy extra on contact using (true)',
    found: { name: 'contact' },
  },
  'lets rows in and out by the same bare comparison of the tenant': {
    query: `select name from ${owned} join pg_policies p on p.tablename = t.name where p.qual <> '(tenant_id = app_tenant())' or p.with_check <> p.qual or p.with_check is null`,
    violation: 'alter policy tenant on contact using (tenant_id = (select id from tenant limit 1))',
    found: { name: 'contact' },
  },
  'begins its primary key, unique constraints and indexes with the tenant': {
    query: `select name, i.indexrelid::regclass::text as index from ${owned} join pg_index i on i.indrelid = t.oid where i.indkey[0] <> t.attnum`,
    violation: 'create index astray on contact (name)',
    found: { name: 'contact', index: 'astray' },
  },
  'has a primary key': {
    query: `select name from ${owned} where not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary)`,
    violation: 'create table loose (tenant_id uuid not null)',
    found: { name: 'loose' },
  },
  'begins foreign keys with the tenant, on both sides': {
    query: `select name, k.conname::text as key from ${owned} join pg_constraint k on k.conrelid = t.oid and k.contype = 'f' join pg_attribute there on there.attrelid = k.confrelid and there.attnum = k.confkey[1]
      where case when k.confrelid = 'tenant'::regclass then there.attname <> 'id' else k.conkey[1] <> t.attnum or there.attname <> 'tenant_id' end`,
    violation:
      'create unique index on customer (id); alter table contact add column customer_id uuid references customer (id)',
    found: { name: 'contact', key: 'contact_customer_id_fkey' },
  },
  'but those of grams, which are made of records by the statement that writes these, has every reference to the tenant checked':
    {
      query: `select name from ${owned} where name not like '%\\_gram' and not exists (select from pg_constraint k where k.conrelid = t.oid and k.confrelid = 'tenant'::regclass and k.convalidated)`,
      violation: 'alter table contact drop constraint contact_tenant_id_foreign',
      found: { name: 'contact' },
    },
  'never follows a deletion or a change through a foreign key': {
    query:
      "select k.conrelid::regclass::text as name, conname::text as key from pg_constraint k where contype = 'f' and (confdeltype <> 'a' or confupdtype <> 'a')",
    violation:
      'alter table contact add column boss uuid, add constraint boss foreign key (tenant_id, boss) references contact (tenant_id, id) on delete set null (boss)',
    found: { name: 'contact', key: 'boss' },
  },
  'has no deferrable constraint': {
    query:
      "select conrelid::regclass::text as name, conname::text as key from pg_constraint where connamespace = 'public'::regnamespace and condeferrable",
    violation: 'alter table contact alter constraint contact_tenant_id_foreign deferrable',
    found: { name: 'contact', key: 'contact_tenant_id_foreign' },
  },
  'has no trigger': {
    query: `select c.relname::text as name, tgname::text as trigger from pg_trigger g join pg_class c on c.oid = g.tgrelid where ${ours} and not tgisinternal`,
    violation:
      'create trigger pulled before update on contact for each row execute function suppress_redundant_updates_trigger()',
    found: { name: 'contact', trigger: 'pulled' },
  },
  'keeps its past: the server may neither change nor delete it': {
    query: `select c.relname::text as name, p as may from pg_class c, unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) p where ${ours} and c.relname in ('audit_entry', 'record_version', 'stage_change') and has_table_privilege('crm_server', c.oid, p)`,
    violation: 'grant delete on audit_entry to crm_server',
    found: { name: 'audit_entry', may: 'DELETE' },
  },
  'keeps the server from emptying it and from tying to it': {
    query: `select c.relname::text as name, p as may from pg_class c, unnest(array['TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']) p where ${ours} and c.relkind = 'r' and has_table_privilege('crm_server', c.oid, p)`,
    violation: 'grant trigger on contact to crm_server',
    found: { name: 'contact', may: 'TRIGGER' },
  },
  'without a tenant of its own is the list of tenants or of migrations, the counts of callers, or the secrets of servers':
    {
      query: `select c.relname::text as name from pg_class c where ${ours} and relkind in ('r', 'p', 'v', 'm', 'f') and relname not in ('tenant', 'schema_migration', 'rate_count', 'server_secret') and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull)`,
      violation: 'create view everybody as select id, name from contact',
      found: { name: 'everybody' },
    },
  'has no function that works with the rights of its owner': {
    query: "select proname::text as name from pg_proc where pronamespace = 'public'::regnamespace and prosecdef",
    violation:
      'create function backdoor() returns bigint language sql security definer as $$ select count(*) from contact $$',
    found: { name: 'backdoor' },
  },
};

test('there are tables to look at', async () => {
  const tables = await rolledBack(database.ownerUrl, (sql) => sql(`select name from ${owned} order by 1`));
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'audit_entry',
      'contact',
      'contract',
      'customer',
      'customer_contact',
      'customer_member',
      'feed_head',
      'opportunity',
      'outbox',
      'series',
      'stage_change',
      'user_account',
    ]),
  );
});

describe.each(Object.entries(rules))('every table %s', (_name, { query, violation, found }) => {
  test('as migrated', async () => {
    expect(await rolledBack(database.ownerUrl, (sql) => sql(query))).toEqual([]);
  });

  test('and this test can fail', async () => {
    const violations = await rolledBack(database.ownerUrl, async (sql) => {
      await sql(violation);
      return sql(query);
    });
    expect(violations).toContainEqual(found);
  });
});

/** What makes the wall around a table weaker, and the rules that say so. */
const weaker: Record<string, { by: (table: string) => string; rules: string[] }> = {
  'without row level security': {
    by: (table) => `alter table "${table}" disable row level security`,
    rules: ['has row level security'],
  },
  'not for its owner': {
    by: (table) => `alter table "${table}" no force row level security`,
    rules: ['forces row level security on its owner'],
  },
  'that lets all rows out': {
    by: (table) => `alter policy tenant on "${table}" using (true)`,
    rules: ['lets rows in and out by the same bare comparison of the tenant'],
  },
  'that lets all rows in': {
    by: (table) => `alter policy tenant on "${table}" with check (true)`,
    rules: ['lets rows in and out by the same bare comparison of the tenant'],
  },
  'beside another one': {
    by: (table) => `create policy extra on "${table}" using (true)`,
    rules: ['has exactly one policy, permissive, for everything and everybody'],
  },
  'that the server may empty': {
    by: (table) => `grant truncate on "${table}" to crm_server`,
    rules: ['keeps the server from emptying it and from tying to it'],
  },
};

test.each(Object.entries(weaker))('a wall around any table %s is noticed', async (_name, { by, rules: noticing }) => {
  const [tables, found] = await rolledBack(database.ownerUrl, async (sql) => {
    const names = (await sql(`select name from ${owned} order by 1`)).map(({ name }) => name as string);
    for (const name of names) await sql(by(name));
    const violations = [];
    for (const rule of noticing) violations.push(...(await sql(rules[rule]!.query)));
    return [names, new Set(violations.map(({ name }) => name as string))] as const;
  });
  expect(tables.filter((table) => !found.has(table))).toEqual([]);
});

/** What the server may do with the rows of a table beyond reading and adding them, where it may not change them only. */
const mayDo = {
  'nothing more': [
    'audit_entry',
    'case_comment',
    'contract_renewal',
    'credit_assessment',
    'lead_owner_change',
    'owner_change',
    'record_version',
    'stage_change',
    'status_change',
    'usage_event',
  ],
  'remove them': ['contact_gram', 'customer_gram', 'opportunity_gram', 'outbox', 'pool_reveal', 'recycle_reminder'],
  'change and remove them': [
    'api_key_secret',
    'customer_contact',
    'customer_member',
    'customer_relation',
    'customer_tag',
    'customer_tenant',
    'customer_tenant_mirror',
    'department_path',
    'endpoint_use',
    'feed_reader',
    'idempotency_key',
    'pool_member',
    'saved_view_default',
    'token_revocation',
    'webhook_delivery',
    'webhook_secret',
  ],
};

test('the server may change and remove rows only where it has to', async () => {
  const found = await rolledBack(database.ownerUrl, (sql) =>
    sql(`select case when not has_table_privilege('crm_server', t.oid, 'UPDATE') then case when has_table_privilege('crm_server', t.oid, 'DELETE') then 'remove them' else 'nothing more' end
        when has_table_privilege('crm_server', t.oid, 'DELETE') then 'change and remove them' else 'change them' end as may, array_agg(name order by name) as tables from ${owned} group by 1`),
  );
  const { 'change them': _, ...rest } = Object.fromEntries(
    found.map(({ may, tables }) => [may as string, tables as string[]]),
  );
  expect(rest).toEqual(mayDo);
});

describe('the role of the server', () => {
  test('is no superuser, passes no wall, makes nothing and belongs to no other role', async () => {
    const [role] = await rolledBack(database.serverUrl, (sql) =>
      sql(`select current_user::text as name, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, has_schema_privilege('public', 'CREATE') as makes,
        (select count(*)::int from pg_auth_members where member = r.oid) as memberships from pg_roles r where rolname = current_user`),
    );
    expect(role).toEqual({
      name: 'crm_server',
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
      makes: false,
      memberships: 0,
    });
  });

  const possessions = `select relname::text as name from pg_class where relowner = $1::regrole union all select proname::text from pg_proc where proowner = $1::regrole
    union all select nspname::text from pg_namespace where nspowner = $1::regrole union all select datname::text from pg_database where datdba = $1::regrole`;

  test('owns nothing', async () => {
    expect(await rolledBack(database.ownerUrl, (sql) => sql(possessions, ['crm_server']))).toEqual([]);
    expect(await rolledBack(database.ownerUrl, (sql) => sql(possessions, ['crm_owner']))).toEqual(
      expect.arrayContaining([{ name: 'customer' }, { name: 'app_tenant' }, { name: 'crm' }]),
    );
  });
});

const one = '00000000-0000-7000-8000-000000000001';
const other = '00000000-0000-7000-8000-000000000002';
const user = '00000000-0000-7000-8000-00000000000a';
const enter = (sql: Sql, tenant: string): Promise<unknown> =>
  sql("select set_config('app.tenant_id', $1, true)", [tenant]);
const addUser = (sql: Sql, tenant: string): Promise<unknown> =>
  sql('insert into user_account (tenant_id, id, subject, login, name) values ($1, $2, $3, $3, $3)', [
    tenant,
    user,
    'wang',
  ]);
const addCustomer = (sql: Sql, tenant: string, owner: string | null): Promise<unknown> =>
  sql(
    'insert into customer (tenant_id, id, account_no, code, name, owner_id) values ($1, gen_random_uuid(), $2, $2, $2, $3)',
    [tenant, 'x', owner],
  );

/** Two tenants; the first one, entered, has a user. */
const twoTenants = <T>(work: (sql: Sql) => Promise<T>): Promise<T> =>
  rolledBack(database.serverUrl, async (sql) => {
    await sql("insert into tenant (id, code, name) values ($1, 'one', 'one'), ($2, 'two', 'two')", [one, other]);
    await enter(sql, one);
    await addUser(sql, one);
    return work(sql);
  });

const violation = (code: string) => expect.objectContaining({ code }) as Error;

describe('between two tenants', () => {
  test('a reference within one is taken', async () => {
    expect(
      await twoTenants(async (sql) => {
        await addCustomer(sql, one, user);
        return sql('select owner_id from customer');
      }),
    ).toEqual([{ owner_id: user }]);
  });

  test('a reference into another is refused', async () => {
    await expect(
      twoTenants(async (sql) => {
        await enter(sql, other);
        await addCustomer(sql, other, user);
      }),
    ).rejects.toEqual(violation('23503'));
  });

  test('a row for another is refused', async () => {
    await expect(twoTenants((sql) => addCustomer(sql, other, null))).rejects.toEqual(violation('42501'));
  });

  test('a row cannot be moved to another', async () => {
    await expect(twoTenants((sql) => sql('update user_account set tenant_id = $1', [other]))).rejects.toEqual(
      violation('42501'),
    );
  });

  test('rows of another are neither seen, changed nor removed', async () => {
    expect(
      await twoTenants(async (sql) => {
        await enter(sql, other);
        return [await sql('select id from user_account'), await sql("update user_account set name = 'x' returning id")];
      }),
    ).toEqual([[], []]);
  });
});

test('without a tenant the server sees no row of any table and adds none', async () => {
  const tables = await rolledBack(database.ownerUrl, (sql) => sql(`select name from ${owned}`));
  const seen = await twoTenants(async (sql) => {
    await addCustomer(sql, one, user);
    expect(await sql('select count(*)::int as count from customer')).toEqual([{ count: 1 }]);
    await enter(sql, '');
    const counts = [];
    for (const { name } of tables) counts.push((await sql(`select count(*)::int as count from "${name}"`))[0].count);
    return counts;
  });
  expect(seen).toEqual(tables.map(() => 0));
  await expect(
    twoTenants(async (sql) => {
      await enter(sql, '');
      await addCustomer(sql, one, null);
    }),
  ).rejects.toEqual(violation('42501'));
});

test('the past cannot be rewritten by the server', async () => {
  for (const statement of [
    "update audit_entry set act = 'x'",
    'delete from audit_entry',
    "update stage_change set to_stage = 'x'",
    'delete from customer',
  ]) {
    await expect(twoTenants((sql) => sql(statement))).rejects.toEqual(violation('42501'));
  }
});
