import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { address, send, token } from '../support/http.js';

// What Prometheus' own tool says of the metrics, the alert rules and the configuration.

const directory = mkdtempSync(join(tmpdir(), 'crm-prometheus-'));
afterAll(() => rmSync(directory, { recursive: true }));

const promtool = (args: string[], input?: string): string =>
  execFileSync('promtool', args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });

test('promtool finds nothing wrong with the metrics of a server that has answered much', async () => {
  const bearer = await token({ sub: 'operator', tenant_id: 'default', roles: ['platform_admin'] });
  await send('GET', '/api/v1/crm/accounts', { authorization: `Bearer ${bearer}` });
  const { body } = await send('GET', `${address()}/metrics/server`, { authorization: `Bearer ${bearer}` });
  expect(String(body)).toContain('crm_request_duration_seconds_bucket{');
  expect(promtool(['check', 'metrics'], String(body))).toBe('');
});

test('each alert rule fires for what it is for, and none while all is well', () => {
  expect(promtool(['test', 'rules', join(process.cwd(), 'docker/prometheus/alerts.test.yml')])).toContain('SUCCESS');
});

test('a rule that never fires would be found', () => {
  cpSync(join(process.cwd(), 'docker/prometheus'), directory, { recursive: true });
  const rules = readFileSync(join(directory, 'alerts.yml'), 'utf8');
  writeFileSync(join(directory, 'alerts.yml'), rules.replace('crm_broker_up == 0', 'crm_broker_up == 2'));
  expect(() => promtool(['test', 'rules', join(directory, 'alerts.test.yml')])).toThrow('CrmBrokerDown');
});

test('the configuration is one that Prometheus takes', () => {
  cpSync(join(process.cwd(), 'docker/prometheus'), directory, { recursive: true });
  const path = join(directory, 'prometheus.yml');
  writeFileSync(path, readFileSync(path, 'utf8').replace('/etc/prometheus/crm-token', join(directory, 'token')));
  writeFileSync(join(directory, 'token'), 'x');
  expect(promtool(['check', 'config', path])).toContain('12 rules found');
});
