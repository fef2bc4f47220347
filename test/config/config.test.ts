import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, readConfig, settings } from '../../src/config.js';
import { startAnother } from '../support/server.js';

/** Wrong values and the one sentence that each gives. */
const wrong: Array<[string, string, string]> = [
  ['PORT', 'http', 'PORT must be a whole number from 0 to 65535; it is "http".'],
  ['PORT', '65536', 'PORT must be a whole number from 0 to 65535; it is "65536".'],
  ['PORT', '-1', 'PORT must be a whole number from 0 to 65535; it is "-1".'],
  ['PORT', '80.5', 'PORT must be a whole number from 0 to 65535; it is "80.5".'],
  [
    'CRM_DATABASE_URL',
    'mysql://localhost/crm',
    'CRM_DATABASE_URL must be an address that starts with postgres:// or postgresql://; it is "mysql://localhost/crm".',
  ],
  [
    'CRM_DATABASE_URL',
    'localhost',
    'CRM_DATABASE_URL must be an address that starts with postgres:// or postgresql://; it is "localhost".',
  ],
  [
    'CRM_DATABASE_OWNER_URL',
    'x',
    'CRM_DATABASE_OWNER_URL must be an address that starts with postgres:// or postgresql://; it is "x".',
  ],
  ['CRM_DATABASE_POOL', '1', 'CRM_DATABASE_POOL must be a whole number from 2 to 200; it is "1".'],
  ['CRM_DATABASE_POOL', '201', 'CRM_DATABASE_POOL must be a whole number from 2 to 200; it is "201".'],
  [
    'CRM_DATABASE_LISTEN_URL',
    'x',
    'CRM_DATABASE_LISTEN_URL must be an address that starts with postgres:// or postgresql://; it is "x".',
  ],
  [
    'CRM_DATABASE_REPLICA_URLS',
    'postgres://a/crm, b',
    'CRM_DATABASE_REPLICA_URLS must be addresses that start with postgres:// or postgresql://, with commas between; it is "postgres://a/crm, b".',
  ],
  ['CRM_WORKERS', '65', 'CRM_WORKERS must be a whole number from 1 to 64; it is "65".'],
  ['CRM_INTROSPECTION', 'no', 'CRM_INTROSPECTION must be 0 or 1; it is "no".'],
  ['CRM_OPERATION_COST', '0', 'CRM_OPERATION_COST must be a whole number from 1 to 1000000000; it is "0".'],
  ['CRM_CLIENT_SECONDS', '0', 'CRM_CLIENT_SECONDS must be a whole number from 1 to 3600; it is "0".'],
  ['CRM_TRUSTED_DOCUMENTS_REPORT', 'yes', 'CRM_TRUSTED_DOCUMENTS_REPORT must be 0 or 1; it is "yes".'],
  ['CRM_DRAIN_SECONDS', '601', 'CRM_DRAIN_SECONDS must be a whole number from 0 to 600; it is "601".'],
  ['CRM_DATABASE_TENANT_SHARE', '0', 'CRM_DATABASE_TENANT_SHARE must be a whole number from 1 to 200; it is "0".'],
  [
    'CRM_STATEMENT_SECONDS',
    'read=10,jobs=5',
    'CRM_STATEMENT_SECONDS must be like read=10,report=30, of read, write, report, export, job and whole seconds; it is "read=10,jobs=5".',
  ],
  ['CRM_IDEMPOTENCY_HOURS', '0', 'CRM_IDEMPOTENCY_HOURS must be a whole number from 1 to 8760; it is "0".'],
  ['CRM_HEALTH_AT', '24:00', 'CRM_HEALTH_AT must be a time such as 02:00, or off; it is "24:00".'],
  ['CRM_RECYCLE_AT', '22:60', 'CRM_RECYCLE_AT must be a time such as 02:00, or off; it is "22:60".'],
  ['CRM_KEEP_ALIVE_SECONDS', '0', 'CRM_KEEP_ALIVE_SECONDS must be a whole number from 1 to 3600; it is "0".'],
  ['CRM_ROUND_SECONDS', '0', 'CRM_ROUND_SECONDS must be a whole number from 1 to 86400; it is "0".'],
  ['CRM_FEED_DAYS', 'week', 'CRM_FEED_DAYS must be a whole number from 1 to 3650; it is "week".'],
  ['CRM_FILE_MAX_BYTES', '0', 'CRM_FILE_MAX_BYTES must be a whole number from 1 to 2000000000; it is "0".'],
  [
    'CRM_S3_ENDPOINT',
    'minio:9000',
    'CRM_S3_ENDPOINT must be an address that starts with http:// or https://; it is "minio:9000".',
  ],
  [
    'AUTH_JWT_SECRET',
    'thirty-one characters are short',
    'AUTH_JWT_SECRET must have at least 32 characters; it is too short.',
  ],
  ...['x', 'k1:short', `k1:${'A'.repeat(43)}=,k1:${'B'.repeat(43)}=`, `k 1:${'A'.repeat(43)}=`].map(
    (value): [string, string, string] => [
      'CRM_ENCRYPTION_KEYS',
      value,
      'CRM_ENCRYPTION_KEYS must be keys as ID:BASE64 of 32 bytes each, with commas between and no id twice.',
    ],
  ),
  [
    'AUTH_JWKS_URL',
    'file:///etc/passwd',
    'AUTH_JWKS_URL must be an address that starts with http:// or https://; it is "file:///etc/passwd".',
  ],
  [
    'PLATFORM_AUTH_URL',
    'platform',
    'PLATFORM_AUTH_URL must be an address that starts with http:// or https://; it is "platform".',
  ],
  ['AUTH_CLOCK_SKEW_SECONDS', '301', 'AUTH_CLOCK_SKEW_SECONDS must be a whole number from 0 to 300; it is "301".'],
  ['PLATFORM_AUTH_SECONDS', '3601', 'PLATFORM_AUTH_SECONDS must be a whole number from 0 to 3600; it is "3601".'],
  ['NATS_URL', 'http://nats', 'NATS_URL must be an address that starts with nats:// or tls://; it is "http://nats".'],
  [
    'CRM_WEBHOOK_NETWORKS',
    '10.0.0.1',
    'CRM_WEBHOOK_NETWORKS must be networks such as 10.1.0.0/16 or fd00::/8, with commas between; it is "10.0.0.1".',
  ],
  [
    'CRM_WEBHOOK_NETWORKS',
    '10.0.0.0/8, fd00::/129',
    'CRM_WEBHOOK_NETWORKS must be networks such as 10.1.0.0/16 or fd00::/8, with commas between; it is "10.0.0.0/8, fd00::/129".',
  ],
  [
    'CRM_WEBHOOK_TIMEOUT_MS',
    '60000',
    'CRM_WEBHOOK_TIMEOUT_MS must be a whole number from 100 to 15000; it is "60000".',
  ],
  ['CRM_WEBHOOK_RETRY_MS', '0', 'CRM_WEBHOOK_RETRY_MS must be a whole number from 10 to 3600000; it is "0".'],
  [
    'CRM_WEBHOOK_GIVE_UP_SECONDS',
    '0',
    'CRM_WEBHOOK_GIVE_UP_SECONDS must be a whole number from 1 to 31536000; it is "0".',
  ],
  ['CRM_TRUST_PROXY', 'yes', 'CRM_TRUST_PROXY must be a whole number from 0 to 10; it is "yes".'],
  [
    'CRM_RATE_LIMITS',
    'user=600',
    'CRM_RATE_LIMITS must be like user=600/60,login=off, of address, user, tenant, login, duplicates; it is "user=600".',
  ],
  [
    'CRM_ALLOWED_ORIGINS',
    'crm.example.com',
    'CRM_ALLOWED_ORIGINS must be origins such as https://crm.example.com with commas between, or *; it is "crm.example.com".',
  ],
  ...(['erp', 'erp=2026-7-1', 'erp GET=2026-07-01', 'erp get /accounts=2026-07-01', '=2026-07-01'] as const).map(
    (text): [string, string, string] => [
      'CRM_DEPRECATIONS',
      text,
      `CRM_DEPRECATIONS must be like erp=2026-07-01/2027-07-01,cell GET /customers/:id=2026-07-01; it is "${text}".`,
    ],
  ),
  ['CRM_DEPRECATIONS', 'erp=2026-02-30', 'CRM_DEPRECATIONS names 2026-02-30, which is no day; it is "erp=2026-02-30".'],
  [
    'CRM_DEPRECATIONS',
    'erp=2026-02-03/2026-02-02',
    'CRM_DEPRECATIONS ends erp before it is deprecated; it is "erp=2026-02-03/2026-02-02".',
  ],
  [
    'CRM_DEPRECATION_LINK',
    'docs',
    'CRM_DEPRECATION_LINK must be an address that starts with http:// or https://; it is "docs".',
  ],
  [
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'collector:4318',
    'OTEL_EXPORTER_OTLP_ENDPOINT must be an address that starts with http:// or https://; it is "collector:4318".',
  ],
  ...['key', 'key=', '=value', 'a key=value', 'key=%ZZ'].map((text): [string, string, string] => [
    'OTEL_EXPORTER_OTLP_HEADERS',
    text,
    'OTEL_EXPORTER_OTLP_HEADERS must be headers as name=value, percent-encoded, with commas between.',
  ]),
  [
    'OTEL_TRACES_SAMPLER',
    'some',
    'OTEL_TRACES_SAMPLER must be one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio; it is "some".',
  ],
  ...['2', '-0.1', '50%', '1.5'].map((text): [string, string, string] => [
    'OTEL_TRACES_SAMPLER_ARG',
    text,
    `OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1; it is "${text}".`,
  ]),
  ['CRM_SHARED_PATHS', 'platform', 'CRM_SHARED_PATHS must be one of erp, cell; it is "platform".'],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent; it is "loud".'],
  ...[
    'CRM_ACCESS_LOG',
    'CRM_CITUS',
    'CRM_DATABASE_POOLER',
    'CRM_AUTH_STRICT',
    'CRM_TENANT_AUTOCREATE',
    'CRM_REQUIRE_REQUEST_ID',
    'CRM_RATE_SHARED',
    'CRM_DEMO_DATA',
    'CRM_OPEN_METRICS',
  ].map((key): [string, string, string] => [key, 'yes', `${key} must be 0 or 1; it is "yes".`]),
];

test.each(wrong)('%s=%s is refused with a sentence that names the key', (key, value, sentence) => {
  expect(() => readConfig({ [key]: value })).toThrow(new ConfigurationError(sentence));
});

test('every key whose text can be wrong is in the table above', () => {
  const free = [
    'NODE_ENV',
    'HOST',
    'CRM_DATA_DIR',
    'CRM_S3_BUCKET',
    'CRM_S3_REGION',
    'CRM_S3_ACCESS_KEY',
    'CRM_S3_SECRET_KEY',
    'CRM_TRUSTED_DOCUMENTS',
    'DEFAULT_TENANT_ID',
    'AUTH_ISSUER',
    'AUTH_AUDIENCE',
    'OTEL_SERVICE_NAME',
  ];
  expect([...new Set(wrong.map(([key]) => key)), ...free].toSorted()).toEqual(Object.keys(settings).toSorted());
});

const sources = {
  AUTH_JWT_SECRET: 'thirty-two characters are enough',
  AUTH_JWKS_URL: 'https://login.example.com/keys',
  PLATFORM_AUTH_URL: 'https://platform.example.com',
};

test.each([
  ['AUTH_JWT_SECRET', 'AUTH_JWKS_URL'],
  ['AUTH_JWT_SECRET', 'PLATFORM_AUTH_URL'],
  ['AUTH_JWKS_URL', 'PLATFORM_AUTH_URL'],
] as const)('tokens are checked in one way: %s and %s together are refused', (one, other) => {
  for (const NODE_ENV of ['development', 'production'])
    expect(() => readConfig({ NODE_ENV, [one]: sources[one], [other]: sources[other] })).toThrow(
      new ConfigurationError(
        `${one} and ${other} are set, but tokens are checked in one way only: leave one of them set.`,
      ),
    );
});

test('a server with two ways to check tokens ends with one sentence', async () => {
  const { code, stderr } = await startAnother(sources);
  expect([code, stderr]).toEqual([
    1,
    'AUTH_JWT_SECRET and AUTH_JWKS_URL and PLATFORM_AUTH_URL are set, but tokens are checked in one way only: leave one of them set.\n',
  ]);
});

test('an empty value is none', () => {
  expect(readConfig(Object.fromEntries(Object.keys(settings).map((key) => [key, ''])))).toEqual(readConfig({}));
});

test('nothing set means development: on this machine only, with demo data, and open', () => {
  expect(readConfig({})).toMatchObject({
    production: false,
    PORT: 8001,
    HOST: '127.0.0.1',
    CRM_AUTH_STRICT: false,
    CRM_TENANT_AUTOCREATE: true,
    CRM_DEMO_DATA: true,
    CRM_TRUST_PROXY: 0,
    DEFAULT_TENANT_ID: 'default',
    LOG_LEVEL: 'info',
  });
});

describe('production', () => {
  const secret = 'thirty-two characters are enough';

  test('is closed by default', () => {
    expect(readConfig({ NODE_ENV: 'production', AUTH_JWT_SECRET: secret })).toMatchObject({
      production: true,
      HOST: '0.0.0.0',
      CRM_AUTH_STRICT: true,
      CRM_TENANT_AUTOCREATE: false,
      CRM_DEMO_DATA: false,
    });
  });

  test.each([[{}], [{ CRM_AUTH_STRICT: '0' }], [{ CRM_AUTH_STRICT: '1' }]])(
    'is refused without a way to check tokens, whatever else is set: %j',
    (environment) => {
      expect(() => readConfig({ NODE_ENV: 'production', ...environment })).toThrow(
        new ConfigurationError(
          'In production AUTH_JWT_SECRET, AUTH_JWKS_URL or PLATFORM_AUTH_URL must be set, so that tokens can be checked.',
        ),
      );
    },
  );

  test.each([
    { AUTH_JWT_SECRET: secret },
    { AUTH_JWKS_URL: 'https://issuer.example/keys' },
    { PLATFORM_AUTH_URL: 'http://platform:8000' },
  ])('is content with %j', (environment) => {
    expect(readConfig({ NODE_ENV: 'production', ...environment }).production).toBe(true);
  });
});

describe('the server', () => {
  test.each<[Record<string, string>, string]>([
    [{ PORT: 'http' }, 'PORT must be a whole number from 0 to 65535; it is "http".\n'],
    [
      { NODE_ENV: 'production' },
      'In production AUTH_JWT_SECRET, AUTH_JWKS_URL or PLATFORM_AUTH_URL must be set, so that tokens can be checked.\n',
    ],
  ])('does not start with %j: it says that one sentence and ends with code 1', async (environment, sentence) => {
    const { address, code, stdout, stderr } = await startAnother(environment);
    expect({ address, code, stdout, stderr }).toEqual({ address: undefined, code: 1, stdout: '', stderr: sentence });
  });
});

const readme = join(__dirname, '../../README.md');
test('the README names every key', () => {
  const text = readFileSync(readme, 'utf8');
  expect(Object.keys(settings).filter((key) => !text.includes(`\`${key}\``))).toEqual([]);
});
