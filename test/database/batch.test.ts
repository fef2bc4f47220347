import pg from 'pg';
import type { Row, Statement } from '../../src/core/database.js';
import { Batch, keptCharacters, keptPerConnection, preparedOn } from '../../src/database/batch.js';
import { serverUrl } from '../support/http.js';

const numbered = (n: number): Statement => ({ name: `statement-${n}`, text: `select ${n}`, values: [] });
const failing: Statement = { text: 'select 1 / 0', values: [] };

let client: pg.Client;
const sent = (...statements: Statement[]): Promise<Row[][]> =>
  new Promise((resolve, reject) => {
    client.query(new Batch(statements, (error, results) => (error ? reject(error) : resolve(results))));
  });

beforeEach(async () => {
  client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
});
afterEach(() => client.end());

test('a name whose closing was skipped by a failure can be used again', async () => {
  for (let n = 0; n <= keptPerConnection; n += 1) await sent(numbered(n));
  await expect(sent(failing, numbered(1_000))).rejects.toThrow('division by zero');
  for (const n of [0, 1, 1_000]) expect(await sent(numbered(n))).toEqual([[[String(n)]]]);
});

test('a name whose parsing was skipped or done before a failure can be used again', async () => {
  await expect(sent(failing, numbered(1))).rejects.toThrow('division by zero');
  await expect(sent(numbered(2), failing)).rejects.toThrow('division by zero');
  for (const n of [1, 2, 1]) expect(await sent(numbered(n))).toEqual([[[String(n)]]]);
});

test('a connection keeps a bounded number of statements', async () => {
  const count = async (): Promise<number> =>
    Number((await client.query('select count(*) from pg_prepared_statements')).rows[0].count);
  for (let n = 0; n < keptPerConnection + 50; n += 1) await sent(numbered(n));
  expect(await count()).toBe(preparedOn((client as unknown as { connection: unknown }).connection));
  expect(await count()).toBeLessThanOrEqual(keptPerConnection + 1);
});

test('a connection keeps statements of a bounded length together, the last one however long it is', async () => {
  const kept = async (): Promise<string[]> =>
    (await client.query<{ name: string }>('select name from pg_prepared_statements order by name')).rows.map(
      ({ name }) => name,
    );
  const long = (n: number, length: number): Statement => ({
    name: `long-${n}`,
    text: `select ${n}`.padEnd(length),
    values: [],
  });
  const third = Math.floor(keptCharacters / 3);
  for (const n of [1, 2, 3]) await sent(long(n, third));
  expect(await kept()).toEqual(['long-1', 'long-2', 'long-3']);
  // what was used last stays
  await sent(long(1, third));
  await sent(long(4, third));
  expect(await kept()).toEqual(['long-1', 'long-3', 'long-4']);
  await expect(sent(failing, long(5, third))).rejects.toThrow('division by zero');
  for (const n of [1, 3, 4, 5]) expect(await sent(long(n, third))).toEqual([[[String(n)]]]);
  expect(await kept()).toEqual(['long-3', 'long-4', 'long-5']);
  await sent(long(6, keptCharacters + 1));
  expect(await kept()).toEqual(['long-6']);
  expect(await sent(numbered(1))).toEqual([[['1']]]);
});
