import type { GraphQLSchema } from 'graphql';
import { filled } from '../support/filled.js';
import { someOf } from '../support/generated.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';
import { behind, fromBoth, groupsOf, kinds, served, valuesOf, type Kind } from './asking.js';

// Reports and groups count the same records: what both can say, they say alike, to every caller. And whatever records are
// grouped by, the groups make up all records, and the filter of each opens exactly its records.

let t: TestTenant;
let schema: GraphQLSchema;

beforeAll(async () => {
  t = await tenant();
  schema = await served();
  await filled(t);
});

/** Counts by the value of the first key. */
const counts = ({ groups }: Data): Record<string, number> =>
  Object.fromEntries(groups.map(({ keys, count }: Data) => [keys[0].value, count]));

/** Amounts by the value of the first key, each as the amounts by currency that are not zero. */
const amounts = ({ groups }: Data, place = 0): Record<string, Record<string, string> | null> =>
  Object.fromEntries(groups.map(({ keys, values }: Data) => [keys[0].value, byCurrency(values[place].money?.amounts)]));

const byCurrency = (list: Data[] | undefined): Record<string, string> | null =>
  list
    ? Object.fromEntries(
        list.filter(({ amount }) => Number(amount) !== 0).map(({ amount, currency }) => [currency, amount]),
      )
    : null;

/** What a report says of amounts, and what groups say of them: null in both where all are hidden. */
const alike = (sum: Data, amounts: Record<string, string> | null): void =>
  expect(amounts).toEqual(sum && byCurrency([sum, ...sum.otherCurrencies]));

describe.each(['admin', 'manager', 'sales', 'viewer'] as const)('for %s', (role) => {
  test('customers by state, kind, tier and size, and by industry', async () => {
    const by = t[role];
    const { customerStatistics: of, analyticsSegments } = await by.graph(
      '{ customerStatistics { totalCount byStatus { status count } byKind { kind count } byTier { tier count } bySize { size count } } analyticsSegments(by: INDUSTRY) { name count } }',
    );
    for (const [field, of2, key] of [
      ['STATUS', of.byStatus, 'status'],
      ['KIND', of.byKind, 'kind'],
      ['TIER', of.byTier, 'tier'],
      ['SIZE', of.bySize, 'size'],
      ['INDUSTRY', analyticsSegments, 'name'],
    ] as const) {
      const groups = await groupsOf(by, 'customerGroups', { by: [{ field }] });
      expect(counts(groups)).toEqual(
        Object.fromEntries(of2.map(({ [key]: name, count }: Data) => [String(name), count])),
      );
      expect(groups.totals.count).toBe(of.totalCount);
    }
  });

  test('opportunities by stage with their sums, and by month of expected close', async () => {
    const by = t[role];
    const { pipeline, forecast } = await by.graph(
      '{ pipeline { count amount { amount currency otherCurrencies { amount currency } } stages { stage count amount { amount currency otherCurrencies { amount currency } } } } forecast { month count amount { amount currency otherCurrencies { amount currency } } } }',
    );
    const measures = [{ key: 'sum', of: 'AMOUNT', as: 'SUM' }];
    const stages = await groupsOf(by, 'opportunityGroups', { by: [{ field: 'STAGE' }], measures });
    const shown = pipeline.stages.filter(({ count }: Data) => count > 0);
    expect(counts(stages)).toEqual(Object.fromEntries(shown.map(({ stage, count }: Data) => [stage, count])));
    for (const { stage, amount } of shown) alike(amount, amounts(stages)[stage]!);
    expect(stages.totals.count).toBe(pipeline.count);
    alike(pipeline.amount, byCurrency(stages.totals.values[0].money?.amounts));
    const months = await groupsOf(by, 'opportunityGroups', {
      filter: { open: true },
      by: [{ field: 'EXPECTED_CLOSE_ON', bucket: 'MONTH' }],
      measures,
    });
    const monthOf = ({ month }: Data): string => (month === '' ? 'null' : `${month}-01`);
    expect(counts(months)).toEqual(Object.fromEntries(forecast.map((one: Data) => [monthOf(one), one.count])));
    for (const one of forecast) alike(one.amount, amounts(months)[monthOf(one)]!);
  });

  test('what customers owe, by currency', async () => {
    const by = t[role];
    const { receivables } = await by.graph(
      '{ receivables { currency count customerCount overdueCount amount { amount currency } } }',
    );
    const { groups } = await groupsOf(by, 'contractGroups', {
      filter: { receivable: true },
      by: [{ field: 'CURRENCY' }],
      measures: [
        { key: 'open', of: 'OUTSTANDING_AMOUNT', as: 'SUM' },
        { key: 'customers', of: 'CUSTOMER', as: 'COUNT_DISTINCT' },
        { key: 'overdue', as: 'COUNT', where: { overdue: true } },
      ],
    });
    expect(
      groups.map(({ keys, count, values: [open, customers, overdue] }: Data) => ({
        currency: keys[0].value,
        count,
        customerCount: Number(customers.number),
        overdueCount: Number(overdue.number),
        amount: open.money.amounts[0],
      })),
    ).toEqual(receivables);
  });

  test('the sums of a list are the totals of its groups', async () => {
    const by = t[role];
    const { contracts, payments } = await by.graph(
      '{ contracts(first: 0) { totalCount sums { count currency paidAmount { amount currency } } } payments(first: 0) { totalCount sums { amount { amount currency } } } }',
    );
    const ofContracts = await groupsOf(by, 'contractGroups', {
      measures: [{ key: 'paid', of: 'PAID_AMOUNT', as: 'SUM' }],
    });
    const ofPayments = await groupsOf(by, 'paymentGroups', { measures: [{ key: 'sum', of: 'AMOUNT', as: 'SUM' }] });
    const summed = (sums: Data[], field: string): unknown => {
      const shown = sums.flatMap(({ [field]: sum }) => sum ?? []);
      return sums.length > 0 && shown.length === 0 ? null : byCurrency(shown);
    };
    expect([ofContracts.totals.count, ofPayments.totals.count]).toEqual([contracts.totalCount, payments.totalCount]);
    expect(byCurrency(ofContracts.totals.values[0].money?.amounts)).toEqual(summed(contracts.sums, 'paidAmount'));
    expect(byCurrency(ofPayments.totals.values[0].money?.amounts)).toEqual(summed(payments.sums, 'amount'));
  });
});

const isTime = (field: string): boolean => /_(AT|ON|SINCE|UNTIL)$/.test(field);

describe.each(Object.keys(kinds) as Kind[])('%s', (kind) => {
  const callers = (): Actor[] => [t.admin, t.sales, t.viewer];

  test('by each field alone: the groups are all records, and open them', async () => {
    const fields = valuesOf(schema, `${kinds[kind].type}GroupField`);
    expect(fields.length).toBeGreaterThan(5);
    for (const field of someOf(fields, 8)) {
      for (const by of someOf(callers(), 3)) {
        const { groups, totals, truncated } = await fromBoth(by, kind, {
          by: [{ field, ...(isTime(field) && { bucket: 'QUARTER' }) }],
          first: 40,
          others: true,
        });
        expect({ field, sum: groups.reduce((sum: number, { count }: { count: number }) => sum + count, 0) }).toEqual({
          field,
          sum: totals.count,
        });
        expect(truncated).toBe(false);
        expect({ field, counts: await behind(by, kind, [totals, ...groups]) }).toEqual({
          field,
          counts: [totals, ...groups].map(({ count }) => count),
        });
      }
    }
  });
});
