import { DomainError } from '../../../src/core/errors.js';
import { compile } from '../../../rest-facade/engine/plan/compile.js';
import { Matcher, planFor } from '../../../rest-facade/engine/plan/matcher.js';
import type { Plan } from '../../../rest-facade/engine/plan/plan.js';
import { all, list, one, update, write } from '../../../rest-facade/engine/rows.js';
import { as, codes, constant, decimalNumber, hundredths } from '../../../rest-facade/engine/shapes.js';
import type { Row } from '../../../rest-facade/engine/types.js';
import { dialect, graph } from './world.js';

const compiled = (row: Row): Plan => compile(row, dialect('erp', []), graph);

describe('a row becomes one stored operation', () => {
  test('whose selection is the field map, with equal segments merged and arguments taken from the schema', () => {
    const plan = compiled(
      one('GET /things/:id', 'thing', { a: 'id', b: 'parent.name', c: 'parent.id', d: constant(1) }),
    );
    expect(plan.stored.text).toBe('query ($id: ID!) { thing_0: thing(id: $id) { id parent { name id } version } }');
  });

  test('where a segment may carry arguments of its own, filled from the request', () => {
    const plan = compiled(
      one('GET /things/:id/parts/:of', 'thing', { mine: 'part(of: $of).name', first: 'part.name' }),
    );
    expect(plan.stored.text).toBe(
      'query ($id: ID!, $of: ID) { thing_0: thing(id: $id) { part_0: part(of: $of) { name } part { name } version } }',
    );
  });

  test('that pages a connection', () => {
    const plan = compiled(list('GET /things', 'things', { id: 'id' }, { q: 'search' }));
    expect(plan.stored.text).toBe(
      'query ($filter: ThingFilter, $first: Int, $offset: Int) { things_0: things(filter: $filter, first: $first, offset: $offset) { nodes { id } totalCount } }',
    );
  });

  test('and, for an update, one that reads what may be sent back', () => {
    const plan = compiled(
      update('PUT /things/:id', 'thingUpdate', { title: 'name', id: 'id' }, { title: 'name', heft: 'weight' }),
    );
    expect(plan.stored.text).toBe(
      'mutation ($id: ID!, $input: ThingInput!, $version: Int) { thingUpdate_0: thingUpdate(id: $id, input: $input, version: $version) { userErrors { code message field } thing { name id version } } }',
    );
    expect(plan.before!.stored.text).toBe('query ($id: ID!) { thing_0: thing(id: $id) { name version } }');
  });
});

describe('a wrong row stops the start and says what is wrong', () => {
  test.each<[string, Row, RegExp]>([
    ['an unknown root field', one('GET /x', 'thong', { id: 'id' }), /^erp: GET \/x: Query has no field thong\.$/],
    [
      'an unknown field in the shape',
      one('GET /x/:id', 'thing', { a: 'nam' }),
      /Cannot query field "nam" on type "Thing"/,
    ],
    [
      'an unknown field of the filter',
      list('GET /x', 'things', { id: 'id' }, { q: 'serch' }),
      /q fills serch, but ThingFilter has no field serch\./,
    ],
    [
      'an unknown field of the input',
      write('POST /x', 'thingCreate', { id: 'id' }, { q: 'title' }),
      /q fills title, but ThingInput has no field title\./,
    ],
    [
      'a parameter that nothing takes',
      one('GET /x/:id/:other', 'thing', { id: 'id' }),
      /other fills \$other, which no field of the operation takes\./,
    ],
    ['an argument that nothing fills', one('GET /x', 'thing', { id: 'id' }), /argument "id" of type "ID!" is required/],
    ['a page of what is no list', list('GET /x/:id', 'thing', { id: 'id' }), /thing gives no list\./],
    ['a whole list of what is no list', all('GET /x/:id', 'thing', { id: 'id' }), /thing gives no list\./],
    [
      'a constant as part of a body',
      write('POST /x', 'thingCreate', { id: 'id' }, { q: constant(1) }),
      /computed when read cannot be sent/,
    ],
  ])('%s', (_what, row, message) => {
    expect(() => compiled(row)).toThrow(message);
  });

  test('two rows for the same method and path', () => {
    const plans = [
      compiled(one('GET /x/:id', 'thing', { id: 'id' })),
      compiled(one('GET /x/:of', 'thing', { id: 'part(of: $of).id' }, {}, { path: { of: '$id' } })),
    ];
    expect(() => new Matcher(plans)).toThrow('erp: GET /x/:of is there twice.');
  });
});

describe('paths are matched', () => {
  const rows = [
    one('GET /things/:id', 'thing', { id: 'id' }),
    list('GET /things/search', 'things', { id: 'id' }),
    update('PUT /things/:id', 'thingUpdate', { id: 'id' }, { name: 'name' }),
    one('GET /things/:id/', 'thing', { id: 'id' }),
  ];
  const answering = (ordered: Row[], method: string, path: string): string | null => {
    const found = new Matcher(ordered.map(compiled)).find(path);
    const match = found && planFor(found, method);
    return match && `${match.plan.row.method} ${match.plan.row.pattern} ${JSON.stringify(match.params)}`;
  };

  test.each([
    ['GET', '/things/search', 'GET /things/search {}'],
    ['GET', '/things/17', 'GET /things/:id {"id":"17"}'],
    ['HEAD', '/things/17', 'GET /things/:id {"id":"17"}'],
    ['GET', '/things/17/', 'GET /things/:id/ {"id":"17"}'],
    ['GET', '/things/%E7%94%B2%2F1', 'GET /things/:id {"id":"甲/1"}'],
    ['PUT', '/things/17', 'PUT /things/:id {"id":"17"}'],
    ['PATCH', '/things/17', null],
    ['GET', '/things/', null],
    ['GET', '/things//', null],
    ['GET', '//things/17', null],
    ['GET', '/Things/17', null],
    ['GET', '/things', null],
  ])('%s %s → %s, whatever the order of rows', (method, path, expected) => {
    expect(answering(rows, method, path)).toBe(expected);
    expect(answering([...rows].reverse(), method, path)).toBe(expected);
  });
});

describe('converters go both ways', () => {
  const status = codes([1, 'ACTIVE', 'POTENTIAL'], [2, 'INACTIVE']);
  const call = undefined as never;

  test('codes: several values share a word, which means the first of them, and in a filter all of them', () => {
    expect(['ACTIVE', 'POTENTIAL', 'INACTIVE', null].map((field) => status.out(field, call))).toEqual([1, 1, 2, null]);
    expect([1, '1', 2].map((word) => status.in(word, call))).toEqual(['ACTIVE', 'ACTIVE', 'INACTIVE']);
    expect(status.every!('1', call)).toEqual(['ACTIVE', 'POTENTIAL']);
    expect(() => status.in(3, call)).toThrow(DomainError);
  });

  test.each([
    ['0.00', 0],
    ['0.01', 1],
    ['-12.34', -1234],
    ['1234.5', 123450],
    ['21474836480.07', 2147483648007],
    ['90071992547409.91', 9007199254740991],
  ])('hundredths: %s ↔ %s', (decimal, cents) => {
    expect(hundredths.out(decimal, call)).toBe(cents);
    expect(Number(hundredths.in(cents, call))).toBe(Number(decimal));
  });

  test('hundredths refuse what is no whole number', () => {
    for (const value of ['1.5', 1.5, 'x', true, {}, 1e21])
      expect(() => hundredths.in(value, call)).toThrow(DomainError);
  });

  test('decimals as numbers', () => {
    expect([decimalNumber.out('12.50', call), decimalNumber.out(null, call), decimalNumber.in(12.5, call)]).toEqual([
      12.5,
      null,
      12.5,
    ]);
  });

  test('a converter of its own is used in both directions', () => {
    const loud = as('name', {
      out: (value) => String(value).toUpperCase(),
      in: (value) => String(value).toLowerCase(),
    });
    const plan = compiled(write('POST /x', 'thingCreate', { name: loud }, { name: loud }));
    expect(plan.read({ name: 'quiet' }, call)).toEqual({ name: 'QUIET' });
    expect(plan.targets[0]!.converter.in('LOUD', call)).toBe('loud');
  });
});
