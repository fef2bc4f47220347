import { contact, customer, written } from '../support/records.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

const link =
  'mutation ($input: CustomerContactInput!) { customerContactCreate(input: $input) { customerContact { id primary } userErrors { code field } } }';
const setPrimary =
  'mutation ($id: ID!) { customerContactSetPrimary(id: $id) { customerContact { id primary } userErrors { code field } } }';
const unlink = 'mutation ($id: ID!) { customerContactDelete(id: $id) { deletedId userErrors { code field } } }';
const update =
  'mutation ($id: ID!, $input: ContactInput!, $version: Int) { contactUpdate(id: $id, input: $input, version: $version) { contact { id version name } userErrors { code field } } }';
const onboard =
  'mutation ($input: CustomerInput!, $contacts: [ContactInput!]) { customerOnboard(input: $input, contacts: $contacts) { customer { id name contacts { edges { primary position node { name } } } } userErrors { code field } } }';

const primaries = async (by: Actor, id: string): Promise<string[]> =>
  (
    await by.graph(
      'query ($id: ID!) { customer(id: $id) { contacts(filter: { primary: true }) { edges { link { id } } } } }',
      {
        id,
      },
    )
  ).customer.contacts.edges.map((edge: Data) => edge.link.id);

test('a contact belongs to several customers, with a role and a position at each', async () => {
  const { admin } = await tenant();
  const [a, b] = [await customer(admin, { name: 'A' }), await customer(admin, { name: 'B' })];
  const { id } = await contact(admin, { name: '张三', customer: a.id, position: '经理', role: '采购', primary: true });
  await admin.graph(link, { input: { customer: b.id, contact: id, position: '顾问' } });
  const data = await admin.graph(
    'query ($id: ID!) { contact(id: $id) { customers(orderBy: [{ field: NUMBER }]) { totalCount edges { node { name } position role primary } } } }',
    { id },
  );
  expect(data.contact.customers).toEqual({
    totalCount: 2,
    edges: [
      { node: { name: 'A' }, position: '经理', role: '采购', primary: true },
      { node: { name: 'B' }, position: '顾问', role: null, primary: false },
    ],
  });
});

test('the same two are linked once, also when twenty try at once', async () => {
  const t = await tenant();
  const { id: customerId } = await customer(t.admin, { name: 'A' });
  const { id: contactId } = await contact(t.admin, { name: '张三' });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      t.admin.graph.userErrors(link, { input: { customer: customerId, contact: contactId } }),
    ),
  );
  expect(answers.toSorted((a, b) => a.length - b.length)).toEqual([
    [],
    ...Array.from({ length: 19 }, () => ['ALREADY_LINKED contact']),
  ]);
  expect(await t.sql('select count(*)::int from customer_contact')).toEqual([{ count: 1 }]);
  expect((await t.sql("select count(*)::int from audit_entry where record_type = 'CustomerContact'"))[0]).toEqual({
    count: 1,
  });
});

test('a link needs both sides to exist and to be named', async () => {
  const t = await tenant();
  const a = await customer(t.admin, { name: 'A' });
  const foreign = await contact(t.outsider, { name: '外人' });
  const before = await written(t);
  expect(await t.admin.graph.userErrors(link, { input: { customer: a.id } })).toEqual(['REQUIRED contact']);
  expect(await t.admin.graph.userErrors(link, { input: { contact: foreign.id } })).toEqual(['REQUIRED customer']);
  expect(await t.admin.graph.userErrors(link, { input: { customer: a.id, contact: foreign.id } })).toEqual([
    'UNKNOWN_REFERENCE contact',
  ]);
  expect(await written(t)).toEqual(before);
});

describe('the primary contact', () => {
  test('is one, and moves on when another is made it', async () => {
    const { admin } = await tenant();
    const { id } = await customer(admin, { name: 'A' });
    const first = await contact(admin, { name: '甲', customer: id, primary: true });
    const second = await contact(admin, { name: '乙', customer: id, primary: true });
    expect(await primaries(admin, id)).toEqual([second.link.id]);
    expect(await admin.graph(setPrimary, { id: first.link.id })).toEqual({
      customerContactSetPrimary: { customerContact: { id: first.link.id, primary: true }, userErrors: [] },
    });
    expect(await primaries(admin, id)).toEqual([first.link.id]);
    expect(
      (await admin.graph('query ($id: ID!) { customer(id: $id) { primaryContact { name } } }', { id })).customer,
    ).toEqual({ primaryContact: { name: '甲' } });
  });

  test('is exactly one after twenty different ones were asked for at once', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: 'A' });
    const links = (
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => contact(t.admin, { name: `联系人${index}`, customer: id })),
      )
    ).map((made) => made.link.id);
    const answers = await Promise.all(links.map((each) => t.admin.graph.userErrors(setPrimary, { id: each })));
    expect(answers).toEqual(links.map(() => []));
    const rows = await t.sql('select id::text from customer_contact where "primary"');
    expect(rows).toHaveLength(1);
    expect(await primaries(t.admin, id)).toEqual([rows[0]!.id]);
    // each act but the first demoted exactly one
    const changes = await t.sql(
      `select changes->'primary' as change from audit_entry where record_type = 'CustomerContact' and changes->'primary'->0 <> 'null'`,
    );
    expect([
      changes.filter(({ change }) => change[1] === true).length,
      changes.filter(({ change }) => change[1] === false).length,
    ]).toEqual([20, 19]);
  });

  test('of one customer says nothing about another', async () => {
    const { admin } = await tenant();
    const [a, b] = [await customer(admin, { name: 'A' }), await customer(admin, { name: 'B' })];
    const one = await contact(admin, { name: '甲', customer: a.id, primary: true });
    const { customerContactCreate } = await admin.graph(link, {
      input: { customer: b.id, contact: one.id, primary: true },
    });
    expect([await primaries(admin, a.id), await primaries(admin, b.id)]).toEqual([
      [one.link.id],
      [customerContactCreate.customerContact.id],
    ]);
  });

  test('that is deleted or unlinked leaves the place free', async () => {
    const { admin } = await tenant();
    const { id } = await customer(admin, { name: 'A' });
    const first = await contact(admin, { name: '甲', customer: id, primary: true });
    await admin.graph('mutation ($id: ID!) { contactDelete(id: $id) { userErrors { code } } }', { id: first.id });
    expect(await primaries(admin, id)).toEqual([]);
    const second = await contact(admin, { name: '乙', customer: id, primary: true });
    expect(await admin.graph(unlink, { id: second.link.id })).toEqual({
      customerContactDelete: { deletedId: second.link.id, userErrors: [] },
    });
    const third = await contact(admin, { name: '丙', customer: id, primary: true });
    expect(await primaries(admin, id)).toEqual([third.link.id]);
    expect(await admin.graph.userErrors(unlink, { id: second.link.id })).toEqual(['NOT_FOUND id']);
  });
});

test('a deleted customer takes its links and the people of no other customer out of sight', async () => {
  const { admin } = await tenant();
  const { id } = await customer(admin, { name: 'A' });
  const { id: other } = await customer(admin, { name: 'B' });
  const person = await contact(admin, { name: '张三', customer: id });
  const shared = await contact(admin, { name: '李四', customer: id });
  const { customerContactCreate } = await admin.graph(link, { input: { customer: other, contact: shared.id } });
  expect(customerContactCreate.userErrors).toEqual([]);
  const query =
    'query ($id: ID!) { contact(id: $id) { name customers { totalCount nodes { id } } } customerContacts { totalCount } }';
  const [alone, both] = [{ id: person.id }, { id: shared.id }];
  const before = [await admin.graph(query, alone), await admin.graph(query, both)];
  expect(before.map(({ contact: one, customerContacts }) => [one.customers.totalCount, customerContacts])).toEqual([
    [1, { totalCount: 3 }],
    [2, { totalCount: 3 }],
  ]);
  await admin.graph('mutation ($id: ID!) { customerDelete(id: $id) { userErrors { code } } }', { id });
  expect(await admin.graph(query, alone)).toEqual({ contact: null, customerContacts: { totalCount: 1 } });
  expect(await admin.graph(query, both)).toEqual({
    contact: { name: '李四', customers: { totalCount: 1, nodes: [{ id: other }] } },
    customerContacts: { totalCount: 1 },
  });
  await admin.graph('mutation ($id: ID!) { customerRestore(id: $id) { userErrors { code } } }', { id });
  expect([await admin.graph(query, alone), await admin.graph(query, both)]).toEqual(before);
});

test('several are unlinked at once, from either side; where there is no link there is nothing to remove', async () => {
  const { admin, outsider, sql } = await tenant();
  const { id, number } = await customer(admin, { name: '甲' });
  const [first, second] = [
    await contact(admin, { name: '张三', customer: id }),
    await contact(admin, { name: '李四', customer: id }),
  ];
  const ofCustomer =
    'mutation ($id: ID!, $contacts: [ID!]!) { customerUnlinkContacts(id: $id, contacts: $contacts) { results { index id userErrors { code field } } userErrors { code field } } }';
  const ofContact =
    'mutation ($id: ID!, $customers: [ID!]!) { contactUnlinkCustomers(id: $id, customers: $customers) { results { index id userErrors { code field } } userErrors { code field } } }';
  const missing = (index: number, ...field: string[]): Data => ({
    index,
    id: null,
    userErrors: [{ code: 'NOT_FOUND', field }],
  });
  const removed = (index: number, { link }: Data): Data => ({ index, id: link.id, userErrors: [] });
  const results = async (by: Actor, mutation: string, variables: object): Promise<Data> =>
    Object.values<Data>(await by.graph(mutation, variables))[0].results;
  expect(await results(outsider, ofCustomer, { id, contacts: [first.id] })).toEqual([missing(0, 'id')]);
  expect(await results(admin, ofCustomer, { id, contacts: [id, first.number] })).toEqual([
    missing(0, 'contacts', '0'),
    removed(1, first),
  ]);
  expect(await results(admin, ofContact, { id: second.id, customers: [number, id, 'nobody'] })).toEqual([
    removed(0, second),
    missing(1, 'customers', '1'),
    missing(2, 'customers', '2'),
  ]);
  expect(await sql('select id from customer_contact')).toEqual([]);
  expect(await admin.graph.userErrors(ofContact, { id: second.id, customers: [] })).toEqual(['OUT_OF_RANGE customers']);
});

test('an update changes the person and the link that it names', async () => {
  const { admin } = await tenant();
  const [a, b] = [await customer(admin, { name: 'A' }), await customer(admin, { name: 'B' })];
  const person = await contact(admin, { name: '张三', customer: a.id, position: '经理', phone: '13812348000' });
  await admin.graph(link, { input: { customer: b.id, contact: person.id } });
  await admin.graph(update, {
    id: person.id,
    input: { name: '张三丰', phone: null, customer: b.id, position: '顾问' },
  });
  const data = await admin.graph(
    'query ($id: ID!) { contact(id: $id) { name phone version customers(orderBy: [{ field: NUMBER }]) { edges { position } } } }',
    { id: person.id },
  );
  expect(data.contact).toEqual({
    name: '张三丰',
    phone: null,
    version: 2,
    customers: { edges: [{ position: '经理' }, { position: '顾问' }] },
  });
});

test.each<[string, object, string[]]>([
  ['no name', { name: null }, ['REQUIRED name']],
  ['a long name', { name: '长'.repeat(101) }, ['TOO_LONG name']],
  [
    'a wrong e-mail and a long department',
    { email: 'x', department: '长'.repeat(101) },
    ['TOO_LONG department', 'INVALID email'],
  ],
  ['a null influence', { influence: null }, ['REQUIRED influence']],
  ['a long position', { position: '长'.repeat(101) }, ['TOO_LONG position']],
])('%s is refused by name, on creation and on change, and nothing is written', async (_name, input, expected) => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: 'A' });
  const person = await contact(t.admin, { name: '张三', customer: id });
  const before = [
    await written(t),
    await t.sql('select * from contact'),
    await t.sql('select * from customer_contact'),
  ];
  expect(
    await t.admin.graph.userErrors(
      'mutation ($input: ContactInput!) { contactCreate(input: $input) { userErrors { code field } } }',
      { input: { name: '李四', ...input } },
    ),
  ).toEqual(expected);
  expect(await t.admin.graph.userErrors(update, { id: person.id, input })).toEqual(expected);
  expect([
    await written(t),
    await t.sql('select * from contact'),
    await t.sql('select * from customer_contact'),
  ]).toEqual(before);
});

test('a change from an older version is refused', async () => {
  const { admin } = await tenant();
  const { id } = await contact(admin, { name: '张三' });
  await admin.graph(update, { id, input: { department: '销售' }, version: 1 });
  expect(await admin.graph.userErrors(update, { id, input: { department: '采购' }, version: 1 })).toEqual([
    'VERSION_CONFLICT version',
  ]);
});

describe('onboarding', () => {
  test('makes a customer with its contacts in one transaction', async () => {
    const { admin, sql } = await tenant();
    const { customerOnboard } = await admin.graph(onboard, {
      input: { name: 'A' },
      contacts: [{ name: '甲', position: '经理', primary: true }, { name: '乙' }],
    });
    expect(customerOnboard).toMatchObject({
      customer: {
        name: 'A',
        contacts: {
          edges: [
            { primary: true, position: '经理', node: { name: '甲' } },
            { primary: false, position: null, node: { name: '乙' } },
          ],
        },
      },
      userErrors: [],
    });
    // the time of a row is the start of its transaction
    const [rows] = await sql(
      'select count(distinct at)::int as transactions, count(*)::int as rows from (select created_at as at from customer union all select created_at from contact union all select created_at from customer_contact union all select at from audit_entry union all select at from outbox) r',
    );
    expect(rows).toEqual({ transactions: 1, rows: 5 + 5 + 5 });
  });

  test('keeps nothing if one contact is wrong, and names it', async () => {
    const t = await tenant();
    expect(
      await t.admin.graph.userErrors(onboard, {
        input: { name: 'A' },
        contacts: [{ name: '甲' }, { name: '乙', email: 'x' }],
      }),
    ).toEqual(['INVALID contacts.1.email']);
    expect(
      await t.sql('select id from customer union all select id from contact union all select id from customer_contact'),
    ).toEqual([]);
    expect(await written(t)).toEqual({ audit: 0, events: 0, seq: 0 });
    expect((await customer(t.admin, { name: 'A' })).accountNo).toBe('ACC001');
  });
});

test('many are created at once: the good are kept and linked, the bad reported with their place', async () => {
  const { manager, viewer, sql } = await tenant();
  const { id } = await customer(manager, { name: '华信' });
  const create =
    'mutation ($inputs: [ContactInput!]!) { contactsCreate(inputs: $inputs) { results { index contact { name link { primary customer { name } } } userErrors { code field } } userErrors { code field } } }';
  const inputs = [
    { name: '甲', customer: id, primary: true },
    { name: '' },
    { name: '乙', customer: id, primary: true },
    { name: '丙', customer: crypto.randomUUID() },
    { name: '丁' },
  ];
  const { contactsCreate } = await manager.graph(create, { inputs });
  const link = (primary: boolean): Data => ({ primary, customer: { name: '华信' } });
  expect(contactsCreate).toEqual({
    results: [
      { index: 0, contact: { name: '甲', link: link(false) }, userErrors: [] },
      { index: 1, contact: null, userErrors: [{ code: 'REQUIRED', field: ['inputs', '1', 'name'] }] },
      { index: 2, contact: { name: '乙', link: link(true) }, userErrors: [] },
      { index: 3, contact: null, userErrors: [{ code: 'UNKNOWN_REFERENCE', field: ['inputs', '3', 'customer'] }] },
      { index: 4, contact: { name: '丁', link: null }, userErrors: [] },
    ],
    userErrors: [],
  });
  expect(await viewer.graph.refused(create, { inputs })).toEqual(['FORBIDDEN']);
  expect(await manager.graph.userErrors(create, { inputs: [] })).toEqual(['OUT_OF_RANGE inputs']);
  expect(await sql('select count(*)::int from contact')).toEqual([{ count: 3 }]);
});
