// npm run fuzz -- --seed N --requests 50000: generated and spoilt requests by all roles; none may be a fault, none may hang, and no
// row of a tenant may change that nobody is allowed to touch. Prints its progress and a verdict as JSON; ends with 1 on findings.
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import ormOptions from '../../mikro-orm.config.js';
import { newSecret } from '../../src/config.js';
import { log } from '../../src/core/log.js';
import { startEmbedded } from '../../src/database/embedded.js';
import { migrate } from '../../src/database/open.js';
import { loadDemo } from '../../src/demo/load.js';
import { launch } from '../support/launch.js';
import { fuzz } from './fuzz.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    requests: { type: 'string', default: '50000' },
  },
});
log.level = 'warn';
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'crm-fuzz-')));
// as root, PostgreSQL runs as another account, which must be able to enter the directory
chmodSync(directory, 0o711);
const cluster = await startEmbedded({ dir: directory, durable: false, log: () => {} });
await migrate(cluster.ownerUrl, ormOptions);
// numbers that no generated request names
const owner = new pg.Client({ connectionString: cluster.ownerUrl });
await owner.connect();
await owner.query('alter table tenant alter column number restart with 987654320');
await owner.end();
await loadDemo(cluster.ownerUrl, { tenants: 2, customers: 60 });
const secret = newSecret();
const errors: string[] = [];
const server = await launch(
  resolve(import.meta.dirname, '../..'),
  {
    AUTH_JWT_SECRET: secret,
    CRM_DATABASE_URL: cluster.serverUrl,
    CRM_DATABASE_OWNER_URL: cluster.ownerUrl,
    CRM_DATA_DIR: directory,
    CRM_RATE_LIMITS: 'address=off,user=off,tenant=off,login=off,duplicates=off',
  },
  (line) => {
    if (/"level":(?:50|60)/.test(line)) errors.push(line);
  },
);
if (!server.address) {
  await cluster.stop();
  throw new Error(`The server did not start:\n${server.stdout}\n${server.stderr}`);
}
const verdict = await fuzz({
  address: server.address,
  ownerUrl: cluster.ownerUrl,
  secret,
  seed: Number(values.seed),
  requests: Number(values.requests),
  tenant: 'demo',
  control: 'demo2',
  // they may change any tenant that they can name
  except: ['platform_admin'],
  progress: (line) => void process.stderr.write(`${line}\n`),
});
await server.stop();
await cluster.stop();
rmSync(directory, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify({ ...verdict, errors: errors.slice(0, 50) }, null, 2)}\n`);
process.exit(verdict.faults.length + verdict.hung.length + verdict.changed.length + errors.length > 0 ? 1 : 0);
