import pg from 'pg';
import { serverUrl } from '../support/http.js';
import { customer } from '../support/records.js';
import { tenant } from '../support/tenant.js';

// What the server's own role may do to the log, asked of PostgreSQL itself.

const changes: Array<[what: string, sql: string]> = [
  ['changed', "update audit_entry set act = 'nothing'"],
  [
    'changed by an insertion',
    "insert into audit_entry (tenant_id, id, actor_login, face, request_id, act, record_type, record, changes) select tenant_id, id, actor_login, face, request_id, act, record_type, record, changes from audit_entry on conflict (tenant_id, id) do update set act = 'nothing'",
  ],
  ['locked for a change', 'select 1 from audit_entry for update'],
  ['deleted', 'delete from audit_entry'],
  ['emptied', 'truncate audit_entry'],
  ['dropped', 'drop table audit_entry'],
  ['opened to all tenants', 'alter table audit_entry disable row level security'],
  ['freed of its policy', 'drop policy tenant on audit_entry'],
];

test.each(changes)('an entry cannot be %s by the server', async (_what, sql) => {
  const t = await tenant();
  await customer(t.admin, { name: '华信' });
  const before = await t.sql('select * from audit_entry');
  expect(before).toHaveLength(1);
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query("select set_config('app.tenant_id', (select id::text from tenant where code = $1), false)", [
      t.code,
    ]);
    const seen = await client.query('select current_user, count(*)::int n from audit_entry');
    expect(seen.rows).toEqual([{ current_user: 'crm_server', n: 1 }]);
    // insufficient privilege
    await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
  } finally {
    await client.end();
  }
  expect(await t.sql('select * from audit_entry')).toEqual(before);
});

test('nor can an entry be written into another tenant', async () => {
  const [t, other] = [await tenant(), await tenant()];
  for (const { admin } of [t, other]) await customer(admin, { name: '华信' });
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query("select set_config('app.tenant_id', (select id::text from tenant where code = $1), false)", [
      t.code,
    ]);
    const insert = `insert into audit_entry (tenant_id, id, actor_login, face, request_id, act, record_type, record, changes)
      select id, gen_random_uuid(), 'a', 'graphql', 'r', 'customer.create', 'Customer', gen_random_uuid(), '{}' from tenant where code = $1`;
    await expect(client.query(insert, [other.code])).rejects.toMatchObject({ code: '42501' });
  } finally {
    await client.end();
  }
  expect(await other.sql('select count(*)::int n from audit_entry')).toEqual([{ n: 1 }]);
});
