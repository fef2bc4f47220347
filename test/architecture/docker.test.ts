import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { settings } from '../../src/config.js';

interface Service {
  environment?: Record<string, string>;
  env_file?: unknown;
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  profiles?: string[];
  build?: string;
}
interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

const read = (path: string): string => readFileSync(join(process.cwd(), path), 'utf8');
const text = read('docker-compose.yml');
const compose = parse(text) as Compose;
const services = Object.entries(compose.services);
const dockerfile = read('Dockerfile');
const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM ')).split('\n');

const SECRET_NAME = /PASSWORD|SECRET|TOKEN|CREDENTIAL|_KEY$/;
const REQUIRED = /^\$\{\w+:?\?[^}]+\}$/;

/** The part of a value that has to stay unknown: the password of a URL, or all of what a name calls a secret. */
function secretIn(name: string, value: string): string | undefined {
  return /^\w+:\/\/[^:/@]*:(.*)@[^@]*$/.exec(value)?.[1] ?? (SECRET_NAME.test(name) ? value : undefined);
}

function literalSecrets({ services: all }: Compose): string[] {
  return Object.entries(all).flatMap(([service, { environment = {} }]) =>
    Object.entries(environment)
      .filter(([name, value]) => isLiteral(secretIn(name, String(value))))
      .map(([name]) => `${service}.${name}`),
  );
}

const isLiteral = (secret: string | undefined): boolean => secret !== undefined && !REQUIRED.test(secret);

const references = [...new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name ?? ''))].sort();
const required = [...new Set([...text.matchAll(/\$\{(\w+):?\?/g)].map(([, name]) => name ?? ''))].sort();
const example = read('.env.example')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

test('no secret is written in the compose file', () => {
  expect(literalSecrets(compose)).toEqual([]);
});

test.each([
  ['a literal password', 'POSTGRES_PASSWORD: hunter2'],
  ['a default for a secret', 'AUTH_JWT_SECRET: ${AUTH_JWT_SECRET:-development}'],
  ['a secret that may be empty', 'AUTH_JWT_SECRET: ${AUTH_JWT_SECRET}'],
  ['a password in a URL', 'CRM_DATABASE_URL: postgres://crm_server:hunter2@postgres:5432/crm'],
])('%s would be found', (_what, line) => {
  expect(
    literalSecrets(parse(`services: { server: { environment: { ${line.replace(/: (.*)/, ": '$1'")} } } }`) as Compose),
  ).toHaveLength(1);
});

test('.env.example explains every variable of the compose file and fills in none', () => {
  expect(example.map((line) => line.replace(/=$/, '')).sort()).toEqual(references);
  expect(read('.env.example').match(/^# Required:/gm)).toHaveLength(required.length);
});

test.each(services)('%s has a health check', (_name, { healthcheck }) => {
  expect(healthcheck?.test.length).toBeGreaterThan(1);
});

test('the server counts as healthy when it is ready', () => {
  expect(compose.services.server?.healthcheck?.test.join(' ')).toContain('/readyz');
});

test('the server waits until the others are healthy', () => {
  // those that a profile adds are not always there
  const others = services.filter(([name, { profiles }]) => name !== 'server' && !profiles).map(([name]) => name);
  expect(compose.services.server?.depends_on).toEqual(
    Object.fromEntries(others.map((name) => [name, { condition: 'service_healthy' }])),
  );
});

test.each(services)('%s keeps its data in a named volume', (_name, { volumes = [] }) => {
  const named = volumes.map((volume) => volume.split(':')[0] ?? '').filter((source) => !source.startsWith('.'));
  expect(named).not.toEqual([]);
  expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(named));
});

test('the image runs the built server as an ordinary user, says how it is, and carries no development dependency', () => {
  expect(lastStage).toEqual(
    expect.arrayContaining([
      'USER node',
      'CMD ["node", "--max-semi-space-size=16", "--no-allocation-site-pretenuring", "bin/crm.mjs", "start"]',
    ]),
  );
  expect(lastStage.join('\n')).toMatch(/HEALTHCHECK[^]*\/livez`/);
  expect(dockerfile).toMatch(/npm ci --omit=dev --omit=optional/);
  expect(dockerfile.match(/^FROM .*/gm)?.every((line) => line.startsWith('FROM node:24-bookworm-slim'))).toBe(true);
});

test('secrets and history stay out of the build', () => {
  expect(read('.dockerignore').split('\n')).toEqual(
    expect.arrayContaining(['.env', '.env.*', 'crm.env', '.git', '.data', 'node_modules']),
  );
});

test.each(['docker/init-roles.sh', 'docker/replica.sh', '.ci/run'])('%s is a correct script', (script) => {
  expect(() => execFileSync('bash', ['-n', join(process.cwd(), script)])).not.toThrow();
  expect(read(script)).toContain('set -euo pipefail');
});

// compose-spec.json is the schema of https://github.com/compose-spec/compose-spec (Apache License 2.0), as of June 2026.
const { $schema: _draft07, ...specification } = JSON.parse(read('test/architecture/compose-spec.json')) as {
  $schema: string;
};
const isCompose = formats.default(new Ajv({ strict: false, allErrors: true })).compile(specification);
const mistakes = (document: unknown): string[] => {
  isCompose(document);
  return (isCompose.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

test('the compose file follows the specification', () => {
  expect(mistakes(compose)).toEqual([]);
});

test.each([
  ['a wrong key', 'services: { a: { image: b, enviroment: {} } }'],
  ['a wrong form', 'services: { a: { image: b, ports: 8001 } }'],
  ['a wrong condition', 'services: { a: { image: b, depends_on: { c: { condition: ready } } } }'],
])('%s would be found', (_what, document) => {
  expect(mistakes(parse(document))).not.toEqual([]);
});

test('the server takes every configuration key, from a file that the example lists them for', () => {
  expect(services.filter(([, { env_file: file }]) => file).map(([name, { env_file: file }]) => [name, file])).toEqual([
    ['server', [{ path: 'crm.env', required: false }]],
  ]);
  expect([...read('crm.env.example').matchAll(/^#(\w+)=$/gm)].map(([, key]) => key)).toEqual(Object.keys(settings));
  expect(read('.gitignore').split('\n')).toContain('crm.env');
});

test('every key that the server is given is a configuration key', () => {
  expect(Object.keys(compose.services['server']!.environment!).filter((key) => !(key in settings))).toEqual([]);
});
