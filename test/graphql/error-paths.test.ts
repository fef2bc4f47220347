import { randomUUID } from 'node:crypto';
import { isChineseAlone } from '../support/chinese.js';
import { countOf, isChosen } from '../support/generated.js';
import { argumentsOf, Fresh, mutations } from '../support/mutations.js';
import { placesWhere, put } from '../support/inputs.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Whatever is wrong in the arguments of a mutation, the refusal says where: following its path from the root of the
// variables leads to the wrong value. In Chinese it says so without a word of the graph.

/** Wrong values for a place, by its type: references to nothing, texts that are too long, numbers and days beyond all bounds. */
const wrongValues: Record<string, readonly unknown[]> = {
  ID: [randomUUID(), 'nowhere', ''],
  String: ['长'.repeat(30_000), '有\u0000', ''],
  Int: [2_147_483_647, -2_147_483_648, 'x'],
  Decimal: ['999999999999999.9999', '-999999999999999.9999', 'x'],
  Percent: ['999999', '-1'],
  Date: ['2026-02-30', '1000-01-01', '9999-12-31'],
  DateTime: ['2026-02-30T00:00:00Z', '1000-01-01T00:00:00Z', '9999-12-31T00:00:00Z'],
  Boolean: ['x'],
};

const valueAt = (variables: Data, path: readonly string[]): unknown =>
  path.reduce<Data>((value, step) => value?.[step], variables);

/** The paths that an answer names, none where an error has none: of what the graph itself found, of the mutation, and of each of its items. */
function pathsIn({ data, errors }: Data, mutation: string): string[][] {
  const payload = data?.[mutation];
  return [
    ...(errors ?? []).map(({ extensions }: Data) => extensions.field),
    ...[...(payload?.userErrors ?? []), ...(payload?.results ?? []).flatMap(({ userErrors }: Data) => userErrors)].map(
      ({ field }: Data) => field,
    ),
  ].map((path) => path ?? []);
}

/** The messages of an answer that are not Chinese alone. */
const englishIn = ({ data, errors }: Data, mutation: string): string[] => {
  const payload = data?.[mutation];
  return [
    ...(errors ?? []),
    ...(payload?.userErrors ?? []),
    ...(payload?.results ?? []).flatMap(({ userErrors }: Data) => userErrors),
  ].flatMap(({ message }: Data) => (isChineseAlone(message) ? [] : [message]));
};

/** Paths of exact amounts and of their currencies, which are sent together. */
const amounts = new Set(
  placesWhere((path, type) => type === 'Decimal' && path.endsWith('.amount')).map(([, path]) => path),
);

/** The arguments with what a value at that path needs beside it, and without what excludes it. */
function besides(mutation: string, path: string, args: Data): Data {
  if (mutation === 'fileAttach' && path.startsWith('input.')) return { ...args, input: {} };
  if (mutation === 'userHandOver' && path.startsWith('input.to.')) return put(args, 'input.to', {});
  if (mutation === 'customersOnboard' && path.includes('contacts'))
    return put(args, 'inputs.0.contacts.0.name', '张三');
  const given =
    mutation === 'leadConvert' && /amount|expectedCloseOn/.test(path)
      ? put(args, 'input.opportunityName', '商机')
      : args;
  const amount = path.replace(/currency$/, 'amount');
  if (amount !== path && amounts.has(amount)) return put(given, amount, '1');
  return amounts.has(path) ? put(given, path.replace(/amount$/, 'currency'), 'CNY') : given;
}

let t: TestTenant;
let fresh: Fresh;
beforeAll(async () => {
  t = await tenant();
  fresh = new Fresh(t);
});

const places = placesWhere((_, type) => type in wrongValues);
const types = new Map(
  Object.keys(wrongValues).flatMap((of) =>
    placesWhere((_, type) => type === of).map((place) => [place.join(' '), of] as const),
  ),
);
/** With `npm test` one wrong value in so many is tried. */
const oneIn = countOf({ few: 3, all: 1 });
let refusals = 0;

test.each([...new Set(places.map(([mutation]) => mutation))])(
  '%s names the wrong one of its arguments',
  async (mutation) => {
    const astray: string[] = [];
    const english: string[] = [];
    let args = await argumentsOf[mutation]!(fresh);
    for (const [, path] of places.filter(([of]) => of === mutation)) {
      for (const [index, value] of wrongValues[types.get(`${mutation} ${path}`)!]!.entries()) {
        if (!isChosen(`${mutation} ${path} ${index}`, oneIn)) continue;
        const variables = put(besides(mutation, path, args), path, value);
        const { body } = await fresh.mutate(mutation, variables, 'id', { 'accept-language': 'zh' });
        english.push(...englishIn(body, mutation));
        // who may not do it at all learns nothing of the argument
        if (body.errors?.[0].extensions.code === 'FORBIDDEN') continue;
        const paths = pathsIn(body, mutation);
        if (paths.length === 0) {
          // the value was taken: what follows needs records that nothing has happened to
          args = await argumentsOf[mutation]!(fresh);
          continue;
        }
        refusals += 1;
        const reached = paths.map((found) => valueAt(variables, found));
        // of two days that were sent in the wrong order the later one is named
        const isOrder =
          JSON.stringify(body).includes('DATES_REVERSED') && reached.every((found) => found !== undefined);
        if (!isOrder && !reached.includes(value))
          astray.push(`${path} = ${JSON.stringify(value).slice(0, 40)}: ${JSON.stringify(body).slice(0, 300)}`);
      }
    }
    expect(astray).toEqual([]);
    expect([...new Set(english)]).toEqual([]);
  },
);

test('there was something wrong with most arguments', () => {
  expect(places.length).toBeGreaterThan(400);
  expect(refusals).toBeGreaterThan(places.length / oneIn);
  expect(Object.keys(mutations).filter((mutation) => !places.some(([of]) => of === mutation))).toEqual([
    'contractsExpire',
    'healthRunStart',
    'roleReachChange',
  ]);
});
