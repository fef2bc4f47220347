import { documentOf } from '../support/documents.js';
import { placesWhere, put } from '../support/inputs.js';
import { argumentsOf, Fresh } from '../support/mutations.js';
import { contract, customer, opportunity, written } from '../support/records.js';
import { requestOf, requests } from '../support/requests.js';
import { tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';

let t: TestTenant;
let fresh: Fresh;
beforeAll(async () => {
  t = await tenant();
  fresh = new Fresh(t);
});

/** What is no code of ISO 4217. */
const wrong = ['¥', '人民币', 'RMB', 'CN', 'CNYY', 'DEM', 'XXX', '156', 'C N Y', 'ＣＮＹ'];

const places = placesWhere((path, type) => path.endsWith('.currency') && type === 'String');

/** Arguments with a currency at that place, and with an amount beside it where it is the currency of one. */
async function argumentsWith(mutation: string, path: string, currency: string): Promise<Data> {
  let args = put(await argumentsOf[mutation]!(fresh), path, currency);
  const amount = path.replace(/currency$/, 'amount');
  if (/(amount|Amount|Limit|budget|Cost|revenue)\.currency$/.test(path)) args = put(args, amount, '1');
  if (path.includes('actualAmount')) args = put(args, path.replace('actualAmount.currency', 'stage'), 'CLOSED_WON');
  if (mutation === 'leadConvert') args = put(args, 'input.opportunityName', '商机');
  return args;
}

test('mutations take currencies', () => {
  expect(places.length).toBeGreaterThan(15);
});

describe.each(places)('%s takes %s', (mutation, path) => {
  test('and refuses what is no code of ISO 4217, naming it; nothing is done', async () => {
    const args = await argumentsWith(mutation, path, 'CNY');
    const before = await written(t);
    for (const value of [...wrong, '', ' ']) {
      const { body } = await fresh.mutate(mutation, put(args, path, value), 'id');
      const { userErrors, results = [] } = body.data[mutation];
      const errors = [...userErrors, ...results.flatMap(({ userErrors: of }: Data) => of)];
      const [{ code, message }] = errors;
      expect([value, errors.length, code, message]).toEqual([
        value,
        1,
        value.trim() === '' ? 'REQUIRED' : 'INVALID',
        expect.stringMatching(/\bcurrency is (not valid|required)\.$/),
      ]);
    }
    expect(await written(t)).toEqual(before);
  });

  test('and keeps a code that is written small as it is written large', async () => {
    // the records of the table are in yuan where they have amounts already
    const { body } = await fresh.mutate(mutation, await argumentsWith(mutation, path, ' cny '), 'id', {
      'x-request-id': `small-${mutation}-${path}`,
    });
    const { userErrors, results = [] } = body.data[mutation];
    expect([...userErrors, ...results.flatMap(({ userErrors: of }: Data) => of)]).toEqual([]);
    const { auditEntries } = await t.admin.graph(
      'query ($requestId: String) { auditEntries(filter: { requestId: $requestId }, first: 100) { nodes { changes { field after } } } }',
      { requestId: `small-${mutation}-${path}` },
    );
    const said = auditEntries.nodes
      .flatMap(({ changes }: Data) => changes)
      .filter(({ field }: Data) => field === 'currency');
    expect(said.every(({ after }: Data) => after === 'CNY')).toBe(true);
  });
});

test('every field of a dialect that is a currency refuses what is none, and keeps small letters as large ones', async () => {
  let tried = 0;
  for (const dialect of Object.keys(requests) as Dialect[]) {
    const { operations } = await documentOf(dialect);
    for (const { row, fields } of operations)
      for (const { path } of fields.filter(({ path: name }) => /(^|\.)currency$/.test(name))) {
        const request = await requestOf(fresh, dialect, row);
        const { method, path: url } = request;
        // a currency is one of an amount
        const body = row === 'PATCH /opportunities/{id}' ? { ...request.body, amountCents: 100 } : request.body;
        const before = await written(t);
        for (const value of wrong) {
          const answer = await t.admin.rest(dialect)[method](url, put(body, path, value));
          expect([row, value, answer.status]).toEqual([row, value, row.endsWith('/import') ? 200 : 400]);
          expect([row, value, JSON.stringify(answer.body)]).toEqual([row, value, expect.stringContaining('currency')]);
        }
        expect([row, await written(t)]).toEqual([row, before]);
        const kept = await t.admin.rest(dialect)[method](url, put(body, path, 'cny'));
        expect([row, Math.floor(kept.status / 100)]).toEqual([row, 2]);
        tried += 1;
      }
  }
  expect(tried).toBe(6);
});

describe('the currency of a record is fixed once there is money in it', () => {
  const usd = (amount: string): Data => ({ amount, currency: 'USD' });
  const yuan = (amount: string): Data => ({ amount, currency: 'CNY' });
  const run = async (mutation: string, variables: object): Promise<Data> =>
    (Object.values(await t.admin.graph(mutation, variables)) as Data[])[0].userErrors.map(
      ({ code, field }: Data) => `${code} ${field.join('.')}`,
    );
  const update = (record: string, id: string, input: object): Promise<Data> =>
    run(
      `mutation ($id: ID!, $input: ${record[0]!.toUpperCase()}${record.slice(1)}Input!) { ${record}Update(id: $id, input: $input) { userErrors { code field } } }`,
      { id, input },
    );

  test('of an opportunity by its amounts', async () => {
    const { id: of } = await fresh.customer();
    const sale = (more: object): Promise<Data> => opportunity(t.admin, { name: '甲', customer: of, ...more });
    for (const free of [{}, { amount: yuan('0') }]) {
      const { id } = await sale(free);
      expect(await update('opportunity', id, { amount: usd('5') })).toEqual([]);
      expect(await update('opportunity', id, { amount: yuan('5') })).toEqual(['CURRENCY_FIXED input.amount.currency']);
    }
    const won = await sale({ stage: 'CLOSED_WON', actualAmount: yuan('3') });
    expect(await update('opportunity', won.id, { amount: usd('5') })).toEqual(['CURRENCY_FIXED input.amount.currency']);
    expect(await update('opportunity', won.id, { actualAmount: usd('5') })).toEqual([
      'CURRENCY_FIXED input.actualAmount.currency',
    ]);
    expect(await update('opportunity', (await sale({})).id, { amount: usd('5'), actualAmount: yuan('5') })).toEqual([
      'INVALID input.actualAmount.currency',
    ]);
  });

  test('of a contract by its amount, its former terms and its payments, which are in its currency', async () => {
    const { id: of } = await fresh.customer();
    const agreed = (more: object): Promise<Data> =>
      contract(t.admin, { name: '甲', customer: of, status: 'IN_FORCE', endsOn: '2090-12-31', ...more });
    const pay = (id: string, amount: Data): Promise<Data> =>
      run('mutation ($input: PaymentInput!) { paymentCreate(input: $input) { userErrors { code field } } }', {
        input: { contract: id, amount },
      });
    const renew = (id: string, amount: Data): Promise<Data> =>
      run(
        'mutation ($id: ID!, $input: ContractRenewInput!) { contractRenew(id: $id, input: $input) { userErrors { code field } } }',
        { id, input: { endsOn: '2091-12-31', amount } },
      );
    const fixed = ['CURRENCY_FIXED input.amount.currency'];
    const free = await agreed({});
    expect(await update('contract', free.id, { amount: usd('5') })).toEqual([]);
    expect(await update('contract', free.id, { amount: yuan('5') })).toEqual(fixed);
    expect(await renew(free.id, yuan('5'))).toEqual(fixed);
    expect(await renew(free.id, usd('5'))).toEqual([]);
    expect(await update('contract', free.id, { amount: null })).toEqual([]);
    expect(await update('contract', free.id, { amount: yuan('5') })).toEqual(fixed);
    const paid = await agreed({});
    expect(await pay(paid.id, usd('1'))).toEqual(fixed);
    expect(await pay(paid.id, yuan('1'))).toEqual([]);
    expect(await update('contract', paid.id, { amount: usd('5') })).toEqual(fixed);
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['its credit limit', (id) => update('customer', id, { creditLimit: yuan('5') })],
    [
      'an assessment',
      (id) =>
        run(
          'mutation ($input: CreditAssessmentInput!) { creditAssessmentCreate(input: $input) { userErrors { code field } } }',
          { input: { customer: id, score: 80, creditLimit: yuan('5') } },
        ),
    ],
    ['an opportunity', (id) => opportunity(t.admin, { name: '甲', customer: id, amount: yuan('5') })],
    [
      'what was won',
      (id) => opportunity(t.admin, { name: '甲', customer: id, stage: 'CLOSED_WON', actualAmount: yuan('5') }),
    ],
    ['a contract', (id) => contract(t.admin, { name: '甲', customer: id, amount: yuan('5') })],
    [
      'a payment',
      async (id) => {
        const { id: of } = await contract(t.admin, { name: '甲', customer: id });
        await run('mutation ($input: PaymentInput!) { paymentCreate(input: $input) { userErrors { code field } } }', {
          input: { contract: of, amount: yuan('5') },
        });
      },
    ],
  ])('of a customer by %s', async (_what, give) => {
    const { id } = await customer(t.admin, { name: `客户 ${crypto.randomUUID()}`, currency: 'CNY' });
    expect(await update('customer', id, { currency: 'USD' })).toEqual([]);
    expect(await update('customer', id, { currency: 'CNY' })).toEqual([]);
    await give(id);
    expect(await update('customer', id, { currency: 'USD' })).toEqual(['CURRENCY_FIXED input.currency']);
    expect(await update('customer', id, { currency: 'cny' })).toEqual([]);
  });

  test('of a campaign by its budget, cost and revenue', async () => {
    for (const input of [{ budget: yuan('5') }, { actualCost: yuan('5') }]) {
      const { id } = await fresh.campaign();
      expect(await update('campaign', id, { budget: usd('0') })).toEqual([]);
      expect(await update('campaign', id, { budget: yuan('0') })).toEqual([]);
      expect(await update('campaign', id, input)).toEqual([]);
      expect(await update('campaign', id, { budget: usd('5') })).toEqual(['CURRENCY_FIXED input.budget.currency']);
    }
  });
});
