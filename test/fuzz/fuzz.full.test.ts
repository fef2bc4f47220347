import { ownDatabase } from '../support/database.js';
import { countOf, seed } from '../support/generated.js';
import { testSecret } from '../support/http.js';
import { startAnother } from '../support/server.js';
import { fuzz } from './fuzz.js';

// A short run of `npm run fuzz`: no fault, nothing that hangs, and no change where nobody may make any.

const requests = countOf({ few: 300, all: 3_000 });

test(`${requests} generated and spoilt requests`, async () => {
  const database = await ownDatabase({ demo: { tenants: 2, customers: 20 } });
  const server = await startAnother({
    AUTH_JWT_SECRET: testSecret(),
    CRM_DATABASE_URL: database.serverUrl,
    CRM_DATABASE_OWNER_URL: database.ownerUrl,
    CRM_DATA_DIR: database.directory,
    CRM_RATE_LIMITS: 'address=off,user=off,tenant=off,login=off,duplicates=off',
  });
  try {
    const verdict = await fuzz({
      address: server.address!,
      ownerUrl: database.ownerUrl,
      secret: testSecret(),
      seed,
      requests,
      tenant: 'demo',
      control: 'demo2',
      except: ['platform_admin'],
    });
    expect(verdict).toMatchObject({ seed, requests, faults: [], hung: [], changed: [] });
    expect(Object.values(verdict.outcomes).reduce((sum, count) => sum + count)).toBe(requests);
    expect(verdict.outcomes['200']).toBeGreaterThan(0);
  } finally {
    await server.stop();
    await database.stop();
  }
}, 300_000);
