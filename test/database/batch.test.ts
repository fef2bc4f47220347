import pg from 'pg';
import type { Row, Statement } from '../../src/core/database.js';
import { Batch, keptPerConnection, preparedOn } from '../../src/database/batch.js';
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
