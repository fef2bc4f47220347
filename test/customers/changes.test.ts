import { randomUUID } from 'node:crypto';
import { customer, written } from '../support/records.js';
import { tenant } from '../support/tenant.js';
const create =
  'mutation ($input: CustomerInput!) { customerCreate(input: $input) { customer { id name accountNo code } userErrors { code field } } }';
const update =
  'mutation ($id: ID!, $input: CustomerInput!, $version: Int) { customerUpdate(id: $id, input: $input, version: $version) { customer { id name industry version } userErrors { code field message } } }';
const remove = 'mutation ($id: ID!) { customerDelete(id: $id) { deletedId userErrors { code field } } }';
const restore = 'mutation ($id: ID!) { customerRestore(id: $id) { customer { id name } userErrors { code field } } }';
const read = 'query ($id: ID!) { customer(id: $id) { name industry region version size scale } }';

/** The calendar day in the tenant's zone, as codes carry it. */
const today = (): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date()).replaceAll('-', '');

describe('creating', () => {
  test('stores what was given, trimmed, and fills in the rest', async () => {
    const { admin } = await tenant();
    const input = {
      name: '  华信科技 ',
      industry: ' 软件 ',
      region: '   ',
      creditLimit: { amount: '1000000.50' },
      establishedOn: '1999-12-31',
      lastContactAt: '2026-03-01T16:30:00+08:00',
      kind: 'GOVERNMENT',
    };
    const { id } = await customer(admin, input);
    const data = await admin.graph(
      `query ($id: ID!) { customer(id: $id) { name industry region kind status tier establishedOn lastContactAt healthScore version accountNo code owner { login } createdBy { login } updatedBy { login } credit { limit { amount currency } } } }`,
      { id },
    );
    expect(data.customer).toEqual({
      name: '华信科技',
      industry: '软件',
      region: null,
      kind: 'GOVERNMENT',
      status: 'POTENTIAL',
      tier: 'BRONZE',
      establishedOn: '1999-12-31',
      lastContactAt: '2026-03-01T08:30:00.000Z',
      healthScore: '75.0',
      version: 1,
      accountNo: 'ACC001',
      code: `CUST-${today()}-0001`,
      owner: null,
      createdBy: { login: 'admin' },
      updatedBy: { login: 'admin' },
      credit: { limit: { amount: '1000000.50', currency: 'CNY' } },
    });
  });

  test('gives numbers without gaps and without doubles to thirty at once', async () => {
    const { admin, sql } = await tenant();
    const made = await Promise.all(Array.from({ length: 30 }, (_, index) => customer(admin, { name: `客户${index}` })));
    const expected = Array.from({ length: 30 }, (_, index) => `ACC${String(index + 1).padStart(3, '0')}`);
    expect(made.map(({ accountNo }) => accountNo).toSorted()).toEqual(expected);
    expect(made.map(({ code }) => code.slice(-5)).toSorted()).toEqual(expected.map((text) => `-0${text.slice(3)}`));
    expect(
      await sql(
        'select array_agg(seq::int order by seq) as feed, count(distinct subject)::int as subjects from outbox',
      ),
    ).toEqual([{ feed: Array.from({ length: 30 }, (_, index) => index + 1), subjects: 30 }]);
  });

  test('takes no number for what was refused', async () => {
    const { admin } = await tenant();
    await customer(admin, { name: '华信科技' });
    expect(await admin.graph.userErrors(create, { input: { name: '华信科技' } })).toEqual(['NAME_TAKEN name']);
    expect((await customer(admin, { name: '远大物流' })).accountNo).toBe('ACC002');
  });
});

describe('a name', () => {
  test("is one living customer's, compared trimmed", async () => {
    const t = await tenant();
    await customer(t.admin, { name: '华信科技' });
    const before = await written(t);
    for (const name of ['华信科技', ' 华信科技', '华信科技\t\n'])
      expect(await t.admin.graph.userErrors(create, { input: { name } })).toEqual(['NAME_TAKEN name']);
    expect(await t.sql('select name from customer')).toEqual([{ name: '华信科技' }]);
    expect(await written(t)).toEqual(before);
  });

  test('goes to exactly one of twenty who want it at once', async () => {
    const t = await tenant();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        t.admin.graph.userErrors(create, { input: { name: index % 2 ? '华信科技' : ' 华信科技 ' } }),
      ),
    );
    expect(answers.filter((errors) => errors.length === 0)).toHaveLength(1);
    expect(answers.filter((errors) => errors.length > 0)).toEqual(
      Array.from({ length: 19 }, () => ['NAME_TAKEN name']),
    );
    expect(await t.sql('select name from customer')).toEqual([{ name: '华信科技' }]);
    expect(await written(t)).toEqual({ audit: 1, events: 1, seq: 1 });
  });

  test('cannot be taken by renaming, but a customer may keep its own', async () => {
    const { admin } = await tenant();
    await customer(admin, { name: '华信科技' });
    const { id } = await customer(admin, { name: '远大物流' });
    expect(await admin.graph.userErrors(update, { id, input: { name: '华信科技' } })).toEqual(['NAME_TAKEN name']);
    expect(await admin.graph.userErrors(update, { id, input: { name: ' 远大物流 ' } })).toEqual([]);
    expect((await admin.graph(read, { id })).customer).toMatchObject({ name: '远大物流', version: 1 });
  });

  test('becomes free by deletion, and is missed by who comes back later', async () => {
    const t = await tenant();
    const first = await customer(t.admin, { name: '华信科技' });
    expect(await t.admin.graph(remove, { id: first.id })).toEqual({
      customerDelete: { deletedId: first.id, userErrors: [] },
    });
    const second = await customer(t.admin, { name: '华信科技' });
    expect(second.accountNo).toBe('ACC002');
    const before = await written(t);
    expect(await t.admin.graph.userErrors(restore, { id: first.id })).toEqual(['NAME_TAKEN name']);
    expect(await written(t)).toEqual(before);
    await t.admin.graph(remove, { id: second.id });
    expect(await t.admin.graph(restore, { id: first.id })).toEqual({
      customerRestore: { customer: { id: first.id, name: '华信科技' }, userErrors: [] },
    });
    expect(await t.admin.graph('{ customers { nodes { id } totalCount } }')).toEqual({
      customers: { nodes: [{ id: first.id }], totalCount: 1 },
    });
  });
});

describe('updating', () => {
  test('leaves alone what is absent and clears what is null', async () => {
    const { admin } = await tenant();
    const { id } = await customer(admin, { name: '华信科技', industry: '软件', region: '华北' });
    await admin.graph(update, { id, input: { industry: null } });
    expect((await admin.graph(read, { id })).customer).toMatchObject({
      name: '华信科技',
      industry: null,
      region: '华北',
      version: 2,
    });
    await admin.graph(update, { id, input: { region: '  ' } });
    expect((await admin.graph(read, { id })).customer).toMatchObject({ region: null, version: 3 });
  });

  test('that changes nothing writes nothing', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: '华信科技', industry: '软件', creditLimit: { amount: '100' } });
    const before = [await t.sql('select * from customer'), await written(t)];
    for (const input of [
      {},
      { name: '华信科技' },
      { industry: ' 软件 ' },
      { region: null },
      { creditLimit: { amount: '100.00' } },
      { creditLimit: { amount: 100 } },
    ]) {
      expect(await t.admin.graph(update, { id, input })).toEqual({
        customerUpdate: { customer: { id, name: '华信科技', industry: '软件', version: 1 }, userErrors: [] },
      });
    }
    expect([await t.sql('select * from customer'), await written(t)]).toEqual(before);
  });

  test('is refused from an older version, and the present one is shown', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: '华信科技' });
    await t.admin.graph(update, { id, input: { industry: '软件' }, version: 1 });
    const before = await written(t);
    const { customerUpdate } = await t.admin.graph(update, { id, input: { industry: '制造' }, version: 1 });
    expect(customerUpdate).toEqual({
      customer: expect.objectContaining({ id, industry: '软件', version: 2 }),
      userErrors: [
        {
          code: 'VERSION_CONFLICT',
          field: ['version'],
          message: 'The record has been changed: its version is 2, you sent 1.',
        },
      ],
    });
    expect((await t.admin.graph(read, { id })).customer).toMatchObject({ industry: '软件', version: 2 });
    expect(await written(t)).toEqual(before);
  });

  test('from one version lets exactly one of ten through', async () => {
    const t = await tenant();
    const { id } = await customer(t.admin, { name: '华信科技' });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        t.admin.graph.userErrors(update, { id, input: { industry: `行业${index}` }, version: 1 }),
      ),
    );
    expect(answers.toSorted((a, b) => a.length - b.length)).toEqual([
      [],
      ...Array.from({ length: 9 }, () => ['VERSION_CONFLICT version']),
    ]);
    const winner = answers.findIndex((errors) => errors.length === 0);
    expect((await t.admin.graph(read, { id })).customer).toMatchObject({ industry: `行业${winner}`, version: 2 });
    expect(await written(t)).toEqual({ audit: 2, events: 2, seq: 2 });
  });

  test('ten fields at once by ten callers loses none of them', async () => {
    const { admin } = await tenant();
    const { id } = await customer(admin, { name: '华信科技' });
    const fields = [
      'industry',
      'region',
      'scale',
      'address',
      'website',
      'remarks',
      'source',
      'taxNo',
      'licenseNo',
      'bankName',
    ];
    await Promise.all(fields.map((field) => admin.graph(update, { id, input: { [field]: field } })));
    const { customer: found } = await admin.graph(
      `query ($id: ID!) { customer(id: $id) { version ${fields.join(' ')} } }`,
      { id },
    );
    expect(found).toEqual({ version: 11, ...Object.fromEntries(fields.map((field) => [field, field])) });
  });

  test('takes the integer number for the id', async () => {
    const { admin } = await tenant();
    const { id, number } = await customer(admin, { name: '华信科技' });
    expect(
      (await admin.graph(update, { id: String(number), input: { industry: '软件' } })).customerUpdate.customer,
    ).toMatchObject({ id, version: 2 });
  });

  test('keeps the size in words beside the size', async () => {
    const { admin } = await tenant();
    const { id } = await customer(admin, { name: '华信科技', size: 'LARGE' });
    expect((await admin.graph(read, { id })).customer).toMatchObject({ size: 'LARGE', scale: '大型' });
    await admin.graph(update, { id, input: { scale: '小型' } });
    expect((await admin.graph(read, { id })).customer).toMatchObject({ size: 'SMALL', scale: '小型' });
  });
});

test('a deleted customer is nowhere, and can be deleted, changed or moved no more', async () => {
  const t = await tenant();
  const { id, number } = await customer(t.admin, { name: '华信科技' });
  await t.admin.graph(remove, { id });
  const before = await written(t);
  for (const key of [id, String(number)]) expect(await t.admin.graph(read, { id: key })).toEqual({ customer: null });
  expect(
    await t.admin.graph('query ($id: ID!) { node(id: $id) { id } customers { totalCount nodes { id } } }', { id }),
  ).toEqual({ node: null, customers: { totalCount: 0, nodes: [] } });
  for (const [mutation, variables] of [
    [remove, { id }],
    [update, { id, input: { name: 'A' } }],
    ['mutation ($id: ID!) { customerChangeStatus(id: $id, status: LOST) { userErrors { code field } } }', { id }],
  ] as const) {
    expect(await t.admin.graph.userErrors(mutation, variables)).toEqual(['NOT_FOUND id']);
  }
  expect(await written(t)).toEqual(before);
});

test('a customer that is not deleted cannot be restored', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '华信科技' });
  expect(await t.admin.graph.userErrors(restore, { id })).toEqual(['NOT_FOUND id']);
  expect(await t.admin.graph.userErrors(restore, { id: randomUUID() })).toEqual(['NOT_FOUND id']);
  expect(await written(t)).toEqual({ audit: 1, events: 1, seq: 1 });
});

test('every change leaves an audit entry and an event of the same transaction', async () => {
  const t = await tenant();
  const { id } = await customer(t.admin, { name: '华信科技' });
  const changing: Array<[string, object]> = [
    [update, { id, input: { industry: '软件', name: '华信集团' } }],
    [
      'mutation ($id: ID!) { customerChangeStatus(id: $id, status: LOST, reason: "倒闭") { userErrors { code field } } }',
      { id },
    ],
    [remove, { id }],
    [restore, { id }],
  ];
  for (const [mutation, variables] of changing) {
    // who may change a customer may not bring it back
    const by = mutation === restore ? t.admin : t.manager;
    const answer = await by.graph.raw(mutation, variables);
    const requestId = answer.request.headers['x-request-id'];
    const rows =
      await t.sql(`select a.actor_login, a.face, a.request_id, a.record_type, a.record::text, o.trace_id, o.subject, a.xmin = c.xmin and a.at = o.at and c.updated_at = o.at as together
      from (select *, xmin from audit_entry order by number desc limit 1) a, (select *, xmin from outbox order by seq desc limit 1) o, customer c`);
    expect(rows).toEqual([
      {
        actor_login: by.subject,
        face: 'graphql',
        request_id: requestId,
        record_type: 'Customer',
        record: id,
        trace_id: requestId,
        subject: id,
        together: true,
      },
    ]);
  }
  const audit = await t.sql('select act, changes from audit_entry order by number');
  expect(audit.map(({ act: kind }) => kind)).toEqual([
    'customer.create',
    'customer.update',
    'customer.changeStatus',
    'customer.delete',
    'customer.restore',
  ]);
  expect(audit.slice(0, 3).map(({ changes }) => changes)).toEqual([
    { name: [null, '华信科技'], currency: [null, 'CNY'] },
    { name: ['华信科技', '华信集团'], industry: [null, '软件'] },
    { status: ['POTENTIAL', 'LOST'] },
  ]);
  const events = await t.sql('select seq::int, type, data from outbox order by seq');
  expect(events.map(({ seq, type }) => [seq, type])).toEqual([
    [1, 'crm.customer.created'],
    [2, 'crm.customer.updated'],
    [3, 'crm.customer.updated'],
    [4, 'crm.customer.deleted'],
    [5, 'crm.customer.restored'],
  ]);
  expect(events[2]!.data).toMatchObject({ fromStatus: 'POTENTIAL', toStatus: 'LOST', reason: '倒闭' });
});

test('an operation with several changes keeps the good ones and reports the bad', async () => {
  const { admin, sql } = await tenant();
  const data = await admin.graph(
    'mutation { a: customerCreate(input: { name: "A" }) { userErrors { code } } b: customerCreate(input: { name: "A" }) { userErrors { code } } c: customerCreate(input: { name: "C" }) { userErrors { code } } }',
  );
  expect(data).toEqual({ a: { userErrors: [] }, b: { userErrors: [{ code: 'NAME_TAKEN' }] }, c: { userErrors: [] } });
  expect(await sql('select name from customer order by number')).toEqual([{ name: 'A' }, { name: 'C' }]);
});
