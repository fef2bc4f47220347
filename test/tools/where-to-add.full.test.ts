import { chmodSync, globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ownDatabase, type OwnDatabase } from '../support/database.js';
import { send, testSecret, token, type Role } from '../support/http.js';
import { Scratch } from '../support/scratch.js';
import { startAnother, type Started } from '../support/server.js';
import type { Data } from '../support/tenant.js';

// CONTRIBUTING.md says in a table where to add what. What it names exists; and its first row is walked, in a copy of this
// tree: a column is added by what the row says and by nothing else, and everything that is promised of it holds.

const project = resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(resolve(project, file), 'utf8');
const table = /## Where do I add …\?\n\n(?:\|.*\n)+/.exec(read('CONTRIBUTING.md'))![0];
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\||\|$/g, '').trim()) as [what: string, where: string]);
const quoted = rows.flatMap(([what, where]) =>
  [...where.matchAll(/`([^`]+)`/g)].map(([, code]) => [what, code!] as const),
);
const sources = globSync(['src/**/*.ts', 'rest-facade/**/*.ts'], { cwd: project }).map(read).join('\n');

test('the table has its rows', () => {
  expect(rows.length).toBeGreaterThanOrEqual(12);
  expect(rows[0]![0]).toBe('a column');
});

test.each(quoted.filter(([, code]) => /^(src|rest-facade)\/|\.ts$/.test(code)))('%s: %s is there', (_what, code) => {
  expect(globSync(code.replace(/<\w+>/g, '*'), { cwd: project })).not.toEqual([]);
});

test.each(quoted.filter(([, code]) => code.startsWith('npm run ')))('%s: %s is a command', (_what, code) => {
  expect(Object.keys(JSON.parse(read('package.json')).scripts)).toContain(code.split(' ')[2]);
});

test.each(quoted.filter(([, code]) => /^@?\w+(\(.*\))?$/.test(code)))(
  '%s: %s is a name of the sources',
  (_what, code) => {
    const name = /^@?(\w+)/.exec(code)![1]!;
    expect(sources).toMatch(new RegExp(`export (const|function) ${name}\\b`));
  },
);

test('every list takes filters from the columns of its entity, and every input of a record its fields', () => {
  const inputs = globSync('src/*/*.inputs.ts', { cwd: project }).map(read).join('\n');
  const filters = [...inputs.matchAll(/= list\((\w+), \{\n {2}filter: (\w+),/g)];
  expect(filters.length).toBeGreaterThan(20);
  for (const [, entity, filter] of filters)
    expect(inputs).toMatch(
      new RegExp(
        `class ${filter} extends (filterFrom|ownerHistoryFilter|heldFilter)\\('${entity}ColumnFilter', ${entity}\\)`,
      ),
    );
  const records = [...inputs.matchAll(/class (\w+) extends inputFrom\(\n {2}'\w+',\n {2}(\w+),/g)].filter(
    ([, name, entity]) => name === `${entity}Input`,
  );
  expect(records.length).toBeGreaterThan(12);
  const [, ...bodies] = inputs.split(/class (?=\w+ extends inputFrom\()/);
  for (const [, name] of records) expect(bodies.find((body) => body.startsWith(`${name} `))).toMatch(/\bwritten[(<]/);
});

describe('a column', () => {
  let tree: Scratch;
  let database: OwnDatabase;
  let server: Started;
  let tokens: Record<'admin' | 'manager' | 'viewer', string>;

  const ask = async (who: keyof typeof tokens, query: string, variables?: object): Promise<Data> => {
    const { body } = await send(
      'POST',
      `${server.address}/graphql`,
      { authorization: `Bearer ${tokens[who]}`, 'accept-language': 'en' },
      { query, variables },
    );
    expect(body.errors).toBeUndefined();
    return body.data;
  };
  const create = (input: object): Promise<Data> =>
    ask(
      'admin',
      'mutation ($input: CustomerInput!) { customerCreate(input: $input) { customer { id loyaltyNo } userErrors { code field message } } }',
      { input },
    ).then((data) => data.customerCreate);

  beforeAll(async () => {
    tree = new Scratch();
    chmodSync(tree.directory, 0o711);
    tree.committed();
    database = await ownDatabase();
    // what the row says: one property with one decorator …
    tree.edit('src/customers/customer.entity.ts', (text) =>
      text.replace(
        'export class Customer extends Held {\n',
        `$&  @Text({
    max: 20,
    nullable: true,
    mask: 'contact',
    input: true,
    filter: true,
    order: true,
    exported: true,
    description: 'Loyalty number; null for callers who may not see contact data.',
  })
  loyaltyNo?: string | null;\n\n`,
      ),
    );
    // … its name in Chinese …
    tree.edit('src/core/labels/fields.ts', (text) =>
      text.replace('fieldLabels: Labels = {\n', "$&  loyaltyNo: '会员号',\n"),
    );
    // … the commands …
    const env = { CRM_DATABASE_URL: database.serverUrl, CRM_DATABASE_OWNER_URL: database.ownerUrl };
    expect(await tree.run('db:migration', ['customer-loyalty'], env)).toMatchObject({ code: 0, stderr: '' });
    expect(await tree.run('schema')).toMatchObject({ code: 0, stderr: '' });
    // … and the name that a dialect gives it
    tree.edit('rest-facade/erp/accounts.ts', (text) =>
      text.replace(/^( +)industry: 'industry',\n/m, "$&$1loyaltyNo: 'loyaltyNo',\n"),
    );
    server = await startAnother({ ...env, AUTH_JWT_SECRET: testSecret(), CRM_TENANT_AUTOCREATE: '1' }, tree.directory);
    expect(server.stderr).toBe('');
    const of = (role: Role): Promise<string> => token({ sub: role, tenant_id: 'walk', roles: [role] });
    tokens = { admin: await of('tenant_admin'), manager: await of('manager'), viewer: await of('viewer') };
    for (const [name, loyaltyNo] of [
      ['甲', 'B-2'],
      ['乙', 'A-1'],
      ['丙', null],
    ])
      expect((await create({ name, loyaltyNo })).userErrors).toEqual([]);
  }, 180_000);

  afterAll(async () => {
    await server?.stop();
    await database?.stop();
    tree?.remove();
  });

  test('takes the files that the row names', () => {
    expect(tree.changed().toSorted()).toEqual([
      '?? src/database/migrations/' +
        globSync('src/database/migrations/*-customer-loyalty.ts', { cwd: tree.directory })[0]!.split('/').at(-1)!,
      'M rest-facade/erp/accounts.ts',
      'M schema.graphql',
      'M src/core/labels/fields.ts',
      'M src/customers/customer.entity.ts',
      'M src/database/migrations/index.ts',
    ]);
  });

  test('is served, and only to those who may see it', async () => {
    const query = '{ customers(orderBy: [{ field: NUMBER }]) { nodes { loyaltyNo } } }';
    const shown = async (who: keyof typeof tokens): Promise<unknown[]> =>
      (await ask(who, query)).customers.nodes.map(({ loyaltyNo }: Data) => loyaltyNo);
    expect(await shown('manager')).toEqual(['B-2', 'A-1', null]);
    expect(await shown('viewer')).toEqual([null, null, null]);
  });

  test('is validated', async () => {
    const { customer, userErrors } = await create({ name: '丁', loyaltyNo: 'x'.repeat(21) });
    expect([customer, userErrors]).toEqual([
      null,
      [expect.objectContaining({ code: 'TOO_LONG', field: ['input', 'loyaltyNo'] })],
    ]);
    expect((await ask('admin', '{ customers(filter: { name: "丁" }) { totalCount } }')).customers.totalCount).toBe(0);
  });

  test('filters and orders lists, by what the caller sees of it', async () => {
    const names = async (who: keyof typeof tokens, args: string): Promise<string[]> =>
      (await ask(who, `{ customers(${args}) { nodes { name } } }`)).customers.nodes.map(({ name }: Data) => name);
    expect(await names('manager', 'filter: { loyaltyNo: "a-" }')).toEqual(['乙']);
    expect(await names('viewer', 'filter: { loyaltyNo: "a-" }')).toEqual([]);
    expect(await names('manager', 'orderBy: [{ field: LOYALTY_NO }]')).toEqual(['乙', '甲', '丙']);
  });

  test('is in the files of the list, under its heading', async () => {
    const file = async (ending: string): Promise<string> => {
      const answer = await fetch(
        `${server.address}/export/customers.${ending}?orderBy=${encodeURIComponent('[{"field":"NUMBER"}]')}`,
        { headers: { authorization: `Bearer ${tokens.manager}`, 'accept-language': 'zh' } },
      );
      return answer.text();
    };
    const [headings, first] = (await file('csv')).split('\r\n').map((line) => line.split(','));
    expect([headings!.at(-1), first!.at(-1)]).toEqual(['会员号', 'B-2']);
    expect((JSON.parse(await file('json')) as Data[]).map(({ loyaltyNo }) => loyaltyNo)).toEqual(['B-2', 'A-1', null]);
  });

  test('is in the audit log, and in the dialect that names it', async () => {
    const { auditEntries } = await ask(
      'admin',
      '{ auditEntries(filter: { operation: ["customer.create"] }, orderBy: [{ field: AT }], first: 1) { nodes { changes { field after } } } }',
    );
    expect(auditEntries.nodes[0].changes).toContainEqual({ field: 'loyaltyNo', after: 'B-2' });
    const { body } = await send('GET', `${server.address}/api/v1/crm/accounts`, {
      authorization: `Bearer ${tokens.manager}`,
    });
    expect(JSON.stringify(body)).toContain('"loyaltyNo":"A-1"');
  });

  test('and the schema that was printed, the entities and the database agree', async () => {
    const env = { CRM_DATABASE_URL: database.serverUrl, CRM_DATABASE_OWNER_URL: database.ownerUrl };
    expect(await tree.run('check:schema')).toMatchObject({ code: 0, stderr: '' });
    expect(await tree.run('db:check', [], env)).toMatchObject({ code: 0, stdout: 'Entities and database agree.\n' });
  }, 60_000);
});
