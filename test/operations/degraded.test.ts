import type { AddressInfo } from 'node:net';
import express from 'express';
import pg from 'pg';
import { Pool } from '../../src/database/pool.js';
import { Workers } from '../../src/database/workers.js';
import { probes } from '../../src/server/probes.js';
import { ownDatabase, type OwnDatabase } from '../support/database.js';

// A distributed database of which a part is down. What Citus says of its nodes stands in a table here; a real cluster is
// looked at by whoever releases (docs/citus.md).

let database: OwnDatabase;
let pool: Pool;
let workers: Workers;
let owner: pg.Client;
let close: () => Promise<void>;
let address: string;

beforeAll(async () => {
  database = await ownDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query(`
    create table pg_dist_node (groupid int, nodename text, nodeport int, isactive boolean default true, shouldhaveshards boolean default true, noderole text default 'primary', is_up boolean default true, waits float default 0);
    insert into pg_dist_node values (0, 'coordinator', 5432), (1, 'worker1', 5432), (2, 'worker2', 5433);
    create function citus_check_connection_to_node(name text, port int) returns boolean language plpgsql as
      $$ begin perform pg_sleep(waits) from pg_dist_node where nodename = name; return (select is_up from pg_dist_node where nodename = name); end $$;
    grant select on pg_dist_node to crm_server`);
  pool = new Pool({ url: database.serverUrl, size: 1 });
  workers = new Workers(() => pool.address());
  const app = express().use(
    probes({
      database: pool,
      workers,
      delivery: {} as never,
      paths: ['/health'],
      directory: database.directory,
      stopping: new AbortController().signal,
    }),
  );
  const server = app.listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => new Promise((closed) => void server.close(() => closed()));
});

afterAll(async () => {
  await close?.();
  await Promise.all([workers?.end(), pool?.end(), owner?.end()]);
  await database?.stop();
});

async function asked(path: string): Promise<{ status: number; body: Record<string, unknown>; took: number }> {
  const since = performance.now();
  const answer = await fetch(address + path);
  return { status: answer.status, body: (await answer.json()) as never, took: performance.now() - since };
}

const health = async (): Promise<object> => {
  const { status, body } = await asked('/health');
  return { code: status, status: body['status'], checks: body['checks'] };
};

test.each([
  ['is up', 'true', 200, 'up', { 'worker1:5432': 'up', 'worker2:5433': 'up' }, { status: 'ok' }],
  [
    'is down in a part',
    "nodename <> 'worker2'",
    200,
    'degraded',
    { 'worker1:5432': 'up', 'worker2:5433': 'down' },
    { status: 'degraded', reasons: { workers: ['worker2:5433'] } },
  ],
  [
    'has no worker left',
    'false',
    503,
    'down',
    { 'worker1:5432': 'down', 'worker2:5433': 'down' },
    { status: 'unavailable', reasons: { database: 'unreachable', workers: ['worker1:5432', 'worker2:5433'] } },
  ],
])('a database that %s', async (_, isUp, code, status, states, readiness) => {
  await owner.query(`update pg_dist_node set is_up = ${isUp}`);
  expect(await health()).toEqual({
    code,
    status,
    checks: { database: status, migrations: 'up', workers: states },
  });
  expect(await asked('/readyz')).toMatchObject({ status: code, body: readiness });
});

test('a worker that hangs is down within a second, and a new one is known to the next probe', async () => {
  await owner.query("update pg_dist_node set is_up = true, waits = case nodename when 'worker1' then 3 else 0 end");
  const hanging = await asked('/readyz');
  expect(hanging).toMatchObject({ status: 200, body: { status: 'degraded', reasons: { workers: ['worker1:5432'] } } });
  expect(hanging.took).toBeLessThan(1_000);
  await owner.query("update pg_dist_node set waits = 0; insert into pg_dist_node values (3, 'worker3', 5432)");
  await asked('/readyz');
  expect(await health()).toMatchObject({
    checks: { workers: { 'worker1:5432': 'up', 'worker2:5433': 'up', 'worker3:5432': 'up' } },
  });
});
