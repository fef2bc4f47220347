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
  ['CRM_INTROSPECTION', 'no', 'CRM_INTROSPECTION must be 0 or 1; it is "no".'],
  ['CRM_DRAIN_SECONDS', '601', 'CRM_DRAIN_SECONDS must be a whole number from 0 to 600; it is "601".'],
  ['CRM_DATABASE_TENANT_SHARE', '0', 'CRM_DATABASE_TENANT_SHARE must be a whole number from 1 to 200; it is "0".'],
  [
    'CRM_STATEMENT_SECONDS',
    'read=10,jobs=5',
    'CRM_STATEMENT_SECONDS must be like read=10,report=30, of read, write, report, export, job and whole seconds; it is "read=10,jobs=5".',
  ],
  ['CRM_IDEMPOTENCY_HOURS', '0', 'CRM_IDEMPOTENCY_HOURS must be a whole number from 1 to 8760; it is "0".'],
  ['CRM_HEALTH_AT', '24:00', 'CRM_HEALTH_AT must be a time such as 02:00, or off; it is "24:00".'],
  ['CRM_KEEP_ALIVE_SECONDS', '0', 'CRM_KEEP_ALIVE_SECONDS must be a whole number from 1 to 3600; it is "0".'],
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
  ['CRM_SHARED_PATHS', 'platform', 'CRM_SHARED_PATHS must be one of erp, cell; it is "platform".'],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent; it is "loud".'],
  ...[
    'CRM_ACCESS_LOG',
    'CRM_CITUS',
    'CRM_AUTH_STRICT',
    'CRM_TENANT_AUTOCREATE',
    'CRM_REQUIRE_REQUEST_ID',
    'CRM_TRUST_PROXY',
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
    'DEFAULT_TENANT_ID',
  ];
  expect([...new Set(wrong.map(([key]) => key)), ...free].toSorted()).toEqual(Object.keys(settings).toSorted());
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
    CRM_TRUST_PROXY: false,
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
