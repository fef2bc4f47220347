import fc from 'fast-check';
import { holds } from '../support/generated.js';
import { customer } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

/** What each order field is in SQL: the oracle that the pages are compared with. */
const columns: Record<string, string> = {
  CREATED_AT: 'created_at',
  UPDATED_AT: 'updated_at',
  NUMBER: 'number',
  NAME: 'name',
  ACCOUNT_NO: 'account_no',
  STATUS: 'status',
  TIER: "case tier when 'BRONZE' then 1 when 'SILVER' then 2 when 'GOLD' then 3 when 'PLATINUM' then 4 end",
  HEALTH_SCORE: 'health_score',
  INDUSTRY: 'industry',
  REGION: 'region',
  LAST_CONTACT_AT: 'last_contact_at',
  LIFETIME_VALUE:
    "(select coalesce(sum(agreed_amount), 0) from contract k where k.customer_id = customer.id and k.status in ('IN_FORCE', 'EXPIRED'))",
  // all of the test's contracts are in the currency of the tenant
  LIFETIME_VALUE_IN_TENANT_CURRENCY:
    "(select coalesce(sum(agreed_amount), 0) from contract k where k.customer_id = customer.id and k.status in ('IN_FORCE', 'EXPIRED'))",
  NEXT_RENEWAL_ON: "(select min(ends_on) from contract k where k.customer_id = customer.id and k.status = 'IN_FORCE')",
};
type Direction = 'ASC' | 'DESC';
interface Step {
  field: string;
  direction: Direction;
}

const size = 31;
const pick = <T>(values: T[], index: number): T => values[index % values.length]!;

let t: TestTenant;

const contract =
  'mutation ($input: ContractInput!) { contractCreate(input: $input) { contract { id } userErrors { code field } } }';

/** Few distinct values, many nulls, and ties in everything but what must be unique. */
async function fill(by: Actor): Promise<void> {
  const input = (index: number): Data => ({
    name: `${pick(['甲', 'a', 'A', 'ä', 'Z', '_', '%', "'"], index * 5)}${pick(['', ' ', '公司', '"', '\\'], index)}${index}`,
    industry: pick([null, '制造', '软件', null, 'it', '"a, b"\n\\'], index * 7),
    region: pick([null, null, '华北'], index),
    tier: pick(['GOLD', 'BRONZE', 'PLATINUM', 'SILVER'], index * 3),
    status: pick(['ACTIVE', 'POTENTIAL', 'LOST'], index),
    lastContactAt: pick(
      [null, '2026-03-01T08:30:00.123Z', '2026-03-01T08:30:00.124Z', null, '1999-12-31T23:59:59.999+08:00'],
      index,
    ),
  });
  for (let index = 0; index < size; index += 1) {
    const { number } = await customer(by, input(index));
    if (index % 3 === 0)
      await by.graph(contract, {
        input: {
          name: '年度合同',
          customer: String(number),
          amount: { amount: pick([100, 200], index) },
          status: pick(['IN_FORCE', 'DRAFT'], index),
          endsOn: pick([null, '2027-01-31', '2027-06-30'], index),
        },
      });
  }
}

beforeAll(async () => {
  t = await tenant();
  await fill(t.admin);
  await t.sql(
    "update customer set health_score = (number % 3) * 12.5, created_at = date_trunc('minute', created_at) - (number % 4) * interval '1 ms', updated_at = '2026-01-01' where tenant_id = app_tenant()",
  );
});

/** The whole list as the database itself orders it; ties follow the number, in the direction of the last step. */
async function ordered(steps: Step[], where = 'true', from = t): Promise<string[]> {
  const terms = [
    ...steps.map(({ field, direction }) => `${columns[field]} ${direction}`),
    `number ${steps.at(-1)?.direction ?? 'DESC'}`,
  ];
  const rows = await from.sql<{ id: string }>(
    `select id::text from customer where deleted_at is null and ${where} order by ${terms.join(', ')}`,
  );
  return rows.map(({ id }) => id);
}

const pageQuery = `query ($filter: CustomerFilter, $orderBy: [CustomerOrder!], $first: Int, $after: String, $last: Int, $before: String, $offset: Int) {
  customers(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before, offset: $offset) {
    totalCount nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

interface Page {
  ids: string[];
  totalCount: number;
  cursors: string[];
  info: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

async function page(variables: object, by = t.admin): Promise<Page> {
  const { customers } = await by.graph(pageQuery, variables);
  const ids = customers.nodes.map(({ id }: Data) => id);
  const cursors = customers.edges.map(({ cursor }: Data) => cursor);
  expect(customers.edges.map(({ node }: Data) => node.id)).toEqual(ids);
  expect([customers.pageInfo.startCursor, customers.pageInfo.endCursor]).toEqual([
    cursors[0] ?? null,
    cursors.at(-1) ?? null,
  ]);
  return { ids, cursors, totalCount: customers.totalCount, info: customers.pageInfo };
}

/** Pages from front to back by cursor. */
async function forward(
  variables: object,
  step: number,
  total: number,
  between = async (): Promise<void> => {},
): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = null; ; await between()) {
    const { ids, info } = await page({ ...variables, first: step, after });
    expect(info.hasPreviousPage).toBe(after !== null);
    found.push(...ids);
    if (!info.hasNextPage) return found;
    expect(ids).toHaveLength(step);
    expect(found.length).toBeLessThan(total);
    after = info.endCursor;
  }
}

/** Pages from back to front by cursor, put together in the order of the list. */
async function backward(variables: object, step: number, total: number): Promise<string[]> {
  const found: string[] = [];
  for (let before: string | null = null; ;) {
    const { ids, info } = await page({ ...variables, last: step, before });
    expect(info.hasNextPage).toBe(before !== null);
    found.unshift(...ids);
    if (!info.hasPreviousPage) return found;
    expect(ids).toHaveLength(step);
    expect(found.length).toBeLessThan(total);
    before = info.startCursor;
  }
}

async function byNumber(variables: object, step: number, total: number): Promise<string[]> {
  const found: string[] = [];
  for (let offset = 0; ; offset += step) {
    const { ids, info, totalCount } = await page({ ...variables, first: step, offset });
    expect([totalCount, info.hasPreviousPage, info.hasNextPage]).toEqual([total, offset > 0, offset + step < total]);
    found.push(...ids);
    if (!info.hasNextPage) return found;
  }
}

describe('every order', () => {
  test.each(
    Object.keys(columns).flatMap((field) => (['ASC', 'DESC'] as const).map((direction) => [field, direction] as const)),
  )('%s %s gives each row once, in that order, from either end and by number', async (field, direction) => {
    const orderBy = [{ field, direction }];
    const expected = await ordered(orderBy);
    expect(expected).toHaveLength(size);
    expect(await forward({ orderBy }, 7, size)).toEqual(expected);
    expect(await backward({ orderBy }, 7, size)).toEqual(expected);
    expect(await byNumber({ orderBy }, 7, size)).toEqual(expected);
  });

  test('covers every field of the schema', async () => {
    const { __type } = await t.admin.graph('{ __type(name: "CustomerOrderField") { enumValues { name } } }');
    expect(__type.enumValues.map(({ name }: Data) => name).toSorted()).toEqual(Object.keys(columns).toSorted());
  });

  test('is newest first where none is asked for', async () => {
    const expected = await ordered([{ field: 'CREATED_AT', direction: 'DESC' }]);
    expect(await forward({}, 10, size)).toEqual(expected);
    expect(await forward({ orderBy: [] }, 10, size)).toEqual(expected);
    expect((await page({ first: null })).ids).toEqual(expected.slice(0, 20));
  });
});

const step = fc.record({
  field: fc.constantFrom(...Object.keys(columns)),
  direction: fc.constantFrom<Direction>('ASC', 'DESC'),
});
const filters = [
  [{}, 'true'],
  [{ status: ['ACTIVE', 'LOST'] }, "status in ('ACTIVE', 'LOST')"],
  [{ industry: '制' }, "industry like '%制%'"],
  [{ name: '%' }, "strpos(name, '%') > 0"],
  [{ tier: ['GOLD'], healthScoreMin: '12.5' }, "tier = 'GOLD' and health_score >= 12.5"],
] as const;

test('any order of several steps, any filter and any page size give each row once, in that order', async () => {
  await holds(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...filters),
      fc.integer({ min: 1, max: size + 1 }),
      async (orderBy, [filter, where], rows) => {
        const expected = await ordered(orderBy, where);
        expect(await forward({ orderBy, filter }, rows, expected.length)).toEqual(expected);
        expect(await backward({ orderBy, filter }, rows, expected.length)).toEqual(expected);
        expect(await byNumber({ orderBy, filter }, rows, expected.length)).toEqual(expected);
      },
    ),
    { few: 15, all: 40 },
  );
}, 120_000);

test('any stretch between two places is found from either of them', async () => {
  const orderBy = [
    { field: 'INDUSTRY', direction: 'DESC' },
    { field: 'STATUS', direction: 'ASC' },
  ];
  const { ids, cursors } = await page({ orderBy, first: size });
  await holds(
    fc.asyncProperty(
      fc.integer({ min: 0, max: size - 1 }),
      fc.integer({ min: 0, max: size + 2 }),
      async (place, rows) => {
        const behind = await page({ orderBy, after: cursors[place], first: rows });
        expect([behind.ids, behind.info.hasNextPage, behind.info.hasPreviousPage]).toEqual([
          ids.slice(place + 1, place + 1 + rows),
          place + 1 + rows < size,
          true,
        ]);
        const ahead = await page({ orderBy, before: cursors[place], last: rows });
        expect([ahead.ids, ahead.info.hasNextPage, ahead.info.hasPreviousPage]).toEqual([
          rows === 0 ? [] : ids.slice(0, place).slice(-rows),
          true,
          rows < place,
        ]);
      },
    ),
    { few: 15, all: 40 },
  );
});

test('rows added and deleted during a walk neither hide nor repeat one that was there all the time', async () => {
  const own = await tenant();
  const before: string[] = [];
  for (let index = 0; index < 12; index += 1)
    before.push(
      (await customer(own.admin, { name: `客户${index}`, region: pick(['华北', '华东', undefined], index) })).id,
    );
  const orderBy = [{ field: 'REGION', direction: 'ASC' as const }];
  const expected = await ordered(orderBy, 'true', own);
  let added = 0;
  const found: string[] = [];
  for (let after: string | null = null; ;) {
    const { ids, info } = await page({ orderBy, first: 3, after }, own.admin);
    found.push(...ids);
    if (!info.hasNextPage) break;
    after = info.endCursor;
    for (const region of ['华北', '华东', undefined])
      await customer(own.admin, { name: `新客户${(added += 1)}`, region });
    // the row that the cursor points to may go: the place stays
    await own.admin.graph('mutation ($id: ID!) { customerDelete(id: $id) { userErrors { code } } }', {
      id: ids.at(-1),
    });
  }
  expect(new Set(found).size).toBe(found.length);
  expect(found.filter((id) => before.includes(id))).toEqual(expected);
});

describe('the size of a page', () => {
  test('of nothing still counts and says what follows', async () => {
    expect(await page({ first: 0 })).toEqual({
      ids: [],
      cursors: [],
      totalCount: size,
      info: { hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
    expect(await page({ last: 0 })).toEqual({
      ids: [],
      cursors: [],
      totalCount: size,
      info: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });

  test('of 500 is the largest', async () => {
    expect((await page({ first: 500 })).ids).toHaveLength(size);
    expect((await page({ last: 500 })).ids).toHaveLength(size);
  });

  test('beyond the end is empty', async () => {
    expect(await page({ offset: 1000 })).toEqual({
      ids: [],
      cursors: [],
      totalCount: size,
      info: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });

  test('of an empty list is empty', async () => {
    expect(await page({ filter: { name: 'no such name' } })).toEqual({
      ids: [],
      cursors: [],
      totalCount: 0,
      info: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });
});

describe('arguments that make no sense are refused', () => {
  const cursor = async (): Promise<string> => (await page({ first: 1 })).cursors[0]!;

  test.each<[object, string]>([
    [{ first: 501 }, 'first'],
    [{ first: -1 }, 'first'],
    [{ last: 501 }, 'last'],
    [{ last: -1 }, 'last'],
    [{ offset: -1 }, 'offset'],
    [{ first: 1, last: 1 }, 'last'],
    [{ last: 1, offset: 1 }, 'offset'],
    [{ last: 1, after: 'cursor' }, 'last'],
    [{ first: 1, offset: 1, after: 'cursor' }, 'offset'],
    [{ offset: 0, before: 'cursor' }, 'offset'],
    [{ after: 'cursor', before: 'cursor' }, 'before'],
  ])('%j', async (given, field) => {
    const place = await cursor();
    const variables = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [key, value === 'cursor' ? place : value]),
    );
    const { body } = await t.admin.graph.raw(pageQuery, variables);
    expect(body.data ?? null).toBeNull();
    expect(body.errors.map(({ extensions }: Data) => extensions)).toEqual([
      { code: 'BAD_REQUEST', status: 400, field: [field] },
    ]);
  });
});

describe('a cursor', () => {
  const orderBy = [{ field: 'NAME', direction: 'ASC' }];
  const second = async (variables: object = { orderBy }): Promise<string> =>
    (await page({ ...variables, first: 2 })).cursors[1]!;

  test.each<[string, object]>([
    ['another direction', { orderBy: [{ field: 'NAME', direction: 'DESC' }] }],
    ['another field', { orderBy: [{ field: 'REGION', direction: 'ASC' }] }],
    ['a further step', { orderBy: [...orderBy, { field: 'REGION', direction: 'ASC' }] }],
    ['the usual order', {}],
    ['a filter', { orderBy, filter: { status: ['ACTIVE'] } }],
    ['another search', { orderBy, filter: { search: 'a' } }],
  ])('does not fit a list with %s', async (_name, other) => {
    for (const key of ['after', 'before'])
      expect(await t.admin.graph.refused(pageQuery, { ...other, [key]: await second() })).toEqual(['CURSOR_INVALID']);
    expect(await t.admin.graph.refused(pageQuery, { orderBy, after: await second(other) })).toEqual(['CURSOR_INVALID']);
  });

  test('goes on working for another page size, and for a filter whose members come in another order', async () => {
    const filter = { name: 'a', status: ['ACTIVE', 'LOST', 'POTENTIAL'] };
    const { cursors, ids } = await page({ orderBy, filter, first: 1 });
    const { ids: rest } = await page({
      orderBy,
      filter: Object.fromEntries(Object.entries(filter).toReversed()),
      first: 7,
      after: cursors[0],
    });
    expect([...ids, ...rest]).toEqual((await page({ orderBy, filter, first: 8 })).ids);
  });

  test('that was made up is refused, whatever it is', async () => {
    await holds(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.json()),
        fc.constantFrom('after', 'before'),
        async (made, key) => {
          expect(await t.admin.graph.refused(pageQuery, { orderBy, [key]: made })).toEqual(['CURSOR_INVALID']);
        },
      ),
      { few: 25, all: 60 },
      {
        examples: [
          ['', 'after'],
          ['.', 'after'],
          ['null', 'before'],
          ['__proto__.W10=', 'after'],
          ['\u0000', 'after'],
        ],
      },
    );
  });

  test('whose content was changed is refused or read as a place, and never a fault of the server', async () => {
    const lists = [
      orderBy,
      [{ field: 'HEALTH_SCORE', direction: 'DESC' }],
      [{ field: 'LAST_CONTACT_AT', direction: 'ASC' }],
      [{ field: 'TIER', direction: 'ASC' }],
    ];
    const marks = await Promise.all(
      lists.map(async (order) => [order, (await second({ orderBy: order })).split('.')[0]!] as const),
    );
    const part = fc.oneof(
      fc.constant(null),
      fc.string({ unit: 'binary' }),
      fc.integer().map(String),
      fc.double().map(String),
      fc.constantFrom('NaN', 'Infinity', '-infinity', 'now', '2026-02-30', '99999999999', '\u0000', ''),
      fc.integer() as fc.Arbitrary<unknown>,
      fc.object(),
    );
    await holds(
      fc.asyncProperty(
        fc.constantFrom(...marks),
        fc.oneof(
          { weight: 4, arbitrary: fc.tuple(part, part) as fc.Arbitrary<unknown> },
          { weight: 1, arbitrary: fc.jsonValue() as fc.Arbitrary<unknown> },
        ),
        fc.constantFrom('after', 'before'),
        async ([order, mark], content, key) => {
          const { body } = await t.admin.graph.raw(pageQuery, {
            orderBy: order,
            [key]: `${mark}.${Buffer.from(JSON.stringify(content)).toString('base64')}`,
          });
          expect(body.errors?.map(({ extensions }: Data) => extensions.code) ?? []).toEqual(
            body.errors ? ['CURSOR_INVALID'] : [],
          );
        },
      ),
      { few: 50, all: 120 },
    );
  });
});
