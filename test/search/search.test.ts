import fc from 'fast-check';
import { holds } from '../support/generated.js';
import { queries } from '../support/http.js';
import { contact, customer, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

const signs = [
  '华',
  '信',
  '科',
  '技',
  'a',
  'B',
  '1',
  '0',
  '8',
  '-',
  '%',
  '_',
  '\\',
  '*',
  '@',
  '.',
  'É',
  '公',
  '𠮷',
  'é',
];
const text = (max: number) =>
  fc.array(fc.constantFrom(...signs), { minLength: 1, maxLength: max }).map((parts) => parts.join(''));

/** A phone as it may be written. */
const phone = fc
  .tuple(
    fc.constantFrom('0755', '138', '021', '(010)', '400'),
    fc.constantFrom('-', ' ', ''),
    fc.integer({ min: 1000, max: 99_999_999 }),
  )
  .map((parts) => parts.join(''));

/** What each list looks through, and how a column looks to those who see no contact data. */
const lists = {
  customers: {
    table: 'customer',
    columns: ['name', 'account_no', 'code', 'contact_person', 'phone', 'email', 'license_no', 'tax_no'],
  },
  contacts: { table: 'contact', columns: ['name', 'phone', 'mobile', 'email', 'department'] },
  opportunities: { table: 'opportunity', columns: ['name', 'code'] },
};
const masks: Record<string, string> = {
  phone: 'mask_phone(phone)',
  mobile: 'mask_phone(mobile)',
  email: 'mask_email(email)',
};
type List = keyof typeof lists;

let t: TestTenant;

const changed = (by: Actor, kind: string, id: string, input: object): Promise<Data> =>
  by.graph(
    `mutation ($id: ID!, $input: ${kind[0]!.toUpperCase()}${kind.slice(1)}Input!) { ${kind}Update(id: $id, input: $input) { userErrors { code field } } }`,
    { id, input },
  );

/** Records of all kinds, some of them changed, deleted and brought back since. */
async function fill(by: Actor, admin: Actor): Promise<void> {
  const some = fc.sample(
    fc.record({
      name: text(12),
      contactPerson: text(4),
      phone,
      taxNo: text(9),
      licenseNo: text(7),
      mail: fc.constantFrom('a', 'b1', 'x.y'),
    }),
    { seed: 7, numRuns: 60 },
  );
  const inputs = some.map(({ mail, ...row }, index) => ({
    ...row,
    name: `${row.name}${index}`,
    email: `${mail}@${index % 2 ? 'Example.com' : '华.cn'}`,
  }));
  const { customersOnboard } = await by.graph(
    'mutation ($inputs: [CustomerOnboardInput!]!) { customersOnboard(inputs: $inputs) { results { id userErrors { code field } } } }',
    {
      inputs: inputs.map((input, index) => ({
        customer: input,
        contacts: [
          {
            name: input.name,
            mobile: input.phone,
            phone: `0755-${index}-80 00`,
            email: input.email,
            department: input.contactPerson,
          },
        ],
      })),
    },
  );
  expect(customersOnboard.results.flatMap(({ userErrors }: Data) => userErrors)).toEqual([]);
  const ids: string[] = customersOnboard.results.map(({ id }: Data) => id);
  for (const [index, id] of ids.slice(0, 12).entries()) {
    await opportunity(by, { name: inputs[index]!.name, customer: id });
    await changed(by, 'customer', id, { name: `${inputs[index + 20]!.name}新`, phone: null, taxNo: '1100' });
  }
  const { contacts, opportunities } = await by.graph(
    '{ contacts(first: 6) { nodes { id } } opportunities(first: 6) { nodes { id } } }',
  );
  for (const { id } of contacts.nodes)
    await changed(by, 'contact', id, { name: '科技-改名', mobile: '138 0000 8000', department: null });
  for (const { id } of opportunities.nodes) await changed(by, 'opportunity', id, { name: '改名-华信' });
  for (const id of ids.slice(30, 36))
    await by.graph('mutation ($id: ID!) { customerDelete(id: $id) { userErrors { code } } }', { id });
  for (const id of ids.slice(30, 33))
    await admin.graph(
      'mutation ($id: ID!) { customerRestore(id: $id, input: {remarks: "x", taxNo: "华信-9"}) { userErrors { code } } }',
      { id },
    );
}

beforeAll(async () => {
  t = await tenant();
  await fill(t.manager, t.admin);
}, 60_000);

const query =
  '($s: String!) { customers(filter: {search: $s}, first: 200) { nodes { id } } contacts(filter: {search: $s}, first: 200) { nodes { id } } opportunities(filter: {search: $s}, first: 200) { nodes { id } } }';
const idsOf = (list: Data): string[] => list.nodes.map(({ id }: Data) => id).sort();

/** People are there as long as one of their customers is. */
const present: Record<List, string> = {
  customers: 'true',
  contacts:
    'exists (select 1 from customer_contact l join customer c on c.tenant_id = l.tenant_id and c.id = l.customer_id where l.tenant_id = app_tenant() and l.contact_id = contact.id and c.deleted_at is null)',
  opportunities:
    'exists (select 1 from customer c where c.tenant_id = app_tenant() and c.id = opportunity.customer_id and c.deleted_at is null)',
};

/** What `ilike` finds of each word in any of the columns as they are shown, or in the digits of phones where the word may be a part of one. */
async function expected(list: List, term: string, masked: boolean): Promise<string[]> {
  const { table, columns } = lists[list];
  const shown = columns.map((column) => (masked && masks[column]) || column);
  const digitsIn = (part: string): string => part.replace(/\D/g, '');
  const isPhone = (part: string): boolean => digitsIn(part).length > 3 && /^[\d\s+().-]*$/.test(part);
  const words = isPhone(term) && digitsIn(term).length > 6 ? [term.trim()] : term.trim().split(/\s+/);
  const each = words.map((word, index) => {
    const phones = columns.filter((column) => !masked && isPhone(word) && masks[column]?.startsWith('mask_phone'));
    const conditions = [
      ...shown.map((column) => `${column} ilike $${index + 1}`),
      ...phones.map(
        (column) => `regexp_replace(${column}, '\\D', '', 'g') like '%${digitsIn(word).replace(/^0+(?=\d{7})/, '')}%'`,
      ),
    ];
    return `(${conditions.join(' or ')})`;
  });
  const rows = await t.sql<{ id: string }>(
    `select id::text from ${table} where tenant_id = app_tenant() and deleted_at is null and ${present[list]} and ${each.join(' and ')} order by 1`,
    words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`),
  );
  return rows.map(({ id }) => id);
}

describe.each([
  ['manager', false],
  ['viewer', true],
] as const)('%s', (who, masked) => {
  test('finds what "contains" finds in what is shown, whatever is looked for', async () => {
    await holds(
      fc.asyncProperty(
        fc.oneof(
          text(1),
          text(2),
          text(4),
          text(9),
          fc.constantFrom(
            '80 0',
            '0755-1',
            '138 00 00',
            '(010) 1',
            '1',
            '0008000',
            '****8000',
            '138****8000',
            '改名',
            'ACC0',
            'CUST-2',
            'exampl',
            '新',
            'OPP00',
            '华信-9',
          ),
        ),
        async (term) => {
          const data = await t[who].graph(`query ${query}`, { s: term });
          for (const list of Object.keys(lists) as List[])
            expect([term, list, idsOf(data[list])]).toEqual([term, list, await expected(list, term, masked)]);
        },
      ),
      { few: 25, all: 60 },
    );
  }, 60_000);

  test('finds the same in all three at once with `search`', async () => {
    for (const term of ['华', '信科', 'a', '8', '改名', 'ACC00', '****8000']) {
      const { search, ...data } = await t[who].graph(
        `query ${query.replace('{', '{ search(text: $s) { text customers(first: 200) { nodes { id } } contacts(first: 200) { nodes { id } } opportunities(first: 200) { nodes { id } } }')}`,
        { s: ` ${term} ` },
      );
      expect(search.text).toBe(term);
      for (const list of Object.keys(lists))
        expect([term, list, idsOf(search[list])]).toEqual([term, list, idsOf(data[list])]);
    }
  });
});

test('takes one statement, of the lists and of all at once', async () => {
  await t.viewer.id();
  expect(await queries(() => t.viewer.graph(`query ${query}`, { s: '华信' }))).toBe(1);
  expect(
    await queries(() =>
      t.viewer.graph(
        '{ search(text: "华信") { text customers { totalCount nodes { name } } contacts { totalCount } opportunities { totalCount nodes { name } } } }',
      ),
    ),
  ).toBe(1);
});

test.each(Object.values(lists))(
  'keeps the grams of $table as its records are: none is missing, none is left over',
  async ({ table }) => {
    const phones: Record<string, string[]> = { customer: ['phone'], contact: ['phone', 'mobile'], opportunity: [] };
    const { columns } = Object.values(lists).find((list) => list.table === table)!;
    const parts = columns.flatMap((column) =>
      phones[table]!.includes(column)
        ? [column, `nullif(regexp_replace(${column}, '\\D', '', 'g'), ${column})`]
        : [column],
    );
    const [{ stored }] = (await t.sql(`select count(*)::int as stored from ${table}_gram`)) as [{ stored: number }];
    expect(stored).toBeGreaterThan(60);
    // a value's grams do not depend on where it stands, as far as they do not reach beyond it
    const whole = `select distinct id, substr(fold(v), p, 6) gram from ${table}, unnest(array[${parts.map((part) => `${part} collate "default"`).join(', ')}]) v, generate_series(1, char_length(fold(v))) p where tenant_id = app_tenant() and ascii(substr(fold(v), p, 1)) > 127 and p + 5 <= char_length(fold(v))`;
    expect(
      await t.sql(
        `select * from (${whole}) w where not exists (select from ${table}_gram g where g.tenant_id = app_tenant() and g.id = w.id and g.gram = w.gram)`,
      ),
    ).toEqual([]);
    const text = `E'\\n' || concat_ws(E'\\n', ${columns.map((column) => `fold(${column} collate "default")`).join(', ')}${phones[table]!.map((column) => `, regexp_replace(${column}, '\\D', '', 'g')`).join('')}) || E'\\n'`;
    expect(
      await t.sql(
        `select g.* from ${table}_gram g join ${table} r on r.tenant_id = g.tenant_id and r.id = g.id where g.tenant_id = app_tenant() and strpos(${text}, split_part(g.gram collate "default", E'\\n', 1)) = 0`,
      ),
    ).toEqual([]);
  },
);

test('takes full-width signs for half-width ones, and small letters for capitals, both ways', async () => {
  const { manager } = await tenant();
  await customer(manager, { name: 'ＡＢＣ（北京）有限公司', phone: '１３８００００８０００' });
  await customer(manager, { name: 'Abc(上海)' });
  const found = async (search: string): Promise<string[]> =>
    (
      await manager.graph(
        'query ($s: String) { customers(filter: { search: $s }, orderBy: [{ field: NUMBER }]) { nodes { name } } }',
        { s: search },
      )
    ).customers.nodes.map(({ name }: Data) => name);
  const [full, half] = ['ＡＢＣ（北京）有限公司', 'Abc(上海)'];
  expect(await found('abc(')).toEqual([full, half]);
  expect(await found('ＢＣ（')).toEqual([full, half]);
  expect(await found('(北京)')).toEqual([full]);
  expect(await found('（上')).toEqual([half]);
  expect(await found('13800008')).toEqual([full]);
  expect(await found('％')).toEqual([]);
});

test("finds nothing of another tenant, and of a salesperson's colleagues only what they may see", async () => {
  const world = await tenant();
  await customer(world.manager, { name: '鑫源', owner: await world.sales2.id(), phone: '13912345678' });
  const own = await customer(world.manager, { name: '鑫海', owner: await world.sales.id(), phone: '13912340000' });
  await contact(world.manager, { name: '王鑫', customer: own.id, mobile: '13700001111' });
  const seen = async (by: Actor, text: string): Promise<Data> => {
    const { search } = await by.graph(
      'query ($t: String!) { search(text: $t) { customers { nodes { name } } contacts { nodes { name } } } }',
      { t: text },
    );
    return [search.customers.nodes, search.contacts.nodes].map((nodes) => nodes.map(({ name }: Data) => name).sort());
  };
  expect(await seen(world.manager, '鑫')).toEqual([['鑫海', '鑫源'], ['王鑫']]);
  expect(await seen(world.sales, '鑫')).toEqual([['鑫海'], ['王鑫']]);
  expect(await seen(world.sales, '139123')).toEqual([['鑫海'], []]);
  expect(await seen(world.outsider, '鑫')).toEqual([[], []]);
});
