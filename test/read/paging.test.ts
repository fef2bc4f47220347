import fc from 'fast-check';
import { holds } from '../support/generated.js';
import { customer } from '../support/records.js';
import { tenant, type Data } from '../support/tenant.js';
import {
  columns,
  pick,
  size,
  pageQuery,
  ordered,
  page,
  forward,
  backward,
  byNumber,
  t,
  prepare,
  type Direction,
} from './pages.js';

beforeAll(prepare);

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
    expect(body.data).toEqual({ customers: null });
    expect(body.errors.map(({ extensions }: Data) => extensions)).toEqual([
      { code: 'BAD_REQUEST', status: 400, field: [field] },
    ]);
  });
});
