import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { ownDatabase } from '../support/database.js';
import { sqlIn } from '../support/tenant.js';

// The tests run on a database that is elsewhere, on the coordinator of a cluster say, as they are.

const project = resolve(__dirname, '../..');

/** Runs a file of tests with that environment; its status, and what it said. */
const testsOf = (file: string, environment: Record<string, string>): Promise<{ status: number; said: string }> =>
  new Promise((done) => {
    const { PATH, HOME, TMPDIR } = process.env;
    const env = { PATH, HOME, TMPDIR, ...environment };
    execFile(process.execPath, ['node_modules/.bin/jest', '-i', file], { cwd: project, env }, (error, stdout, stderr) =>
      done({ status: error ? Number(error.code) : 0, said: stdout + stderr }),
    );
  });

const file = 'test/campaigns/campaigns.test.ts';

test('where two addresses name it, it is migrated, and the tests are carried out there', async () => {
  const database = await ownDatabase({ migrated: false });
  try {
    const { status, said } = await testsOf(file, {
      CRM_TEST_OWNER_URL: database.ownerUrl,
      CRM_TEST_SERVER_URL: database.serverUrl,
    });
    expect([status, said]).toEqual([0, expect.stringContaining('Tests:')]);
    const tenants = await sqlIn<{ count: number }>(database.ownerUrl, 'none', 'select count(*)::int from tenant');
    expect(tenants[0]!.count).toBeGreaterThan(0);
  } finally {
    await database.stop();
  }
}, 180_000);

test('one address alone is refused', async () => {
  const { status, said } = await testsOf(file, { CRM_TEST_OWNER_URL: 'postgres://owner@127.0.0.1/crm' });
  expect([status, said]).toEqual([1, expect.stringContaining('set both, or neither')]);
}, 60_000);
