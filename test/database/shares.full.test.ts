import { randomUUID } from 'node:crypto';
import type { Row } from '../../src/core/database.js';
import { Pool } from '../../src/database/pool.js';
import { send, serverUrl, testSecret, token } from '../support/http.js';
import { customer } from '../support/records.js';
import { startAnother } from '../support/server.js';
import { tenant } from '../support/tenant.js';

// No tenant keeps the others waiting, whatever its statements take.

const size = 6;
const share = 3;
let pool: Pool;
beforeEach(() => {
  pool = new Pool({ url: serverUrl(), size, share });
});
afterEach(() => pool.end());

const [loud, quiet] = [randomUUID(), randomUUID()];
const read = (tenantId: string, seconds: number, name = ''): Promise<Row[]> =>
  pool.read(tenantId, {
    // written so that tests beside this one, which end what sleeps, do not see it
    text: 'select U&"pg\\005fsleep"($1::float8), pg_backend_pid()',
    values: [String(seconds)],
    ...(name && { name }),
  });
const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** What was done, in the order in which it was. */
function noted(): { order: string[]; note: (what: string, work: Promise<unknown>) => Promise<void> } {
  const order: string[] = [];
  return { order, note: (what, work) => work.then(() => void order.push(what)) };
}

test('a tenant has its share of the connections at once, and the rest is left to others', async () => {
  const { order, note } = noted();
  const long = times(6, () => note('loud', read(loud, 2)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(pool.statistics()).toMatchObject({ open: share, waiting: 6 - share });
  for (let n = 0; n < 3; n += 1) await note('quiet', read(quiet, 0));
  expect(order).toEqual(['quiet', 'quiet', 'quiet']);
  await Promise.all(long);
});

test('where all connections are in use, tenants take turns', async () => {
  const others = times(2, () => randomUUID());
  const busy = others.flatMap((other) => times(share, () => read(other, 0.3)));
  const { order, note } = noted();
  const loudly = times(9, () => note('loud', read(loud, 0.05)));
  const quietly = times(2, () => note('quiet', read(quiet, 0)));
  await Promise.all([...busy, ...loudly, ...quietly]);
  // each of the quiet tenant's is begun at its second turn at the latest
  expect(order.slice(0, 5).filter((who) => who === 'quiet')).toHaveLength(2);
});

test('on shared connections tenants take turns as well', async () => {
  await read(loud, 0, 'turns');
  await read(loud, 0, 'turns');
  const { order, note } = noted();
  const loudly = times(200, () => note('loud', read(loud, 0.001, 'turns')));
  const quietly = times(3, () => note('quiet', read(quiet, 0.001, 'turns')));
  await Promise.all([...loudly, ...quietly]);
  expect(order.lastIndexOf('quiet')).toBeLessThan(30);
});

test('who waits for five seconds behind requests of the own tenant learns so', async () => {
  const long = times(share, () => read(loud, 6));
  await expect(read(loud, 0)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  await Promise.all(long);
  expect((await read(loud, 0)).length).toBe(1);
  expect(pool.statistics()).toMatchObject({ waiting: 0, idle: pool.statistics().open });
});

test('and behind those of others, that the database is not available', async () => {
  const long = times(size, (n) => read(`01900000-0000-7000-8000-00000000000${n}`, 6));
  await expect(read(quiet, 0)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await Promise.all(long);
});

test('a probe waits for nobody, and not for a database that hangs', async () => {
  const long = times(size, (n) => read(`01900000-0000-7000-8000-00000000000${n}`, 2));
  const probe = { text: 'select $1::text', values: ['there'] };
  const { order, note } = noted();
  await Promise.all([...long.map((each) => note('long', each)), note('probe', pool.probe(probe))]);
  expect(order[0]).toBe('probe');
  await expect(pool.probe({ text: 'select U&"pg\\005fsleep"(5)', values: [] })).rejects.toThrow('did not answer');
  expect(await pool.probe(probe)).toEqual([['there']]);
});

test('through the front door: a tenant whose statements take long keeps neither another one nor /health waiting', async () => {
  const [noisy, other] = [await tenant(), await tenant()];
  const server = await startAnother({ NODE_ENV: 'test', AUTH_JWT_SECRET: testSecret(), CRM_DATABASE_POOL: '4' });
  try {
    const ask = async (code: string, query: string): Promise<number> =>
      (
        await send(
          'POST',
          `${server.address}/graphql`,
          { authorization: `Bearer ${await token({ sub: 'admin', tenant_id: code })}` },
          { query },
        )
      ).status;
    const { id } = await customer(noisy.admin, { name: '甲' });
    const update = `mutation { customerUpdate(id: "${id}", input: { region: "华东" }) { userErrors { code } } }`;
    for (const { code } of [noisy, other]) expect(await ask(code, '{ customers { totalCount } }')).toBe(200);
    // whoever changes the record waits for the one who holds it
    const held = noisy.sql(
      'with held as materialized (select id from customer where id = $1 for update) select U&"pg\\005fsleep"(3) from held',
      [id],
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { order, note } = noted();
    const blocked = times(12, () => note('noisy', ask(noisy.code, update)));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await note('other', ask(other.code, '{ customers { totalCount } }'));
    await note(
      'health',
      send('GET', `${server.address}/health`).then(({ status }) => expect(status).toBe(200)),
    );
    expect(order).toEqual(['other', 'health']);
    await Promise.all([held, ...blocked]);
  } finally {
    await server.stop();
  }
});
