import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { ownerUrl, send, exchangeOf, token, type Answer, type Role } from './http.js';
import { subscribe, type Subscription } from './subscribe.js';

// Answers of every shape are read in tests: their types are what the tests assert.
// oxlint-disable-next-line typescript/no-explicit-any
export type Data = any;

export type Dialect = 'erp' | 'cell' | 'lifecycle' | 'platform';

/** Where the paths of a dialect begin. */
export const bases: Record<Dialect, string> = {
  erp: '/api/v1/crm',
  cell: '/api/v1/crm',
  lifecycle: '/api/v1',
  platform: '/api/v1',
};

export interface Graph {
  /** Runs an operation and returns its data; any top-level error fails the test with the whole exchange. */
  (query: string, variables?: object): Promise<Data>;
  /** Runs an operation and returns status, headers, body and the number of statements, whatever came of it. */
  raw(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
  /** Runs an operation that must fail with top-level errors; returns their codes. */
  refused(query: string, variables?: object): Promise<string[]>;
  /** Runs a mutation whose payload is selected with `userErrors { code }`; returns the codes of whatever refused it. */
  codes(query: string, variables?: object): Promise<string[]>;
  /** Runs a mutation whose payload is selected with `userErrors { code field }`; returns the errors as `CODE path`, without the argument `input` that most paths begin with. */
  userErrors(query: string, variables?: object): Promise<string[]>;
}

type Send = (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

export interface Rest {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post: Send;
  put: Send;
  patch: Send;
  delete: Send;
}

/** Somebody with a token. */
export interface Actor {
  /** the token's subject, which is also the login */
  subject: string;
  token: string;
  tenant: string;
  graph: Graph;
  /** One legacy dialect; paths are given below its base, e.g. `rest('cell').get('/customers')`. */
  rest(dialect: Dialect): Rest;
  /** Subscribes over graphql-ws and resolves when the server listens; `server` is the address of another one than the run's. */
  subscribe(query: string, variables?: Record<string, unknown>, server?: string): Promise<Subscription>;
  /** the user's id in the tenant */
  id(): Promise<string>;
}

export async function actor(
  subject: string,
  tenant: string,
  roles: Role[],
  options: { scope?: string; name?: string; claims?: Record<string, unknown> } = {},
): Promise<Actor> {
  const bearer = await token({ sub: subject, tenant_id: tenant, roles, ...options });
  const authorization = `Bearer ${bearer}`;
  const graph = graphOf(authorization);
  let id: Promise<string> | undefined;
  return {
    subject,
    token: bearer,
    tenant,
    graph,
    rest: (dialect) => restOf(dialect, authorization, tenant),
    subscribe: (query, variables, server) => subscribe(authorization, query, variables, server),
    id: () => (id ??= graph('{ viewer { user { id } } }').then((data: Data) => data.viewer.user.id as string)),
  };
}

function graphOf(authorization: string): Graph {
  const raw: Graph['raw'] = (query, variables, headers) =>
    send('POST', '/graphql', { authorization, ...headers }, { query, variables });
  const graph = async (query: string, variables?: object): Promise<Data> => {
    const answer = await raw(query, variables);
    if (answer.status !== 200 || answer.body.errors) throw new Error(`The graph refused:\n${exchangeOf(answer)}`);
    return answer.body.data;
  };
  const refused: Graph['refused'] = async (query, variables) => {
    const answer = await raw(query, variables);
    if (!Array.isArray(answer.body.errors)) throw new Error(`The graph did not refuse:\n${exchangeOf(answer)}`);
    return answer.body.errors.map((error: Data) => error.extensions.code);
  };
  const userErrors: Graph['userErrors'] = async (query, variables) => {
    const [payload] = Object.values(await graph(query, variables)) as Data[];
    return payload.userErrors.map((error: Data) =>
      [error.code, error.field?.join('.').replace(/^input\./, '')].filter(Boolean).join(' '),
    );
  };
  const codes: Graph['codes'] = async (query, variables) => {
    const { body } = await raw(query, variables);
    const [payload] = Object.values(body.data) as Data[];
    return (body.errors ?? payload.userErrors).map(({ code, extensions }: Data) => code ?? extensions.code);
  };
  return Object.assign(graph, { raw, refused, userErrors, codes });
}

function restOf(dialect: Dialect, authorization: string, tenant: string): Rest {
  const fixed = { authorization, 'x-api-dialect': dialect, ...(dialect === 'cell' && { 'x-tenant-id': tenant }) };
  const call =
    (method: string): Send =>
    (path, body, headers) =>
      send(method, bases[dialect] + path, { ...fixed, ...headers }, body);
  return {
    get: (path, headers) => call('GET')(path, undefined, headers),
    post: call('POST'),
    put: call('PUT'),
    patch: call('PATCH'),
    delete: call('DELETE'),
  };
}

export interface TestTenant {
  /** code of the tenant, as tokens and headers carry it */
  code: string;
  admin: Actor;
  manager: Actor;
  sales: Actor;
  sales2: Actor;
  viewer: Actor;
  /** administers another tenant that nobody else is in */
  outsider: Actor;
  /** administers the platform */
  platform: Actor;
  /** Asks the database directly, as its owner, inside this tenant: what is stored, not what the server says. */
  sql: <T extends object = Record<string, Data>>(text: string, values?: unknown[]) => Promise<T[]>;
}

/** A fresh tenant with one actor of each kind: a test's own world. Nothing is created until the first of them asks. */
export async function tenant(): Promise<TestTenant> {
  const code = `t-${randomUUID()}`;
  const [admin, manager, sales, sales2, viewer, outsider, platform] = await Promise.all([
    actor('admin', code, ['tenant_admin']),
    actor('manager', code, ['manager']),
    actor('sales', code, ['sales']),
    actor('sales2', code, ['sales']),
    actor('viewer', code, ['viewer']),
    actor('outsider', `o-${randomUUID()}`, ['tenant_admin']),
    actor('platform', code, ['platform_admin']),
  ]);
  return {
    code,
    admin,
    manager,
    sales,
    sales2,
    viewer,
    outsider,
    platform,
    sql: (text, values) => sqlIn(ownerUrl(), code, text, values),
  };
}

/** Asks a database as its owner. Row level security holds for the owner too, so the connection enters the tenant first; in a distributed database a transaction does, since a setting of a connection does not reach the other nodes. */
export async function sqlIn<T extends object = Record<string, Data>>(
  url: string,
  code: string,
  text: string,
  values: unknown[] = [],
): Promise<T[]> {
  if (!pools.has(url))
    pools.set(
      url,
      new pg.Pool({ connectionString: url, max: 3 }).on('error', () => {}),
    );
  const client = await pools.get(url)!.connect();
  let failure: Error | undefined;
  try {
    isDistributed ??= (await client.query("select from pg_extension where extname = 'citus'")).rowCount === 1;
    if (isDistributed) return await inDistributed<T>(client, code, text, values);
    await client.query("select set_config('app.tenant_id', (select id::text from tenant where code = $1), false)", [
      code,
    ]);
    return (await client.query<T>(text, values)).rows;
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    // one that failed is not used again
    client.release(failure);
  }
}

/** The same of a distributed database, which goes by what is written where a tenant is named. */
async function inDistributed<T extends object>(
  client: pg.PoolClient,
  code: string,
  text: string,
  values: unknown[],
): Promise<T[]> {
  await client.query("begin; set local citus.propagate_set_commands = 'local'");
  const { rows: tenants } = await client.query<{ id: string }>(
    'select coalesce((select id from tenant where code = $1), gen_random_uuid()) as id',
    [code],
  );
  const { id } = tenants[0]!;
  await client.query('select enter_tenant($1)', [id]);
  const { rows } = await client.query<T>(text.replaceAll('app_tenant()', `'${id}'::uuid`), values);
  await client.query('commit');
  return rows;
}

/** Whether the database of the run is distributed, once that is known. */
let isDistributed: boolean | undefined;

/** Connections of this test file, by database. */
const pools = new Map<string, pg.Pool>();

afterAll(async () => {
  for (const pool of pools.values()) await pool.end();
  pools.clear();
});
