import { databaseCommand, ownDatabase, rolledBack, type OwnDatabase } from '../support/database.js';
import { someOf } from '../support/generated.js';

let database: OwnDatabase;

beforeAll(async () => {
  database = await ownDatabase({ migrated: false });
});

afterAll(() => database.stop());

/** Tables, functions, types and policies that are ours; the list of migrations is MikroORM's. */
const made = (): Promise<unknown[]> =>
  rolledBack(database.ownerUrl, (sql) =>
    sql(`
    select 'relation' as kind, relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relname not like 'schema_migration%'
    union all select 'function', proname from pg_proc where pronamespace = 'public'::regnamespace
    union all select 'type', typname from pg_type where typnamespace = 'public'::regnamespace and typname !~ '^_?schema_migration'
    union all select 'policy', tablename || '.' || policyname from pg_policies
    union all select 'schema', nspname from pg_namespace where nspname !~ '^(pg_|information_schema$|public$)'
    order by 1, 2`),
  );

test('migrations go up, down to nothing, and up again to the same', async () => {
  expect(await made()).toEqual([]);

  expect(await databaseCommand(database, 'migrate')).toEqual({
    code: 0,
    stdout: 'The database is up to date.\n',
    stderr: '',
  });
  const first = await made();
  expect(first).toEqual(
    expect.arrayContaining([
      { kind: 'relation', name: 'customer' },
      { kind: 'function', name: 'app_tenant' },
      { kind: 'policy', name: 'customer.tenant' },
    ]),
  );

  let steps = 0;
  while ((await databaseCommand(database, 'down')).stdout !== 'There is no migration to revert.\n') steps += 1;
  expect(steps).toBeGreaterThanOrEqual(1);
  expect(await made()).toEqual([]);

  expect((await databaseCommand(database, 'migrate')).code).toBe(0);
  expect(await made()).toEqual(first);
  // each step back is a command of its own
}, 600_000);

test('entities and migrated database agree, and the check sees it where they do not', async () => {
  expect((await databaseCommand(database, 'migrate')).code).toBe(0);
  expect(await databaseCommand(database, 'check')).toEqual({
    code: 0,
    stdout: 'Entities and database agree.\n',
    stderr: '',
  });
});

test.each(
  someOf(
    [
      ['a missing column', 'alter table customer drop column remarks', 'add "remarks" text null'],
      [
        'a table let out of row level security',
        'alter table contact disable row level security',
        'alter table "contact" enable row level security',
      ],
      [
        'a wall that its owner may pass',
        'alter table contact no force row level security',
        'alter table "contact" force row level security',
      ],
      [
        'a policy that lets everybody in',
        'alter policy tenant on customer using (true)',
        'create policy "tenant" on "customer"',
      ],
    ],
    2,
  ),
)('the check finds %s', async (_name, change, remedy) => {
  const broken = await ownDatabase();
  try {
    await alter(broken.ownerUrl, change);
    const { code, stdout, stderr } = await databaseCommand(broken, 'check');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Entities and database differ');
    expect(stderr).toContain(remedy);
  } finally {
    await broken.stop();
  }
});

const alter = (url: string, statement: string): Promise<unknown> =>
  rolledBack(url, (sql) => sql(`${statement}; commit`));

test('an unknown command is refused in one sentence', async () => {
  expect(await databaseCommand(database, 'dance')).toEqual({
    code: 1,
    stdout: '',
    stderr: "Unknown command 'dance'. See `crm db --help`.\n",
  });
});
