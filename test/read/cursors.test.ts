import fc from 'fast-check';
import { anyText, holds } from '../support/generated.js';
import type { Data } from '../support/tenant.js';
import { pageQuery, page, t, prepare } from './pages.js';

beforeAll(prepare);

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
        fc.oneof(anyText(), fc.base64String(), fc.json()),
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
      anyText(),
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
