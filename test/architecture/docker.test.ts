import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { settings } from '../../src/config.js';

interface Service {
  environment?: Record<string, string>;
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
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
const REQUIRED = /^\$\{\w+:\?[^}]+\}$/;

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
const required = [...new Set([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name ?? ''))].sort();
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

test.each(services.filter(([, { build }]) => build === undefined))(
  '%s has a health check',
  (_name, { healthcheck }) => {
    expect(healthcheck?.test.length).toBeGreaterThan(1);
  },
);

test('the server waits until the others are healthy', () => {
  const others = services.map(([name]) => name).filter((name) => name !== 'server');
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
    expect.arrayContaining(['USER node', 'CMD ["node", "--max-semi-space-size=16", "dist/src/main.js"]']),
  );
  expect(lastStage.join('\n')).toMatch(/HEALTHCHECK[^]*\/health`/);
  expect(dockerfile).toMatch(/npm ci --omit=dev --omit=optional/);
  expect(dockerfile.match(/^FROM .*/gm)?.every((line) => line.startsWith('FROM node:24-bookworm-slim'))).toBe(true);
});

test('secrets and history stay out of the build', () => {
  expect(read('.dockerignore').split('\n')).toEqual(
    expect.arrayContaining(['.env', '.env.*', '.git', '.data', 'node_modules']),
  );
});

test.each(['docker/init-roles.sh', '.ci/run'])('%s is a correct script', (script) => {
  expect(() => execFileSync('bash', ['-n', join(process.cwd(), script)])).not.toThrow();
  expect(read(script)).toContain('set -euo pipefail');
});

test('every key that the server is given is a configuration key', () => {
  expect(Object.keys(compose.services['server']!.environment!).filter((key) => !(key in settings))).toEqual([]);
});
