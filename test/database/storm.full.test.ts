import pg from 'pg';
import { ownDatabase, type OwnDatabase, environmentOf } from '../support/database.js';
import { send, token, type Answer } from '../support/http.js';
import { startAnother, type Started, plain } from '../support/server.js';
import type { Data } from '../support/tenant.js';

// Many callers change the same records at once, each in an order of its own, through every operation that changes many.

let database: OwnDatabase;
let server: Started;
let client: pg.Client;
const callers = 30;
const items = 40;

beforeAll(async () => {
  database = await ownDatabase();
  server = await startAnother({
    ...plain(),
    ...environmentOf(database),
  });
  client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
}, 90_000);
afterAll(async () => {
  await server?.stop();
  await client?.end();
  await database?.stop();
});

type Ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

async function asking(tenant: string): Promise<Ask> {
  const authorization = `Bearer ${await token({ sub: 'admin', tenant_id: tenant })}`;
  return (method, path, body, headers) => send(method, server.address! + path, { authorization, ...headers }, body);
}

const deadlocks = async (): Promise<number> => {
  // what a session has counted is in the statistics a second after it
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const { rows } = await client.query<{ deadlocks: string }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  return Number(rows[0]!.deadlocks);
};

interface World {
  ask: Ask;
  customers: Array<{ id: string; number: number }>;
  contacts: Array<{ id: string; number: number }>;
}

/** A tenant with customers, and people who are contacts of the first of them. */
async function world(): Promise<World> {
  const ask = await asking(`t-${crypto.randomUUID()}`);
  const made = await ask('POST', '/graphql', {
    query:
      'mutation ($inputs: [CustomerOnboardInput!]!) { customersOnboard(inputs: $inputs) { results { customer { id number contacts { nodes { id number } } } } } }',
    variables: {
      inputs: Array.from({ length: items }, (_, n) => ({
        customer: { name: `客户${n}` },
        ...(n === 0 && { contacts: Array.from({ length: items }, (_one, m) => ({ name: `联系人${m}` })) }),
      })),
    },
  });
  const customers = made.body.data.customersOnboard.results.map(({ customer }: Data) => customer);
  return { ask, customers, contacts: customers[0].contacts.nodes };
}

type Work = (world: World, order: <T>(list: readonly T[]) => T[], caller: number) => Promise<Answer>;

const inGraph =
  (query: string, variables: (world: World, order: <T>(list: readonly T[]) => T[], caller: number) => object): Work =>
  (made, order, caller) =>
    made.ask('POST', '/graphql', { query, variables: variables(made, order, caller) });

const works: Array<[what: string, work: Work]> = [
  [
    'customersUpdate',
    inGraph(
      'mutation ($inputs: [CustomerEdit!]!) { customersUpdate(inputs: $inputs) { results { userErrors { code } } } }',
      ({ customers }, order, caller) => ({
        inputs: order(customers).map(({ id, number }) => ({
          id: caller % 3 === 0 ? String(number) : id,
          input: { industry: `${caller}` },
        })),
      }),
    ),
  ],
  [
    'batches of lifecycle',
    ({ ask, customers }, order, caller) =>
      ask('PUT', '/api/v1/customers/batch', {
        updates: order(customers).map(({ number }) => ({ customer_id: number, industry: `${caller}` })),
      }),
  ],
  [
    'bulks of platform with a key',
    ({ ask, customers }, order, caller) =>
      ask(
        'POST',
        '/api/v1/customers/bulk-update/',
        { customers: order(customers).map(({ number }) => ({ id: number, business_scope: `${caller}` })) },
        { 'idempotency-key': crypto.randomUUID() },
      ),
  ],
  [
    'contactsCreate with a primary contact for each customer',
    inGraph(
      'mutation ($inputs: [ContactInput!]!) { contactsCreate(inputs: $inputs) { results { userErrors { code } } } }',
      ({ customers }, order, caller) => ({
        inputs: order(customers).map(({ id }) => ({ name: `人${caller}`, customer: id, primary: true })),
      }),
    ),
  ],
  [
    'customerUnlinkContacts',
    inGraph(
      'mutation ($id: ID!, $contacts: [ID!]!) { customerUnlinkContacts(id: $id, contacts: $contacts) { results { userErrors { code } } } }',
      ({ customers, contacts }, order) => ({ id: customers[0]!.id, contacts: order(contacts).map(({ id }) => id) }),
    ),
  ],
  [
    'customersDelete',
    inGraph(
      'mutation ($ids: [ID!]!) { customersDelete(ids: $ids) { results { userErrors { code } } } }',
      ({ customers }, order) => ({ ids: order(customers).map(({ id }) => id) }),
    ),
  ],
];

test.each(works)(
  'thirty callers of %s in opposite orders all come to an end without a deadlock, and others are answered meanwhile',
  async (_what, work) => {
    const [made, other] = [await world(), await asking(`t-${crypto.randomUUID()}`)];
    await other('POST', '/graphql', { query: '{ viewer { roles } }' });
    const before = await deadlocks();
    let isOver = false;
    const reads: number[] = [];
    const reading = (async () => {
      while (!isOver) reads.push((await other('GET', '/api/v1/crm/accounts')).status);
    })();
    const answers = await Promise.all(
      Array.from({ length: callers }, (_one, caller) =>
        work(made, (list) => (caller % 2 ? list.toReversed() : [...list]), caller),
      ),
    );
    isOver = true;
    await reading;
    for (const { status, body } of answers) {
      const codes = body.errors?.map?.(({ extensions }: Data) => extensions.code) ?? [];
      // who has waited for five seconds behind others of the tenant is refused
      if (status === 200 && codes.length === 0) continue;
      const said = status === 200 ? codes.join() : String(status);
      expect(['RATE_LIMITED', 'UNAVAILABLE', '429', '503']).toContain(said);
    }
    expect(answers.filter(({ status, body }) => status === 200 && !body.errors?.length).length).toBeGreaterThan(0);
    expect(await deadlocks()).toBe(before);
    expect([...new Set(reads)]).toEqual([200]);
    expect(reads.length).toBeGreaterThan(1);
  },
  120_000,
);
