import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { serverUrl } from '../support/http.js';
import { customer, written } from '../support/records.js';
import { tenant, type Data } from '../support/tenant.js';

const lookUp = `query ($id: ID!) { customer(id: $id) { id } }`;
const operations = {
  customerUpdate:
    'mutation ($id: ID!) { customerUpdate(id: $id, input: { name: "stolen" }) { customer { id } userErrors { code field message } } }',
  customerChangeStatus:
    'mutation ($id: ID!) { customerChangeStatus(id: $id, status: LOST) { customer { id } userErrors { code field message } } }',
  customerDelete: 'mutation ($id: ID!) { customerDelete(id: $id) { deletedId userErrors { code field message } } }',
  customerRestore:
    'mutation ($id: ID!) { customerRestore(id: $id) { customer { id } userErrors { code field message } } }',
};

describe('a record of another tenant', () => {
  test('is read exactly like one that does not exist, by id, by number and by node', async () => {
    const { admin, outsider } = await tenant();
    const { id, number } = await customer(admin, { name: '华信科技' });
    expect(await admin.graph(lookUp, { id })).toEqual({ customer: { id } });
    expect(await admin.graph(lookUp, { id: String(number) })).toEqual({ customer: { id } });
    for (const key of [id, String(number), randomUUID(), '2147483647', '0', 'x', '', '99999999999999999999'])
      expect(await outsider.graph(lookUp, { id: key })).toEqual({ customer: null });
    expect(await outsider.graph('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null });
  });

  test.each(Object.entries(operations))(
    'is refused by %s exactly like one that does not exist, and stays as it is',
    async (_name, mutation) => {
      const t = await tenant();
      const { id } = await customer(t.admin, { name: '华信科技' });
      await customer(t.outsider, { name: '自己的' });
      const before = [await t.sql('select * from customer'), await written(t)];
      const theirs = await t.outsider.graph(mutation, { id });
      const missing = await t.outsider.graph(mutation, { id: randomUUID() });
      expect(theirs).toEqual(missing);
      const [payload] = Object.values(theirs) as Data[];
      expect(payload.userErrors).toEqual([{ code: 'NOT_FOUND', field: ['id'], message: 'Customer does not exist.' }]);
      expect([await t.sql('select * from customer'), await written(t)]).toEqual(before);
    },
  );

  test('cannot be referred to', async () => {
    const { admin, outsider } = await tenant();
    const owner = await admin.id();
    expect(
      await outsider.graph.userErrors(
        'mutation ($owner: ID) { customerCreate(input: { name: "A", owner: $owner }) { userErrors { code field } } }',
        { owner },
      ),
    ).toEqual(['UNKNOWN_REFERENCE owner']);
    expect(await outsider.graph('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 0 } });
  });

  test('neither appears in lists nor counts, nor does it take names or numbers away', async () => {
    const { admin, outsider } = await tenant();
    await customer(admin, { name: '华信科技' });
    const own = await customer(outsider, { name: '华信科技' });
    expect(own.accountNo).toBe('ACC001');
    expect(await outsider.graph('{ customers(filter: { search: "华信" }) { totalCount nodes { id } } }')).toEqual({
      customers: { totalCount: 1, nodes: [{ id: own.id }] },
    });
  });
});

describe('the database itself', () => {
  let client: pg.Client;
  beforeEach(async () => {
    client = new pg.Client({ connectionString: serverUrl() });
    await client.connect();
  });
  afterEach(() => client.end());

  const owned = async (): Promise<string[]> => {
    const { rows } = await client.query(
      "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not in ('tenant', 'schema_migration', 'rate_count', 'server_secret') order by 1",
    );
    return rows.map(({ relname }) => relname as string);
  };

  test('has a policy on every table that binds its owner too, and keys it by tenant first', async () => {
    const { rows } = await client.query(
      `
      select c.relname, c.relrowsecurity and c.relforcerowsecurity as protected, (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies,
        (select a.attname from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] where i.indrelid = c.oid and i.indisprimary) as key
      from pg_class c where c.relname = any($1) and c.relnamespace = 'public'::regnamespace order by 1`,
      [await owned()],
    );
    expect(rows.length).toBeGreaterThan(9);
    expect(rows).toEqual(
      (await owned()).map((relname) => ({ relname, protected: true, policies: 1, key: 'tenant_id' })),
    );
  });

  test("shows the server no row before a tenant is entered, and only that one's afterwards", async () => {
    const { admin, code } = await tenant();
    const { id } = await customer(admin, { name: '华信科技' });
    for (const table of await owned()) {
      const { rows } = await client.query(`select count(*)::int from "${table}"`);
      expect([table, rows[0].count]).toEqual([table, 0]);
    }
    await client.query("select set_config('app.tenant_id', (select id::text from tenant where code = $1), false)", [
      code,
    ]);
    expect((await client.query('select id::text from customer')).rows).toEqual([{ id }]);
  });

  test('refuses to write a row into another tenant', async () => {
    const { admin, outsider } = await tenant();
    await Promise.all([admin.id(), outsider.id()]);
    await client.query("select set_config('app.tenant_id', (select id::text from tenant where code = $1), false)", [
      admin.tenant,
    ]);
    await expect(
      client.query("insert into series (tenant_id, name) select id, 'x' from tenant where code = $1", [
        outsider.tenant,
      ]),
    ).rejects.toMatchObject({ code: '42501' });
  });

  test('lets the server neither change nor delete history', async () => {
    for (const statement of [
      "update audit_entry set act = ''",
      'delete from audit_entry',
      'delete from stage_change',
      'delete from customer',
      'drop table customer',
      'alter table customer disable row level security',
      'truncate outbox',
    ]) {
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
    }
  });
});
