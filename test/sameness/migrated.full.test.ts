import { databaseCommand, ownDatabase, rolledBack, type OwnDatabase } from '../support/database.js';

let database: OwnDatabase;

beforeAll(async () => {
  database = await ownDatabase();
});

afterAll(() => database.stop());

const tenant = '01a00000-0000-7000-8000-000000000001';
const enter = `select set_config('app.tenant_id', '${tenant}', true)`;
const customers = [
  ['1', '华信（上海）', false],
  ['2', '华信(上海)', false],
  ['3', '华信(上海）', false],
  ['4', 'Huaxin', false],
  ['5', 'HUAXIN', true],
  ['6', '东方\u200b公司', false],
] as const;

/** Runs statements as the owner, inside the tenant, and keeps what they did. */
const kept = (statements: string): Promise<unknown> =>
  rolledBack(database.ownerUrl, (sql) => sql(`${enter}; ${statements}; commit`));

const asked = (statement: string): Promise<unknown[]> =>
  rolledBack(database.ownerUrl, async (sql) => {
    await sql(enter);
    return sql(statement);
  });

const id = (number: string): string => `01a00000-0000-7000-8000-00000000010${number}`;

test('what was stored before gets its form: search finds it, and only names that were the same already stay as they are', async () => {
  for (let step = ''; !step.includes('0025-normal-form');) step = (await databaseCommand(database, 'down')).stdout;
  await kept(`insert into tenant (id, code, name) values ('${tenant}', 't', 't')`);
  for (const [number, name, deleted] of customers)
    await kept(
      `insert into customer (tenant_id, id, account_no, code, name, phone, deleted_at) values ('${tenant}', '${id(number)}', 'A${number}', 'C${number}', '${name}', '１３８-００１３-８０００', ${deleted ? 'now()' : 'null'})`,
    );
  expect((await databaseCommand(database, 'migrate')).code).toBe(0);

  expect(await asked('select name, name_key from customer order by account_no')).toEqual([
    { name: '华信（上海）', name_key: '华信（上海）' },
    { name: '华信(上海)', name_key: '华信(上海)' },
    { name: '华信(上海）', name_key: '华信(上海）' },
    { name: 'Huaxin', name_key: 'huaxin' },
    { name: 'HUAXIN', name_key: 'huaxin' },
    { name: '东方\u200b公司', name_key: '东方公司' },
  ]);
  const ngrams = (text: string): Promise<unknown[]> =>
    asked(`select count(distinct id)::int as found from customer_gram where gram ~ '^(${text})'`);
  expect(await ngrams('东方公司')).toEqual([{ found: 1 }]);
  expect(await ngrams('138001|380013')).toEqual([{ found: 6 }]);

  // a name that was the same already is as unique as any other from its next change on
  await kept(`update customer set name = '华信（北京）' where account_no = 'A1'`);
  expect(await asked("select name_key from customer where account_no = 'A1'")).toEqual([{ name_key: '华信(北京)' }]);
  await expect(kept(`update customer set name = '华信（上海)' where account_no = 'A1'`)).rejects.toMatchObject({
    constraint: 'customer_living_name_key',
  });
  expect(await databaseCommand(database, 'check')).toEqual({
    code: 0,
    stdout: 'Entities and database agree.\n',
    stderr: '',
  });
}, 300_000);
