import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { purposes, type Purpose } from './core/database.js';

/** One configuration key: what it means, what it is when unset, and how its text is read. */
interface Setting<T> {
  description: string;
  /** shown in the README where no value is given */
  unset: string;
  read: (text: string | undefined, production: boolean) => T;
}

class WrongValue extends Error {}

const setting = <T>(description: string, unset: string, read: Setting<T>['read']): Setting<T> => ({
  description,
  unset,
  read,
});
const text = (fallback?: string) => (value: string | undefined) => value || fallback;
const flag = (fallback: (production: boolean) => boolean) => (value: string | undefined, production: boolean) => {
  if (value === undefined || value === '') return fallback(production);
  if (value === '0' || value === '1') return value === '1';
  throw new WrongValue('must be 0 or 1');
};
const optionalFlag = (value: string | undefined) => (value ? flag(() => false)(value, false) : undefined);
const whole = (fallback: number, from: number, to: number) => (value: string | undefined) => {
  if (value === undefined || value === '') return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number < from || number > to)
    throw new WrongValue(`must be a whole number from ${from} to ${to}`);
  return number;
};
const optionalWhole = (from: number, to: number) => (value: string | undefined) =>
  value ? whole(0, from, to)(value) : undefined;
/** Times in seconds by what statements are for, with commas between; in milliseconds. */
const deadlines = (value: string | undefined): Record<Purpose, number> => {
  const milliseconds = { read: 10_000, write: 20_000, report: 30_000, export: 120_000, job: 600_000 };
  for (const part of (value ?? '').split(',').filter(Boolean)) {
    const [, purpose, seconds] = /^\s*(\w+)\s*=\s*([1-9]\d{0,4})\s*$/.exec(part) ?? [];
    if (!purposes.includes(purpose as Purpose))
      throw new WrongValue(`must be like read=10,report=30, of ${purposes.join(', ')} and whole seconds`);
    milliseconds[purpose as Purpose] = Number(seconds) * 1_000;
  }
  return milliseconds;
};
const url =
  (...protocols: string[]) =>
  (value: string | undefined) => {
    if (!value) return undefined;
    try {
      if (protocols.includes(new URL(value).protocol)) return value;
    } catch {
      // falls through to the refusal below
    }
    throw new WrongValue(
      `must be an address that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    );
  };
const networks = (value: string | undefined) => {
  const texts = (value ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter(Boolean);
  for (const text of texts) {
    const [address = '', bits = '', ...rest] = text.split('/');
    const width = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
    if (width === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > width)
      throw new WrongValue('must be networks such as 10.1.0.0/16 or fd00::/8, with commas between');
  }
  return texts;
};
const oneOf =
  <T extends string>(fields: readonly T[], fallback?: T) =>
  (value: string | undefined) => {
    if (!value) return fallback;
    if ((fields as readonly string[]).includes(value)) return value as T;
    throw new WrongValue(`must be one of ${fields.join(', ')}`);
  };
const timeOfDay =
  (fallback: (production: boolean) => string | undefined) => (value: string | undefined, production: boolean) => {
    if (!value) return fallback(production);
    if (value === 'off') return undefined;
    if (/^([01]\d|2[0-3]):[0-5]\d$/.test(value)) return value;
    throw new WrongValue('must be a time such as 02:00, or off');
  };
const secret = (value: string | undefined) => {
  if (value && value.length < 32) throw new WrongValue('must have at least 32 characters');
  return value || undefined;
};

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
  CRM_DRAIN_SECONDS: setting(
    'Seconds for which a server that is told to stop still answers the requests under way; then it cuts their connections, and has ended within ten seconds more.',
    '8',
    whole(8, 0, 600),
  ),
  CRM_INTROSPECTION: setting(
    '`1` lets clients ask for the schema, by introspection and at `/schema.graphql`, and suggests names where they got one wrong.',
    '1; 0 in production',
    flag((production) => !production),
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
    'Most of these connections that requests of one tenant have to themselves at once, so that no tenant keeps the others waiting. Where there is one tenant, it can be as many as there are.',
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
  CRM_TRUST_PROXY: setting(
    '`1` believes `X-Forwarded-*` headers: only behind a proxy that sets them.',
    '0',
    flag(() => false),
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
  LOG_LEVEL: setting(
    'How much is logged.',
    'info',
    oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const, 'info'),
  ),
} satisfies Record<string, Setting<unknown>>;

type Values = { [K in keyof typeof settings]: ReturnType<(typeof settings)[K]['read']> };

export interface Config extends Values {
  production: boolean;
}

/** Thrown for a wrong value: one sentence that names the key. */
export class ConfigurationError extends Error {}

/** Reads the configuration; throws a ConfigurationError for the first wrong value, and in production without a way to check tokens. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const production = environment['NODE_ENV'] === 'production';
  const values = Object.fromEntries(
    Object.entries(settings).map(([key, { read }]) => {
      try {
        return [key, read(environment[key], production)];
      } catch (error) {
        if (error instanceof WrongValue)
          throw new ConfigurationError(
            `${key} ${error.message}; it is ${key.endsWith('SECRET') ? 'too short' : JSON.stringify(environment[key])}.`,
          );
        throw error;
      }
    }),
  ) as unknown as Values;
  if (production && !values.AUTH_JWT_SECRET && !values.AUTH_JWKS_URL && !values.PLATFORM_AUTH_URL) {
    throw new ConfigurationError(
      'In production AUTH_JWT_SECRET, AUTH_JWKS_URL or PLATFORM_AUTH_URL must be set, so that tokens can be checked.',
    );
  }
  return { ...values, production };
}

/** A secret for signing demo tokens where no way to check tokens is configured. */
export const newSecret = (): string => randomBytes(32).toString('base64url');
