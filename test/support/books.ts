import { Random } from './operations.js';
import * as records from './records.js';
import type { Data, TestTenant } from './tenant.js';

// A tenant's contracts, payments and opportunities as plain data, and what they come to, reckoned in cents without a
// database: what the server says of the same records is held against it.

export type Currency = 'CNY' | 'USD' | 'JPY';
export const currencies: readonly Currency[] = ['CNY', 'USD', 'JPY'];
const past = ['2020-01-31', '2021-06-30', '2023-02-28'] as const;
const future = ['2090-01-31', '2091-06-30'] as const;
/** Every day before today lies before this one, in whatever year the tests run. */
const isPast = (day: string | null): boolean => day !== null && day < '2026-01-01';

export interface Term {
  dueOn: string | null;
  /** in cents; null where none was agreed */
  amount: number | null;
}

interface Payment {
  kind: 'PAYMENT' | 'REFUND';
  amount: number;
  paidAt: string;
}

export interface Contract {
  id: string;
  number: number;
  customer: Customer;
  currency: Currency;
  status: 'DRAFT' | 'IN_FORCE' | 'EXPIRED' | 'TERMINATED';
  signed: boolean;
  terms: Term[];
  payments: Payment[];
}

interface Opportunity {
  customer: Customer;
  currency: Currency;
  stage: string;
  expected: number | null;
  won: number | null;
}

export interface Customer {
  id: string;
  number: number;
  currency: Currency;
}

export interface Books {
  customers: Customer[];
  contracts: Contract[];
  opportunities: Opportunity[];
}

const text = (cents: number): string => (cents / 100).toFixed(2);
export const money = (cents: number | null, currency: string): Data =>
  cents === null ? null : { amount: text(cents), currency };
export const sum = (amounts: ReadonlyArray<number | null>): number => amounts.reduce<number>((a, b) => a + (b ?? 0), 0);

/** A sum as the graph gives it: of one currency, with what there is in others. */
export function moneySum<T extends { currency: Currency }>(
  rows: readonly T[],
  amount: (row: T) => number | null,
  own: Currency,
): Data {
  const of = (currency: Currency): number => sum(rows.filter((row) => row.currency === currency).map(amount));
  return {
    ...money(of(own), own),
    otherCurrencies: [...currencies]
      .toSorted()
      .filter((currency) => currency !== own && of(currency) !== 0)
      .map((currency) => money(of(currency), currency)),
  };
}

export const received = ({ payments }: Pick<Contract, 'payments'>): number =>
  sum(payments.map(({ kind, amount }) => (kind === 'REFUND' ? -amount : amount)));
export const wasInForce = ({ status }: Contract): boolean => status === 'IN_FORCE' || status === 'EXPIRED';

/** What all terms come to; null where none has an amount. */
export const agreed = ({ terms }: Contract): number | null =>
  terms.every(({ amount }) => amount === null) ? null : sum(terms.map(({ amount }) => amount));
const uncovered = (amount: number | null, by: number): number | null =>
  amount === null ? null : amount - Math.min(amount, by);
export const outstanding = (contract: Contract): number | null => uncovered(agreed(contract), received(contract));
export function creditBalance(contract: Contract): number | null {
  if (contract.terms.at(-1)!.amount === null) return null;
  return Math.max(0, received(contract) - agreed(contract)!);
}
export const isReceivable = (contract: Contract): boolean => wasInForce(contract) && (outstanding(contract) ?? 0) > 0;
export const isOverdue = (contract: Contract): boolean => wasInForce(contract) && (overdueAmount(contract) ?? 0) > 0;

/** What of each term is open: payments go to the oldest first. */
export function openTerms(contract: Contract): Array<number | null> {
  let left = received(contract);
  return contract.terms.map(({ amount }) => {
    if (amount === null) return null;
    const covered = Math.max(0, Math.min(amount, left));
    left -= covered;
    return amount - covered;
  });
}

/** What is open of the terms that were due before today. */
export function overdueAmount(contract: Contract): number | null {
  const { terms } = contract;
  if (!wasInForce(contract)) return terms.at(-1)!.amount === null ? null : 0;
  if (agreed(contract) === null) return null;
  return sum(openTerms(contract).filter((_, index) => isPast(terms[index]!.dueOn)));
}

/** For each payment that was due some day, whether it came by that day: it is for the oldest term that was not paid in full. */
export function punctual({ terms, payments }: Contract): boolean[] {
  let before = 0;
  const found: boolean[] = [];
  for (const payment of payments.toSorted((a, b) => (a.paidAt < b.paidAt ? -1 : 1))) {
    let until = 0;
    const term = terms.find(({ amount }) => (until += amount ?? 0) > before) ?? terms.at(-1)!;
    if (payment.kind === 'PAYMENT' && term.dueOn !== null) found.push(payment.paidAt.slice(0, 10) <= term.dueOn);
    before += payment.kind === 'REFUND' ? -payment.amount : payment.amount;
  }
  return found;
}

/** Makes records of every kind in a tenant, one after another, and writes down what they are. */
export async function booksOf(t: TestTenant, random: Random): Promise<Books> {
  const books: Books = { customers: [], contracts: [], opportunities: [] };
  const cents = (): number => (random.once(6) ? 0 : 1 + random.below(1_000_000));
  const maybe = (): number | null => (random.once(5) ? null : cents());
  const input = (amount: number | null, currency: Currency): Data =>
    amount === null ? null : { amount: text(amount), currency };
  const run = async (mutation: string, variables: object): Promise<void> => {
    const [payload] = Object.values(await t.admin.graph(mutation, variables)) as Data[];
    if (payload.userErrors.length > 0)
      throw new Error(`${mutation} ${JSON.stringify(variables)}: ${JSON.stringify(payload.userErrors)}`);
  };
  for (const currency of ['CNY', 'USD'] as const) {
    const made = await records.customer(t.admin, { name: `客户${currency}`, currency });
    books.customers.push({ id: made.id, number: made.number, currency });
  }
  const moments = Array.from({ length: 40 }, (_, index) => `20${19 + (index % 5)}-0${1 + (index % 9)}-1${index % 10}`);
  for (let index = 0; index < 8; index += 1) {
    const customer = random.of(books.customers);
    const currency = random.of(currencies);
    const first: Term = { dueOn: random.of([null, ...past, ...future]), amount: maybe() };
    const isDraft = random.once(6);
    const { id, number } = await records.contract(t.admin, {
      name: `合同${index}`,
      customer: customer.id,
      status: isDraft ? 'DRAFT' : 'IN_FORCE',
      startsOn: '2018-01-01',
      endsOn: '2018-12-31',
      signedOn: '2018-01-01',
      dueOn: first.dueOn,
      amount: input(first.amount ?? 0, currency),
    });
    const contract: Contract = {
      id,
      number,
      customer,
      currency,
      status: isDraft ? 'DRAFT' : 'EXPIRED',
      signed: true,
      terms: [{ ...first, amount: first.amount ?? 0 }],
      payments: [],
    };
    books.contracts.push(contract);
    for (let term = 2; !isDraft && term <= 1 + random.below(4); term += 1) {
      const { dueOn, amount } = { dueOn: random.of([null, ...past, ...future]), amount: cents() };
      const endsOn = random.once(2) ? `20${20 + term}-12-31` : `209${term}-12-31`;
      await run(
        'mutation ($id: ID!, $input: ContractRenewInput!) { contractRenew(id: $id, input: $input) { userErrors { code field } } }',
        { id, input: { endsOn, dueOn, amount: input(amount, currency) } },
      );
      contract.terms.push({ dueOn, amount });
      contract.status = isPast(endsOn) ? 'EXPIRED' : 'IN_FORCE';
      if (!isPast(endsOn)) break;
    }
    if (first.amount === null) {
      await run(
        'mutation ($id: ID!) { contractUpdate(id: $id, input: { amount: null }) { userErrors { code field } } }',
        { id },
      );
      contract.terms.at(-1)!.amount = null;
    }
    for (let count = random.below(5); count > 0; count -= 1) {
      const payment: Payment = {
        kind: received(contract) > 0 && random.once(3) ? 'REFUND' : 'PAYMENT',
        amount: 1 + random.below(400_000),
        paidAt: moments[books.contracts.length * 4 - count]!,
      };
      if (payment.kind === 'REFUND') payment.amount = 1 + random.below(received(contract));
      await run(
        'mutation ($input: PaymentInput!) { paymentCreate(input: $input, allowOverpayment: true) { userErrors { code field } } }',
        {
          input: {
            contract: id,
            kind: payment.kind,
            amount: input(payment.amount, currency),
            paidAt: `${payment.paidAt}T12:00:00`,
          },
        },
      );
      contract.payments.push(payment);
    }
    if (contract.status === 'IN_FORCE' && random.once(4)) {
      await run('mutation ($id: ID!) { contractChangeStatus(id: $id, status: TERMINATED) { userErrors { code } } }', {
        id,
      });
      contract.status = 'TERMINATED';
    }
  }
  for (let index = 0; index < 12; index += 1) {
    const sale: Opportunity = {
      customer: random.of(books.customers),
      currency: random.of(currencies),
      stage: random.of(['PROPOSAL', 'NEGOTIATION', 'CLOSED_WON', 'CLOSED_WON', 'CLOSED_LOST']),
      expected: maybe(),
      won: null,
    };
    const won = sale.stage === 'CLOSED_WON' && random.once(2) ? cents() : null;
    if (sale.stage === 'CLOSED_WON') sale.won = won ?? sale.expected;
    if (sale.expected === null && won === null) sale.currency = 'CNY';
    await records.opportunity(t.admin, {
      name: `商机${index}`,
      customer: sale.customer.id,
      stage: sale.stage,
      amount: input(sale.expected, sale.currency),
      ...(won !== null && { actualAmount: input(won, sale.currency) }),
      ...(sale.stage.startsWith('CLOSED') && { closedOn: '2024-05-06' }),
    });
    books.opportunities.push(sale);
  }
  return books;
}
