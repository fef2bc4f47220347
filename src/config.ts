import { randomBytes } from 'node:crypto';
import {
  WrongValue,
  text,
  flag,
  optionalFlag,
  whole,
  optionalWhole,
  deadlines,
  rateLimits,
  url,
  urls,
  origins,
  several,
  networks,
  oneOf,
  timeOfDay,
  encryptionKeys,
  deprecations,
  headers,
  ratio,
  secret,
} from './config-readers.js';

/** One configuration key: what it means, what it is when unset, and how its text is read. */
interface Setting<T> {
  description: string;
  /** shown in the README where no value is given */
  unset: string;
  read: (text: string | undefined, production: boolean) => T;
}

const setting = <T>(description: string, unset: string, read: Setting<T>['read']): Setting<T> => ({
  description,
  unset,
  read,
});

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Every configuration key. The README's table is printed from this; nothing else in the program reads the environment. */
export const settings = {
  NODE_ENV: setting(
    '`production` for real work: tokens are checked strictly, no explorer hints, no demo data.',
    'development',
    (value) => value || 'development',
  ),
  PORT: setting('TCP port of the server; 0 picks a free one.', '8001', whole(8001, 0, 65535)),
  HOST: setting(
    'Address to listen on.',
    '127.0.0.1; 0.0.0.0 in production',
    (value, production) => value || (production ? '0.0.0.0' : '127.0.0.1'),
  ),
  CRM_KEEP_ALIVE_SECONDS: setting(
    'Seconds for which an idle connection is kept open: longer than the load balancer in front keeps its own.',
    '65',
    whole(65, 1, 3_600),
  ),
  CRM_CLIENT_SECONDS: setting(
    'Seconds in which a request must have arrived whole (its headers within 15), and for which a client may leave what is sent to it unread; then its connection is cut.',
    '120',
    whole(120, 1, 3_600),
  ),
  CRM_DRAIN_SECONDS: setting(
    'Seconds for which a server that is told to stop still answers the requests under way; then it cuts their connections, and has ended within ten seconds more.',
    '8',
    whole(8, 0, 600),
  ),
  CRM_WORKERS: setting(
    'How many processes answer at the one address, each with a pool of `CRM_DATABASE_POOL` connections: about as many as there are processors for the server. One that dies is started again; `SIGUSR2` to the server replaces them one by one; `/metrics/server` counts them together.',
    '1',
    whole(1, 1, 64),
  ),
  CRM_INTROSPECTION: setting(
    '`1` lets clients ask for the schema, by introspection and at `/schema.graphql`, and suggests names where they got one wrong.',
    '1; 0 in production',
    flag((production) => !production),
  ),
  CRM_OPERATION_COST: setting(
    'Most points that one operation may cost, counted before it runs; a point is about 10 µs of PostgreSQL. `X-CRM-Cost: 1` shows the cost of an answer.',
    '500000',
    whole(500_000, 1, 1_000_000_000),
  ),
  CRM_TRUSTED_DOCUMENTS: setting(
    "File with the only operations of the graph that are carried out, by their ids or their texts: Apollo's operation manifest, or the JSON of graphql-codegen's `persistedDocuments`.",
    'all operations',
    text(),
  ),
  CRM_TRUSTED_DOCUMENTS_REPORT: setting(
    '`1` carries out other operations than those as well, and logs and counts them.',
    '0',
    flag(() => false),
  ),
  CRM_OPEN_METRICS: setting(
    "`1` answers `GET /metrics` without a token as well: the counts of the tenant that `X-Tenant-Id` names, `DEFAULT_TENANT_ID`'s without it, with amounts hidden.",
    '0',
    flag(() => false),
  ),
  CRM_ACCESS_LOG: setting(
    '`1` logs every answer: request id, method, path, status, milliseconds, tenant, user and operation; never a query string, a header or a body.',
    '0',
    flag(() => false),
  ),
  CRM_DATABASE_URL: setting(
    "PostgreSQL to work on, as the server's role. Unset, an embedded PostgreSQL is started in the data directory.",
    'embedded',
    url('postgres:', 'postgresql:'),
  ),
  CRM_DATABASE_OWNER_URL: setting(
    "The same database as the role that owns and migrates it. Unset, `CRM_DATABASE_URL` is the owner's and the server works as role `crm_server`, which it creates if it may.",
    'same as `CRM_DATABASE_URL`',
    url('postgres:', 'postgresql:'),
  ),
  CRM_DATABASE_POOLER: setting(
    '`1` where a pooler stands before PostgreSQL that gives each transaction another connection, such as PgBouncer with `pool_mode = transaction`: settings go with each transaction, and statements are prepared only if the pooler carries them. Needs `CRM_DATABASE_OWNER_URL` and `CRM_DATABASE_LISTEN_URL`.',
    '0',
    flag(() => false),
  ),
  CRM_DATABASE_LISTEN_URL: setting(
    "The same database without the pooler, as the server's role, for the one connection on which a process is notified of what others have written.",
    'same as `CRM_DATABASE_URL`',
    url('postgres:', 'postgresql:'),
  ),
  CRM_DATABASE_REPLICA_URLS: setting(
    "Streaming replicas of the database, as the server's role, with commas between, each with a pool of `CRM_DATABASE_POOL` connections: queries of the graph and reads of the REST dialects go to one that has everything that this process has written or was notified of in the tenant, and that the caller has seen (`X-CRM-Position`); everything else, and what no replica has yet, goes to the database itself.",
    'none',
    urls('postgres:', 'postgresql:'),
  ),
  CRM_CITUS: setting(
    '`1` enters tenants as a database does that Citus has distributed by tenant, `0` as a single PostgreSQL does.',
    'whether the database has the extension `citus`',
    optionalFlag,
  ),
  CRM_DATABASE_POOL: setting(
    'Most database connections of one server process. Of 5 or more, quick requests share up to five sixths; these are given back while others wait. One more is for probes.',
    '10',
    whole(10, 2, 200),
  ),
  CRM_DATABASE_TENANT_SHARE: setting(
    'Most of these connections that one tenant has at once, exports included, so that no tenant keeps the others waiting. Of its reports and costly operations, as many are carried out at once as are this part of the processors, one at least. Where there is one tenant, it can be as many as there are connections.',
    'half of them',
    optionalWhole(1, 200),
  ),
  CRM_STATEMENT_SECONDS: setting(
    'Seconds after which a single SQL statement is stopped, by what it is for: `read` and `write` of a request, `report`, `export`, and `job` for what the server does by itself; what is not named stays as it is.',
    'read=10,write=20,report=30,export=120,job=600',
    deadlines,
  ),
  CRM_DATA_DIR: setting('Directory of the embedded database and of files.', '`.data` in the project', text('.data')),
  CRM_FILE_MAX_BYTES: setting(
    'Most bytes of an uploaded file.',
    '20971520 (20 MB)',
    whole(20_971_520, 1, 2_000_000_000),
  ),
  CRM_ENCRYPTION_KEYS: setting(
    'Keys that secrets in the database are encrypted with (those of webhooks, and what signs links): `ID:BASE64` of 32 bytes each, with commas between. The first one encrypts, all of them decrypt.',
    'none: secrets are stored as they are',
    encryptionKeys,
  ),
  CRM_S3_BUCKET: setting(
    'Bucket of an S3-compatible service that contents of files are kept in. Unset, they are kept in `files` of the data directory.',
    'none',
    text(),
  ),
  CRM_S3_ENDPOINT: setting("Address of that service, where it is not Amazon's.", "Amazon's", url('http:', 'https:')),
  CRM_S3_REGION: setting('Region of the bucket.', 'us-east-1', text('us-east-1')),
  CRM_S3_ACCESS_KEY: setting('Access key for the bucket.', "where Amazon's tools keep it", text()),
  CRM_S3_SECRET_KEY: setting('Secret key for the bucket.', "where Amazon's tools keep it", text()),
  AUTH_JWT_SECRET: setting('Shared secret (32 characters or more) that tokens are signed with, HS256.', 'none', secret),
  AUTH_JWKS_URL: setting('Where the public keys of the token issuer are published.', 'none', url('http:', 'https:')),
  PLATFORM_AUTH_URL: setting(
    'Platform that tokens are checked with over HTTP: `GET {url}/api/auth/me`.',
    'none',
    url('http:', 'https:'),
  ),
  PLATFORM_AUTH_SECONDS: setting(
    'Seconds that a good answer of the platform is believed; a token that it revokes works no longer than that. 0 asks it for every request.',
    '30',
    whole(30, 0, 3600),
  ),
  AUTH_ISSUER: setting(
    'Issuers (`iss`) of which a token must name one, with commas between. For tokens that are checked by secret or published keys.',
    'any',
    several,
  ),
  AUTH_AUDIENCE: setting(
    'Audiences (`aud`) of which a token must name one, with commas between. Unset, a token that is meant for an audience is refused. For tokens that are checked by secret or published keys.',
    'none',
    several,
  ),
  AUTH_CLOCK_SKEW_SECONDS: setting(
    'Seconds by which the clock of the issuer may differ: for so long a token still works after its end, and already before its beginning.',
    '5',
    whole(5, 0, 300),
  ),
  CRM_AUTH_STRICT: setting(
    'Where none of the three above is set: `1` refuses every token, `0` lets any bearer token in as the demo identity.',
    '0; 1 in production',
    flag((production) => production),
  ),
  DEFAULT_TENANT_ID: setting('Tenant of requests that name none.', 'default', text('default')),
  CRM_TENANT_AUTOCREATE: setting(
    '`1` creates a tenant that a valid token or header names and that does not exist yet.',
    '1; 0 in production',
    flag((production) => !production),
  ),
  CRM_SHARED_PATHS: setting(
    'REST dialect (`erp` or `cell`) that answers the paths both have, where the request itself does not decide.',
    'decided per request',
    oneOf(['erp', 'cell'] as const),
  ),
  CRM_DEPRECATIONS: setting(
    'What is deprecated of the REST dialects, with commas between: a dialect or one row of it, the day from which on, and perhaps the day on which it ends (both begin in UTC), e.g. `erp=2026-07-01/2027-07-01,cell GET /customers/:id=2026-07-01`. Answers say so in `Deprecation` and `Sunset`, the documents in `deprecated`.',
    'nothing',
    deprecations,
  ),
  CRM_DEPRECATION_LINK: setting(
    'Page on what to use instead, to which answers of what is deprecated link.',
    'none',
    url('http:', 'https:'),
  ),
  CRM_REQUIRE_REQUEST_ID: setting(
    '`1` refuses writes of the dialect `cell` without `X-Request-ID`.',
    '0',
    flag(() => false),
  ),
  CRM_IDEMPOTENCY_HOURS: setting(
    'Hours for which the answer to a write with `Idempotency-Key` (in the dialect `cell`, or with `X-Request-ID`) is remembered.',
    '24',
    whole(24, 1, 8760),
  ),
  CRM_FEED_DAYS: setting('Days that events stay in the feed.', '7', whole(7, 1, 3650)),
  CRM_HEALTH_AT: setting(
    'Time of day (HH:MM, in the time zone of each tenant) from which the server computes the health of all customers; `off` leaves it to `npm run job -- health`.',
    '02:00 in production; off',
    timeOfDay((production) => (production ? '02:00' : undefined)),
  ),
  CRM_RECYCLE_AT: setting(
    'Time of day (HH:MM, in the time zone of each tenant) from which the server takes customers and leads into pools whose day has come, and says of others that theirs is near: in the evening of that day, so that its owner has all of it. `off` leaves it to `npm run job -- recycle`.',
    '22:00 in production; off',
    timeOfDay((production) => (production ? '22:00' : undefined)),
  ),
  CRM_ROUND_SECONDS: setting(
    'Seconds between two rounds through all tenants: for terms, campaigns and tasks whose time has come where nobody is subscribed, and for events that another server left behind.',
    '30',
    whole(30, 1, 86_400),
  ),
  CRM_ALLOWED_ORIGINS: setting(
    'Origins of web pages that may use the server from other addresses, with commas between, e.g. `https://crm.example.com`; `*` is any.',
    'none in production; any elsewhere',
    origins,
  ),
  CRM_TRUST_PROXY: setting(
    'How many proxies stand before the server, which set `X-Forwarded-Proto` and `X-Forwarded-Host` and add to `X-Forwarded-For`; with 0 these headers are not believed.',
    '0',
    whole(0, 0, 10),
  ),
  CRM_RATE_LIMITS: setting(
    'How many requests and operations of sockets are answered, as count/seconds for each `address`, `user` and `tenant`; beside them how many refused tokens of an address (`login`) and refused duplicates of a user (`duplicates`). `off` is no limit; what is not named stays as it is.',
    'address=120000/60,user=12000/60,tenant=60000/60,login=1000/60,duplicates=20000/3600; a hundred times as much outside production',
    rateLimits,
  ),
  CRM_RATE_SHARED: setting(
    '`1` counts for these limits together with the other servers on the database, which then allow the limit and at most a twentieth of it more for each; `0` counts in each process by itself.',
    '1',
    flag(() => true),
  ),
  CRM_DEMO_DATA: setting(
    '`1` loads the demo data into an empty database.',
    '1; 0 in production',
    flag((production) => !production),
  ),
  NATS_URL: setting(
    'NATS server with JetStream that events are published to and messages of other systems are taken from; user and password, or a token, may stand in it.',
    'none',
    url('nats:', 'tls:'),
  ),
  CRM_WEBHOOK_NETWORKS: setting(
    'Private networks that webhooks may reach, in CIDR notation with commas between, e.g. `10.1.0.0/16`; where there is one, `http` addresses are accepted as well.',
    'none',
    networks,
  ),
  CRM_WEBHOOK_TIMEOUT_MS: setting('Milliseconds in which a webhook must answer.', '10000', whole(10_000, 100, 15_000)),
  CRM_WEBHOOK_RETRY_MS: setting(
    'Milliseconds after which a delivery that failed is tried again; about doubled each time, up to 8 hours.',
    '5000',
    whole(5_000, 10, 3_600_000),
  ),
  CRM_WEBHOOK_GIVE_UP_SECONDS: setting(
    'Seconds for which a delivery is tried; a webhook that has failed for twice as long is disabled.',
    '270000 (75 hours)',
    whole(270_000, 1, 31_536_000),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    'Collector of OpenTelemetry to which traces are sent, e.g. `http://127.0.0.1:4318`: OTLP over HTTP, in Protocol Buffers, to `/v1/traces` below it. Unset, nothing is traced.',
    'none',
    url('http:', 'https:'),
  ),
  OTEL_EXPORTER_OTLP_HEADERS: setting(
    'Headers for the collector, e.g. with a key: `name=value` with commas between, values percent-encoded.',
    'none',
    headers,
  ),
  OTEL_SERVICE_NAME: setting('What this server is called in traces.', 'crm-graph', text('crm-graph')),
  OTEL_TRACES_SAMPLER: setting(
    'Which requests are traced: all, none, or those of a ratio by their trace; `parentbased_…` does as the caller does, where the caller names a trace (`traceparent`).',
    'parentbased_traceidratio',
    oneOf(samplers, 'parentbased_traceidratio'),
  ),
  OTEL_TRACES_SAMPLER_ARG: setting('The ratio, from 0 to 1, of samplers that have one.', '0.1', ratio(0.1)),
  LOG_LEVEL: setting(
    'How much is logged.',
    'info',
    oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const, 'info'),
  ),
} satisfies Record<string, Setting<unknown>>;

type Values = { [K in keyof typeof settings]: ReturnType<(typeof settings)[K]['read']> };

/** Keys whose values nobody may learn. */
export const secretKeys = ['AUTH_JWT_SECRET', 'CRM_S3_SECRET_KEY'] as const satisfies ReadonlyArray<keyof Values>;

export interface Config extends Values {
  production: boolean;
}

/** Thrown for a wrong value: one sentence that names the key. */
export class ConfigurationError extends Error {}

/** Reads the configuration of a program that serves nobody; throws a ConfigurationError for the first wrong value. */
export function readValues(environment: NodeJS.ProcessEnv = process.env): Config {
  const production = environment['NODE_ENV'] === 'production';
  const values = Object.fromEntries(
    Object.entries(settings).map(([key, { read }]) => {
      try {
        return [key, read(environment[key], production)];
      } catch (error) {
        if (error instanceof WrongValue)
          throw new ConfigurationError(
            [...secretKeys, 'CRM_ENCRYPTION_KEYS', 'OTEL_EXPORTER_OTLP_HEADERS'].includes(key)
              ? `${key} ${error.message}.`
              : `${key} ${error.message}; it is ${JSON.stringify(environment[key])}.`,
          );
        throw error;
      }
    }),
  ) as unknown as Values;
  return { ...values, production };
}

/** Reads the configuration of a server; throws a ConfigurationError for the first wrong value, for two ways to check tokens, and in production for none. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const values = readValues(environment);
  const sources = (['AUTH_JWT_SECRET', 'AUTH_JWKS_URL', 'PLATFORM_AUTH_URL'] as const).filter((key) => values[key]);
  if (sources.length > 1)
    throw new ConfigurationError(
      `${sources.join(' and ')} are set, but tokens are checked in one way only: leave one of them set.`,
    );
  if (values.production && sources.length === 0) {
    throw new ConfigurationError(
      'In production AUTH_JWT_SECRET, AUTH_JWKS_URL or PLATFORM_AUTH_URL must be set, so that tokens can be checked.',
    );
  }
  return values;
}

/** A secret for signing demo tokens where no way to check tokens is configured. */
export const newSecret = (): string => randomBytes(32).toString('base64url');
