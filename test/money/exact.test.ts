import fc from 'fast-check';
import { documentOf } from '../support/documents.js';
import { holds } from '../support/generated.js';
import { placesWhere, put } from '../support/inputs.js';
import { argumentsOf, Fresh } from '../support/mutations.js';
import { customer, written } from '../support/records.js';
import { requestOf, requests } from '../support/requests.js';
import { tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';

let t: TestTenant;
let fresh: Fresh;
let company: string;
beforeAll(async () => {
  t = await tenant();
  fresh = new Fresh(t);
  company = (await customer(t.admin, { name: '甲' })).id;
});

/** The double that lies so many places after this one. */
function beside(value: number, places: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(places));
  return view.getFloat64(0);
}

const inCents = (cents: number): string => (cents / 100).toFixed(2);

async function stored(amounts: readonly unknown[]): Promise<Data[]> {
  const { opportunitiesCreate } = await t.admin.graph(
    'mutation ($inputs: [OpportunityInput!]!) { opportunitiesCreate(inputs: $inputs) { results { opportunity { amount { amount } } userErrors { code field } } } }',
    { inputs: amounts.map((amount) => ({ name: '乙', customer: company, amount: { amount } })) },
  );
  return opportunitiesCreate.results.map(({ opportunity, userErrors }: Data) =>
    opportunity ? opportunity.amount.amount : userErrors,
  );
}

describe('a JSON number that differs from one with two decimals by the last bits of a double', () => {
  test('is that number: what is near to it, sums of prices, and prices times quantities', () =>
    holds(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.integer({ min: 1, max: 99_999_999_999 }), fc.integer({ min: -4, max: 4 }), fc.nat(9_999_999)),
          { minLength: 40, maxLength: 40 },
        ),
        async (cases) => {
          const expected = cases.flatMap(([cents, , more]) => [cents, cents + more, (more % 1000) * (cents % 100_000)]);
          const sent = cases.flatMap(([cents, places, more]) => [
            beside(cents / 100, places),
            cents / 100 + more / 100,
            (more % 1000) * ((cents % 100_000) / 100),
          ]);
          expect(await stored(sent)).toEqual(expected.map(inCents));
        },
      ),
      { few: 5, all: 50 },
    ));

  test.each([
    ['59.699999999999996', '59.70'],
    ['0.30000000000000004', '0.30'],
    ['1e2', '100.00'],
    ['1E+2', '100.00'],
    ['1.5e1', '15.00'],
    ['-0', '0.00'],
    ['0.0', '0.00'],
    ['123456789012.34002', '123456789012.34'],
    ['9999999999998.99', '9999999999998.99'],
  ])('as a literal of a query and as a variable alike: %s is %s', async (written, amount) => {
    const mutation = (value: string): string =>
      `opportunityCreate(input: { name: "丙", customer: "${company}", amount: { amount: ${value} } }) { opportunity { amount { amount } } }`;
    const { a } = await t.admin.graph(`mutation { a: ${mutation(written)} }`);
    expect(a.opportunity.amount).toEqual({ amount });
    expect(await stored([JSON.parse(written)])).toEqual([amount]);
  });
});

/** What cannot be kept exactly, or is no decimal. */
const inexact = [0.125, '0.125', 1e-7, 1e21, 0.1234567, '59.699999999999996', '1e2', '0x10', '1,000', '', '１２'];

test.each([
  9999999999999.125,
  9999999999999.994,
  123456789.0125,
  5e-324,
  1e300,
  '9'.repeat(20),
  '0.001',
  '-0.005',
  ...inexact,
])('%p is refused, naming the field, and nothing is stored', async (amount) => {
  const before = await written(t);
  const { body } = await t.admin.graph.raw(
    'mutation ($amount: Decimal!, $customer: ID!) { opportunityCreate(input: { name: "丁", customer: $customer, amount: { amount: $amount } }) { opportunity { id } userErrors { code field } } }',
    { amount, customer: company },
  );
  if (body.errors) expect(body.errors[0]).toMatchObject({ message: expect.stringContaining('"$amount"') });
  else expect(body.data.opportunityCreate.userErrors[0].field).toEqual(['input', 'amount', 'amount']);
  expect(body.errors?.[0].extensions.code ?? 'BAD_USER_INPUT').toBe('BAD_USER_INPUT');
  expect(await written(t)).toEqual(before);
});

const places = placesWhere((_path, type) => ['Decimal', 'Percent', 'Float'].includes(type));

/** Values with noise, and what they are: whole percent, one decimal up to 5, two decimals. */
const noisy: Record<string, [sent: number, kept: number]> = {
  probability: [60.00000000000001, 60],
  effectiveness: [4.699999999999999, 4.7],
};
const noisyFor = (path: string): [number, number] => noisy[path.split('.').at(-1)!] ?? [59.699999999999996, 59.7];

/** What a mutation needs beside its usual arguments to do something with an amount. */
const besides: Record<string, Data> = {
  leadConvert: { 'input.opportunityName': '商机' },
  successTaskChangeStatus: { status: 'DONE' },
};

async function prepared(mutation: string, path: string): Promise<Data> {
  let args: Data = await argumentsOf[mutation]!(fresh);
  // what was won is said of what is won
  if (path.endsWith('actualAmount.amount'))
    args = put(args, path.replace('actualAmount.amount', 'stage'), 'CLOSED_WON');
  for (const [path, value] of Object.entries(besides[mutation] ?? {})) args = put(args, path, value);
  return args;
}

const keptBy = async (requestId: string): Promise<number[]> =>
  (
    await t.admin.graph(
      'query ($requestId: String) { auditEntries(filter: { requestId: $requestId }, first: 100) { nodes { changes { after } } } }',
      { requestId },
    )
  ).auditEntries.nodes.flatMap(({ changes }: Data) => changes.map(({ after }: Data) => Number(after)));

test('mutations take decimals', () => {
  expect(places.length).toBeGreaterThan(15);
});

describe.each(places)('%s takes %s', (mutation, path) => {
  test('and refuses what cannot be kept exactly, naming it; nothing is done', async () => {
    const args = await prepared(mutation, path);
    const before = await written(t);
    for (const value of inexact) {
      const { body } = await fresh.mutate(mutation, put(args, path, value), 'id');
      const answer = body.data?.[mutation];
      const errors = body.errors ?? [
        ...(answer.userErrors as Data[]),
        ...(answer.results ?? []).flatMap(({ userErrors }: Data) => userErrors),
      ];
      expect([value, errors.length]).toEqual([value, 1]);
      expect([value, errors[0].message]).toEqual([
        value,
        expect.stringContaining(path.replace(/^(inputs\.0\.)?((input|customer)\.)?/, '')),
      ]);
    }
    expect(await written(t)).toEqual(before);
  });

  test('and takes float noise for what it is noise of', async () => {
    const [sent, kept] = noisyFor(path);
    const requestId = `noise-${mutation}-${path}`;
    const { body } = await fresh.mutate(mutation, put(await prepared(mutation, path), path, sent), 'id', {
      'x-request-id': requestId,
    });
    expect([body.errors, body.data?.[mutation].userErrors]).toEqual([undefined, []]);
    expect(await keptBy(requestId)).toContain(kept);
  });
});

/** A request of a row in which the amount has something to be of: a conversion makes an opportunity, and what was won is won. */
async function requestWith(
  dialect: Dialect,
  row: string,
  path: string,
): Promise<Awaited<ReturnType<typeof requestOf>>> {
  const request = await requestOf(fresh, dialect, row);
  const more = {
    ...(row.endsWith('/convert') && { opportunityName: '商机' }),
    ...(path === 'actualAmount' && / \/opportunities(\/\{id\})?$/.test(row) && { stage: 'closed_won' }),
  };
  return { ...request, body: { ...request.body, ...more } };
}

/** Number fields of bodies that hold whole numbers, and what a document calls a number all the same. */
const whole = ['duration_minutes'];

describe.each(Object.keys(requests) as Dialect[])('in the dialect %s', (dialect) => {
  let fields: Array<{ row: string; path: string; cents: boolean }>;
  beforeAll(async () => {
    const { operations } = await documentOf(dialect);
    fields = operations.flatMap(({ row, fields: of }) =>
      of
        .filter(({ path, schema }) => [schema.type].flat().includes('number') || /cents$/i.test(path))
        .map(({ path }) => ({ row, path, cents: /cents$/i.test(path) })),
    );
    fields = [...new Map(fields.map((field) => [`${field.row} ${field.path}`, field])).values()];
  });

  test('every field with a number refuses what cannot be kept exactly, naming it, and nothing is done', async () => {
    expect(fields.length).toBe({ erp: 15, cell: 5, lifecycle: 4, platform: 0 }[dialect]);
    for (const { row, path, cents } of fields) {
      const { method, path: url, body } = await requestWith(dialect, row, path);
      const before = await written(t);
      for (const value of cents ? [12.5, '12.5', 1e21, 0.1234567, '1e2', '１２'] : inexact.filter(Boolean)) {
        const answer = await t.admin.rest(dialect)[method](url, put(body, path, value));
        const name = path.split('.').at(-1);
        const isImport = row.endsWith('/import');
        expect([row, path, value, answer.status]).toEqual([row, path, value, isImport ? 200 : 400]);
        expect([row, value, JSON.stringify(answer.body)]).toEqual([row, value, expect.stringContaining(name!)]);
      }
      expect([row, await written(t)]).toEqual([row, before]);
    }
  });

  test('every such field takes float noise for what it is noise of', async () => {
    for (const { row, path, cents } of fields.filter(({ path: name }) => !whole.includes(name))) {
      const { method, path: url, body } = await requestWith(dialect, row, path);
      const [sent, kept] = cents ? [19.99 * 100, 19.99] : noisyFor(path);
      const requestId = `noise-${dialect}-${row}-${path}`;
      const answer = await t.admin.rest(dialect)[method](url, put(body, path, sent), { 'x-request-id': requestId });
      expect([row, Math.floor(answer.status / 100)]).toEqual([row, 2]);
      expect([row, path, await keptBy(requestId)]).toEqual([row, path, expect.arrayContaining([kept])]);
    }
  });
});
