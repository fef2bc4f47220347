import {
  agreed,
  booksOf,
  creditBalance,
  currencies,
  isOverdue,
  isReceivable,
  money,
  moneySum,
  openTerms,
  outstanding,
  overdueAmount,
  punctual,
  received,
  sum,
  wasInForce,
  type Books,
  type Contract,
  type Customer,
} from '../support/books.js';
import { readCsv } from '../support/csv.js';
import { countOf, repeatable, seed } from '../support/generated.js';
import { address } from '../support/http.js';
import { Random } from '../support/operations.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// Every number that is made of contracts, payments and opportunities, in the graph, in the dialects and in files, against
// the same reckoned without a database.

const aMoney = '{ amount currency }';
const aSum = '{ amount currency otherCurrencies { amount currency } }';
const rounded = (value: number): number => Math.round(value * 100) / 100;

let worlds: Array<{ t: TestTenant; books: Books }>;
beforeAll(async () => {
  const random = new Random(seed);
  worlds = [];
  for (let count = countOf({ few: 3, all: 12 }); count > 0; count -= 1) {
    const t = await tenant();
    await repeatable(async () => void worlds.push({ t, books: await booksOf(t, random) }));
  }
}, 240_000);

/** Checks something of each tenant; an error says how the same is generated again. */
const inEach = (check: (t: TestTenant, books: Books) => Promise<void>): Promise<void> =>
  repeatable(async () => {
    for (const { t, books } of worlds) await check(t, books);
  });

const perCurrency = <T extends { currency: string }>(
  rows: readonly T[],
  amounts: Record<string, (row: T) => number | null>,
): Data =>
  [...currencies].toSorted().flatMap((currency) => {
    const own = rows.filter((row) => row.currency === currency);
    const sums = Object.entries(amounts).map(([name, amount]) => [name, money(sum(own.map(amount)), currency)]);
    return own.length > 0 ? [{ currency, count: own.length, ...Object.fromEntries(sums) }] : [];
  });

test('contracts say what their terms owe, what was received, what is open, overdue and paid beyond', () =>
  inEach(async (t, { contracts }) => {
    const { contracts: found } = await t.admin.graph(
      `{ contracts(first: 50, orderBy: [{ field: NUMBER }]) { nodes { id status term amount ${aMoney} paidAmount ${aMoney} outstandingAmount ${aMoney} overdueAmount ${aMoney} creditBalance ${aMoney} overdue terms { term dueOn amount ${aMoney} outstandingAmount ${aMoney} } } } }`,
    );
    expect(found.nodes).toEqual(
      contracts.map((contract) => {
        const { id, status, currency, terms } = contract;
        const open = openTerms(contract);
        return {
          id,
          status,
          term: terms.length,
          amount: money(terms.at(-1)!.amount, currency),
          paidAmount: money(received(contract), currency),
          outstandingAmount: money(outstanding(contract), currency),
          overdueAmount: money(overdueAmount(contract), currency),
          creditBalance: money(creditBalance(contract), currency),
          overdue: isOverdue(contract),
          terms: terms.map(({ dueOn, amount }, index) => ({
            term: index + 1,
            dueOn,
            amount: money(amount, currency),
            outstandingAmount: money(open[index]!, currency),
          })),
        };
      }),
    );
  }));

const ofContracts: Record<string, (contract: Contract) => number | null> = {
  amount: ({ terms }) => terms.at(-1)!.amount,
  paidAmount: received,
  outstandingAmount: outstanding,
  creditBalance,
};

test('sums over filtered lists are those of the rows, in each currency', () =>
  inEach(async (t, { customers, contracts, opportunities }) => {
    const cases: Array<[filter: Data, keep: (contract: Contract) => boolean]> = [
      [{}, () => true],
      [{ status: ['IN_FORCE'] }, ({ status }) => status === 'IN_FORCE'],
      [{ status: ['EXPIRED', 'TERMINATED'] }, ({ status }) => status === 'EXPIRED' || status === 'TERMINATED'],
      [{ receivable: true }, isReceivable],
      [{ overdue: true }, isOverdue],
      [{ overdue: false }, (contract) => !isOverdue(contract)],
      [{ customer: customers[0]!.id }, ({ customer }) => customer === customers[0]],
      [{ amountMin: '5000' }, ({ terms }) => (terms.at(-1)!.amount ?? 0) >= 500_000],
    ];
    for (const [filter, keep] of cases) {
      const { contracts: found } = await t.admin.graph(
        `query ($filter: ContractFilter) { contracts(first: 1, filter: $filter) { sums { currency count ${Object.keys(
          ofContracts,
        )
          .map((name) => `${name} ${aMoney}`)
          .join(' ')} } } }`,
        { filter },
      );
      expect([filter, found.sums]).toEqual([filter, perCurrency(contracts.filter(keep), ofContracts)]);
    }
    const payments = contracts.flatMap(({ id, currency, payments: of }) =>
      of.map((payment) => ({ ...payment, contract: id, currency })),
    );
    const signed = ({ kind, amount }: Data): number => (kind === 'REFUND' ? -amount : amount);
    for (const [filter, keep] of [
      [{}, () => true],
      [{ kind: ['REFUND'] }, ({ kind }) => kind === 'REFUND'],
      [{ contract: contracts[0]!.id }, ({ contract }) => contract === contracts[0]!.id],
      [{ paidFrom: '2021-01-01' }, ({ paidAt }) => paidAt >= '2021-01-01'],
    ] satisfies Array<[Data, (payment: Data) => boolean]>) {
      const { payments: found } = await t.admin.graph(
        `query ($filter: PaymentFilter) { payments(first: 0, filter: $filter) { sums { currency count amount ${aMoney} } } }`,
        { filter },
      );
      expect([filter, found.sums]).toEqual([filter, perCurrency(payments.filter(keep), { amount: signed })]);
    }
    for (const [filter, keep] of [
      [{}, () => true],
      [{ open: true }, ({ stage }) => !stage.startsWith('CLOSED')],
      [{ stage: ['CLOSED_WON'] }, ({ stage }) => stage === 'CLOSED_WON'],
      [{ customer: customers[1]!.id }, ({ customer }) => customer === customers[1]],
      [{ closedFrom: '2024-05-07' }, () => false],
    ] satisfies Array<[Data, (sale: Data) => boolean]>) {
      const { opportunities: found } = await t.admin.graph(
        `query ($filter: OpportunityFilter) { opportunities(filter: $filter) { sums { currency count amount ${aMoney} wonAmount ${aMoney} } } }`,
        { filter },
      );
      const amounts = { amount: ({ expected }: Data) => expected, wonAmount: ({ won }: Data) => won };
      expect([filter, found.sums]).toEqual([filter, perCurrency(opportunities.filter(keep), amounts)]);
    }
  }));

test('customers say what they owe, use of their credit, have paid too much and are worth', () =>
  inEach(async (t, { customers, contracts, opportunities }) => {
    const { customers: found } = await t.admin.graph(
      `{ customers(orderBy: [{ field: NUMBER }]) { nodes { id credit { used ${aSum} } receivable { count amount ${aSum} overdue ${aSum} } creditBalance ${aSum} contractAmount ${aSum} lifetimeValue ${aSum} openOpportunityAmount ${aSum} wonOpportunityAmount ${aSum}
        valueAnalysis { totalRevenue ${aSum} paymentCount duePaymentCount paymentPunctuality contractCount contractStability } } } }`,
    );
    expect(found.nodes).toEqual(
      customers.map((customer) => {
        const own = contracts.filter((contract) => contract.customer === customer);
        const sales = opportunities.filter((sale) => sale.customer === customer);
        const of = (amount: (contract: Contract) => number | null, keep: (contract: Contract) => boolean): Data =>
          moneySum(own.filter(keep), amount, customer.currency);
        const inTime = own.flatMap(punctual);
        const ever = own.filter(({ status }) => status !== 'DRAFT');
        const terms = sum(ever.map(({ terms: each }) => each.length));
        const ended = ever.filter(({ status }) => status === 'TERMINATED').length;
        return {
          id: customer.id,
          credit: { used: of(outstanding, ({ status }) => status === 'IN_FORCE') },
          receivable: {
            count: own.filter(isReceivable).length,
            amount: of(outstanding, isReceivable),
            overdue: of(overdueAmount, isOverdue),
          },
          creditBalance: of(creditBalance, () => true),
          contractAmount: of(
            ({ terms: each }) => each.at(-1)!.amount,
            ({ status }) => status === 'IN_FORCE',
          ),
          lifetimeValue: of(agreed, wasInForce),
          openOpportunityAmount: moneySum(
            sales.filter(({ stage }) => !stage.startsWith('CLOSED')),
            ({ expected }) => expected,
            customer.currency,
          ),
          wonOpportunityAmount: moneySum(sales, ({ won }) => won, customer.currency),
          valueAnalysis: {
            totalRevenue: of(received, () => true),
            paymentCount: own.flatMap(({ payments }) => payments.filter(({ kind }) => kind === 'PAYMENT')).length,
            duePaymentCount: inTime.length,
            paymentPunctuality:
              inTime.length > 0 ? rounded((100 * inTime.filter(Boolean).length) / inTime.length) : null,
            contractCount: ever.length,
            contractStability: terms > 0 ? rounded((100 * (terms - ended)) / terms) : null,
          },
        };
      }),
    );
  }));

/** Half the share of payments in time, half the share of what was agreed that is not overdue; 75 without either. */
function financial(own: readonly Contract[]): string {
  const inTime = own.flatMap(punctual);
  const ever = own.filter(wasInForce);
  const [all, late] = [sum(ever.map(agreed)), sum(ever.map(overdueAmount))];
  if (all === 0 && inTime.length === 0) return '75.0';
  const share = inTime.length > 0 ? inTime.filter(Boolean).length / inTime.length : 1;
  return (50 * share + 50 * (1 - (all > 0 ? late / all : 0))).toFixed(1);
}

test('the health of a customer follows terms and refunds', () =>
  inEach(async (t, { customers, contracts }) => {
    for (const customer of customers) {
      const own = contracts.filter((contract) => contract.customer === customer);
      const { customerCalculateHealth } = await t.admin.graph(
        'mutation ($id: ID!) { customerCalculateHealth(id: $id) { healthScore { financial negativeFactors } } }',
        { id: customer.id },
      );
      const { healthScore } = customerCalculateHealth;
      expect(Number(healthScore.financial)).toBeCloseTo(Number(financial(own)), 0);
      const overdue = own.filter(isOverdue).length;
      const said = healthScore.negativeFactors.find((text: string) => text.endsWith('付款逾期')) ?? null;
      expect(said).toBe(overdue > 0 ? `${overdue} 份合同付款逾期` : null);
    }
  }));

test('the dialects give the same numbers', () =>
  inEach(async (t, { customers, contracts }) => {
    const [erp, cell, lifecycle] = (['erp', 'cell', 'lifecycle'] as const).map((name) => t.admin.rest(name));
    for (const customer of customers) {
      const own = contracts.filter((contract) => contract.customer === customer);
      const inYuan = (amount: (contract: Contract) => number | null, keep: (contract: Contract) => boolean): number =>
        sum(own.filter((one) => one.currency === 'CNY' && keep(one)).map(amount));
      const account = await erp!.get(`/accounts/${customer.id}`);
      expect(account.body.data.creditUsed).toBe(inYuan(outstanding, ({ status }) => status === 'IN_FORCE') / 100);

      const { summary } = (await cell!.get(`/customers/${customer.id}/360`)).body;
      expect(summary.receivableCents).toBe(inYuan(outstanding, isReceivable));
      const listed = (await cell!.get('/payments?pageSize=500')).body.data as Data[];
      for (const contract of own)
        expect(sum(listed.filter(({ contractId }) => contractId === contract.id).map(cents))).toBe(received(contract));

      const { data } = (await lifecycle!.get(`/customers/${customer.number}/analysis/value`)).body;
      expect(data.value_analysis.ltv).toBe(inYuan(agreed, wasInForce) / 100);
      expect(data.financial_metrics.total_revenue).toBe(inYuan(received, () => true) / 100);
      const inTime = own.flatMap(punctual);
      expect(data.financial_metrics.payment_punctuality).toBe(
        inTime.length > 0 ? Math.round((1e4 * inTime.filter(Boolean).length) / inTime.length) / 1e4 : null,
      );
    }
  }));

const cents = ({ amountCents }: Data): number => amountCents;

test('files give the same numbers', () =>
  inEach(async (t, { contracts }) => {
    const response = await fetch(`${address()}/export/contracts.csv?orderBy=[{"field":"NUMBER"}]`, {
      headers: { authorization: `Bearer ${t.admin.token}`, 'accept-language': 'en' },
    });
    const [headings, ...rows] = readCsv((await response.text()).replace(/^\uFEFF/, ''));
    const column = (name: string): string[] => rows.map((row) => row[headings!.indexOf(name)]!);
    const written = (amount: (contract: Contract) => number | null): string[] =>
      contracts.map((contract) => money(amount(contract), '')?.amount ?? '');
    expect(column('Amount')).toEqual(written(ofContracts['amount']!));
    expect(column('Paid amount')).toEqual(written(received));
    expect(column('Outstanding amount')).toEqual(written(outstanding));
    expect(column('Overdue amount')).toEqual(written(overdueAmount));
    expect(column('Credit balance')).toEqual(written(creditBalance));
    expect(column('Overdue')).toEqual(contracts.map((contract) => (isOverdue(contract) ? 'Yes' : 'No')));
  }));

test('what the tenant is owed is what its contracts owe, by currency', () =>
  inEach(async (t, { contracts }) => {
    const { receivables } = await t.admin.graph(
      `{ receivables { currency count customerCount overdueCount amount ${aMoney} overdueAmount ${aMoney} overdueLonger ${aMoney} } }`,
    );
    const expected = currencies.flatMap((currency) => {
      const open = contracts.filter((contract) => contract.currency === currency && isReceivable(contract));
      if (open.length === 0) return [];
      const overdue = money(sum(open.map(overdueAmount)), currency);
      return [
        {
          currency,
          count: open.length,
          customerCount: new Set(open.map(({ customer }): Customer => customer)).size,
          overdueCount: open.filter(isOverdue).length,
          amount: money(sum(open.map(outstanding)), currency),
          overdueAmount: overdue,
          overdueLonger: overdue,
        },
      ];
    });
    const byCurrency = (a: Data, b: Data): number => (a.currency < b.currency ? -1 : 1);
    expect(receivables.toSorted(byCurrency)).toEqual(expected.toSorted(byCurrency));
  }));
