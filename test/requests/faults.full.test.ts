import pg from 'pg';
import { ownDatabase, type OwnDatabase, environmentOf } from '../support/database.js';
import { send, token, type Answer } from '../support/http.js';
import { startAnother, type Started, plain } from '../support/server.js';
import type { Data } from '../support/tenant.js';

// Faults that pass by waiting are said as such in every interface: 503, when to try again, and nothing is changed.

let database: OwnDatabase;
let server: Started;
let authorization: string;

async function owner(text: string): Promise<Data[]> {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  database = await ownDatabase();
  server = await startAnother({
    ...plain(),
    ...environmentOf(database),
  });
  authorization = `Bearer ${await token({ sub: 'admin', tenant_id: 'one' })}`;
  await ask('/graphql', { query: '{ viewer { roles } }' });
  await owner(`create function fault() returns trigger language plpgsql as $$
      begin if new.name like 'fault %' then raise exception 'a fault' using errcode = substr(new.name, 7); end if; return new; end $$;
    create trigger fault before insert on customer for each row execute function fault()`);
}, 90_000);
afterAll(async () => {
  await server?.stop();
  await database?.stop();
});

const ask = (path: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
  send('POST', server.address! + path, { authorization, ...headers }, body);

const create = (name: string): object => ({
  query: 'mutation ($name: String!) { customerCreate(input: { name: $name }) { userErrors { code } } }',
  variables: { name },
});
const interfaces: Array<
  [
    name: string,
    asked: (name: string) => Promise<Answer>,
    code: (body: Data) => unknown,
    says: (code: string) => unknown,
  ]
> = [
  [
    'the graph',
    (name) => ask('/graphql', create(name)),
    (body) => body.errors[0].extensions,
    (code) => ({ code, status: 503 }),
  ],
  [
    'the graph with a key',
    (name) => ask('/graphql', create(name), { 'idempotency-key': crypto.randomUUID() }),
    (body) => body.errors[0].extensions,
    (code) => ({ code, status: 503 }),
  ],
  ['erp', (name) => ask('/api/v1/crm/accounts', { name }), (body) => body.code, () => 503],
  ['cell', (name) => ask('/customers', { name }), (body) => body.code, () => 'SERVICE_UNAVAILABLE'],
  [
    'lifecycle',
    (name) => ask('/api/v1/customers', { customer_name: name, customer_type: 1 }),
    (body) => body.error_code,
    () => 'SERVICE_UNAVAILABLE',
  ],
  ['platform', (name) => ask('/api/v1/customers/', { name }), (body) => body.code, () => 503],
];

test.each([
  ['53100', 'a full disk', 'UNAVAILABLE'],
  ['53200', 'no memory', 'UNAVAILABLE'],
  ['53300', 'too many connections', 'UNAVAILABLE'],
  ['25006', 'a database that can only be read', 'UNAVAILABLE'],
  ['55P03', 'a lock that cannot be had', 'CONTENDED'],
  ['57014', 'a statement that took too long', 'TIMED_OUT'],
  ['57P01', 'a database that is shut down', 'UNAVAILABLE'],
  ['57P03', 'a database that starts', 'UNAVAILABLE'],
  ['58030', 'a disk that fails', 'UNAVAILABLE'],
  ['08006', 'a lost connection', 'UNAVAILABLE'],
  ['40001', 'others that were faster', 'CONTENDED'],
])('%s, %s, is said the same way everywhere', async (state, _what, code) => {
  for (const [name, asked, codeOf, says] of interfaces) {
    const { status, body, headers } = await asked(`fault ${state}`);
    expect([name, status, codeOf(body)]).toEqual([name, name.startsWith('the graph') ? status : 503, says(code)]);
    if (status === 503) expect([name, headers.get('retry-after')]).toEqual([name, '2']);
  }
  const { body } = await ask('/graphql', { query: '{ customers { totalCount } auditEntries { totalCount } }' });
  expect(body.data).toEqual({ customers: { totalCount: 0 }, auditEntries: { totalCount: 0 } });
});
