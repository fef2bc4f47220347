import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Row, Statement } from '../../src/core/database.js';
import { Pool } from '../../src/database/pool.js';
import { serverUrl } from '../support/http.js';

const size = 9;
const max = size / 3;
const shown: Statement = {
  name: 'shown',
  text: "select current_setting('app.tenant_id'), $1::text, pg_backend_pid()",
  values: ['?'],
};
const halved: Statement = { name: 'halved', text: 'select 12 / $1::int, pg_backend_pid()', values: ['2'] };
const slept: Statement = { name: 'slept', text: 'select pg_sleep($1::float8), pg_backend_pid()', values: ['0'] };
const nobody = randomUUID();

let pool: Pool;
const read = (statement: Statement, values = statement.values, tenant = nobody): Promise<Row[]> =>
  pool.read(tenant, { ...statement, values });
/** Several at once, and then what each of them gave or why it failed. */
const all = (reads: Array<Promise<Row[]>>): Promise<Array<Row | string>> =>
  Promise.all(
    reads.map((each) =>
      each.then(
        ([row]) => row!,
        (error: Error & { code?: string }) => error.code ?? error.message,
      ),
    ),
  );
const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

beforeEach(async () => {
  pool = new Pool({ url: serverUrl(), size });
  // once would do, were the machine always quick itself
  for (let n = 0; n < 8; n += 1) for (const statement of [shown, halved, slept]) await read(statement);
});
afterEach(() => pool.end());

test('quick reads of many tenants share a few connections, and each is answered from its own tenant', async () => {
  const shares = async (): Promise<number> => {
    const tenants = times(100, () => randomUUID());
    const rows = (await all(tenants.map((tenant, n) => read(shown, [String(n)], tenant)))) as Row[];
    expect(rows.map(([tenant, n]) => [tenant, n])).toEqual(tenants.map((tenant, n) => [tenant, String(n)]));
    return new Set(rows.map(([, , pid]) => pid)).size;
  };
  // a machine that is busy elsewhere makes a quick read look slow, and it then gets a connection of its own
  let connections = await shares();
  for (let again = 0; connections > max && again < 10; again++) connections = await shares();
  expect(connections).toBeGreaterThan(0);
  expect(connections).toBeLessThanOrEqual(max);
  // one may still be on its way when the others have answered everything
  for (let n = 0; n < 200 && pool.statistics().idle < pool.statistics().open; n += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(pool.statistics()).toMatchObject({ waiting: 0, idle: pool.statistics().open });
});

test('a read that fails fails alone', async () => {
  const answers = await all(times(60, (n) => read(halved, [n % 3 === 0 ? '0' : n % 3 === 1 ? 'two' : '3'])));
  expect(answers.map((answer) => (Array.isArray(answer) ? answer[0] : answer))).toEqual(
    times(60, (n) => ['22012', '22P02', '4'][n % 3]),
  );
  expect((await all([read(shown, ['after'])]))[0]![1]).toBe('after');
});

test('a statement that is slow does not keep others waiting', async () => {
  // known to be quick until now, so that these are let onto the shared connections
  const slow = times(max, () => read(slept, ['1.5']));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const order: string[] = [];
  await Promise.all([
    ...slow.map((each) => each.then(() => order.push('slow'))),
    ...times(20, (n) => read(shown, [String(n)]).then(() => order.push('quick'))),
  ]);
  expect(order).toEqual([...times(20, () => 'quick'), ...times(max, () => 'slow')]);
});

test('statements that are known to be slow have connections of their own', async () => {
  for (let n = 0; n < 3; n += 1) await read(slept, ['0.2']);
  const rows = (await all(times(size, () => read(slept, ['0.2'])))) as Row[];
  expect(new Set(rows.map(([, pid]) => pid)).size).toBe(size);
});

test('when PostgreSQL ends connections, reads under way on them fail and later ones are answered', async () => {
  const others = new Pool({ url: serverUrl(), size: 2 });
  const under = all(times(30, () => read(slept, ['0.05'])));
  // the first ones are answered, so that each connection has the next two
  await new Promise((resolve) => setTimeout(resolve, 75));
  await others.global({
    text: "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()",
    values: [],
  });
  const answers = await under;
  expect(answers.filter((answer) => !Array.isArray(answer)).length).toBeGreaterThan(0);
  for (const answer of answers) if (!Array.isArray(answer)) expect(answer).toMatch(/^57P01$|terminated/);
  const rows = await all(times(30, (n) => read(shown, [String(n)])));
  expect(rows.map((row) => row[1])).toEqual(times(30, String));
  await others.end();
});

test('reads that wait for a database which does not answer are refused', async () => {
  const gone = new Pool({ url: 'postgres://crm_server@127.0.0.1:1/postgres', size });
  const answers = await all(times(10, () => gone.read(nobody, shown)));
  expect(new Set(answers)).toEqual(new Set(['ECONNREFUSED']));
  await gone.end();
});

describe('writes that are sent at once', () => {
  const refused: Statement = { name: 'refused', text: 'select 1 / $1::int', values: ['1'] };
  interface Made {
    rows?: Row[];
    committed: number;
  }
  /** A change that only shows where and as whom it was made; `divisor` 0 has PostgreSQL refuse the change, or with `shows` only what it shows. */
  async function change({ tenant = nobody, divisor = '1', shows = false } = {}): Promise<Made> {
    const made: Made = { committed: 0 };
    const test = { ...refused, values: [divisor] };
    await pool.transaction(tenant, async () => ({
      result: undefined,
      last: shows ? [shown] : [test],
      final: [],
      committed: () => (made.committed += 1),
      after: { statement: shows ? test : shown, got: (rows) => (made.rows = rows) },
    }));
    return made;
  }

  beforeEach(async () => {
    for (let n = 0; n < 8; n += 1) {
      await change();
      await change({ shows: true });
    }
  });

  test('share half of the connections, and each is made in its own tenant', async () => {
    const tenants = times(100, () => randomUUID());
    const made = await Promise.all(tenants.map((tenant) => change({ tenant })));
    expect(made.map(({ rows, committed }) => [rows![0]![0], committed])).toEqual(tenants.map((tenant) => [tenant, 1]));
    expect(new Set(made.map(({ rows }) => rows![0]![2])).size).toBeLessThanOrEqual(Math.floor(size / 2));
  });

  test('wait as reads do while their tenant has its share in connections of its own, and keep nobody busy meanwhile', async () => {
    await pool.end();
    pool = new Pool({ url: serverUrl(), size, share: 2 });
    for (let n = 0; n < 12; n += 1) {
      for (const statement of [shown, slept]) await read(statement);
      await change();
    }
    const alone: Statement = { text: 'select pg_sleep($1::float8)', values: ['0.8'] };
    // two on shared connections are the share; when they end, those that wait for connections of their own come first
    const shared = times(2, () => read(slept, ['0.4']));
    await pause(100);
    const own = times(2, () => read(alone));
    const reads = times(3, (n) => read(shown, [String(n)]));
    const changes = times(3, () => change());
    expect((await all([...shared, ...own])).filter((row) => typeof row === 'string')).toEqual([]);
    expect((await all(reads)).map((row) => row[1])).toEqual(['0', '1', '2']);
    expect((await Promise.all(changes)).map(({ committed }) => committed)).toEqual([1, 1, 1]);
  });

  test('one that fails fails alone', async () => {
    const answers = await Promise.all(
      times(60, (n) =>
        change({ divisor: String(n % 2) }).then(
          ({ committed }) => committed,
          ({ code }: { code: string }) => code,
        ),
      ),
    );
    expect(answers).toEqual(times(60, (n) => (n % 2 ? 1 : '22012')));
  });

  test('a refusal leaves the connection as it was', async () => {
    const absent: Statement = { text: 'select 1 / 0', values: [], missing: () => new Error('there is no such record') };
    const refusing = (): Promise<void> =>
      pool.transaction(nobody, async () => ({ result: undefined, last: [absent], final: [], committed: () => {} }));
    const connection = (await read(shown))[0]![2];
    for (let n = 0; n < 2 * size; n += 1) await expect(refusing()).rejects.toThrow('there is no such record');
    await change({ divisor: '0', shows: true });
    expect((await read(shown))[0]![2]).toBe(connection);
  });

  test('one whose answer cannot be read is made without reading it', async () => {
    const made = await Promise.all(times(20, (n) => change({ divisor: String(n % 2), shows: true })));
    expect(made).toEqual(times(20, (n) => ({ committed: 1, ...(n % 2 && { rows: [['1']] }) })));
  });
});

test('whoever needs a connection for longer gets one, however many quick requests there are', async () => {
  let isOver = false;
  const written = (): Promise<void> =>
    pool.transaction(nobody, async () => ({ result: undefined, last: [shown], final: [], committed: () => {} }));
  const pressing = times(120, async (n) => {
    while (!isOver) await (n % 2 ? read(shown) : written());
  });
  // with these, and what quick requests share, there would be no connection left
  let begun = 0;
  const snapshots = times(Math.floor(size / 2), () =>
    pool.transaction(
      nobody,
      async (tx) => {
        await tx.run([shown]);
        begun += 1;
        while (!isOver) await new Promise((resolve) => setTimeout(resolve, 10));
        return { result: undefined, last: [], final: [], committed: () => {} };
      },
      { snapshot: true },
    ),
  );
  while (begun < snapshots.length)
    await Promise.race([new Promise((resolve) => setTimeout(resolve, 10)), ...snapshots]);
  const slept = times(3 * size, () =>
    pool.transaction(nobody, async (tx) => {
      for (let n = 0; n < 3; n += 1) await tx.run([{ text: 'select pg_sleep(0.02)', values: [] }]);
      return { result: 'done', last: [], final: [], committed: () => {} };
    }),
  );
  expect(await Promise.all(slept)).toEqual(times(3 * size, () => 'done'));
  isOver = true;
  await Promise.all([...pressing, ...snapshots]);
  expect(pool.statistics()).toMatchObject({ waiting: 0, idle: pool.statistics().open });
});

test("what waits for its tenant's share gets a connection when it has it, though those that are open are busy for long", async () => {
  const shared = new Pool({ url: serverUrl(), size, share: 2 });
  try {
    for (let n = 0; n < 8; n += 1) await shared.read(nobody, slept);
    // without a name it has a connection to itself
    const alone = shared.read(nobody, { text: 'select pg_sleep(0.5)', values: [] });
    const long = shared.read(nobody, { ...slept, values: ['3'] });
    await pause(200);
    const later = shared.read(nobody, slept);
    await alone;
    const done: string[] = [];
    await Promise.all([
      long.then(() => done.push('long')),
      later.then(() => done.push('later')),
      pause(1_500).then(() => done.push('meanwhile')),
    ]);
    expect(done).toEqual(['later', 'meanwhile', 'long']);
  } finally {
    await shared.end();
  }
});
