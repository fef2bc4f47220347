import { Field, InputType, ObjectType } from 'type-graphql';
import { enumeration } from './enumeration.js';
import { Money, sharedValue, type Arguments, type Embedded, type Scope } from './fields.js';
import type { EntityClass } from './model.js';
import { Decimal } from './scalars.js';

@ObjectType('MoneySum', {
  description:
    'A sum of amounts in one currency, and what it leaves out because it is in others: nothing is converted.',
})
export class MoneySum {
  @Field(() => Decimal, {
    description: 'The sum of the amounts in `currency`, with two decimals; `0.00` if there is none.',
  })
  amount!: string;

  @Field(() => String, { description: 'ISO 4217 code of the currency of the sum, e.g. CNY.' })
  currency!: string;

  @Field(() => [Money], {
    description:
      'Sums of the amounts in other currencies, one for each, in the order of their codes; empty if there is none.',
  })
  otherCurrencies!: Money[];
}

@InputType('MoneyInput', { description: 'An amount of money to store.' })
export class MoneyInput {
  @Field(() => Decimal, { description: 'The amount, with at most two decimals.' })
  amount!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'ISO 4217 code of the currency, in capital or small letters. If left out, the currency of the record, and of a new record that of the tenant.',
  })
  currency?: string | null;
}

/** What is added up, as SQL: an amount as the caller may see it, and whether the caller sees amounts of the row. */
export interface Summand {
  shown: string;
  seen: string;
}

/** A stored amount of a row as a summand. */
export const amountOf = (row: Scope, property: string): Summand => ({
  shown: row.shown(property),
  seen: row.unmasked('amount'),
});

/** How many rows there are whose amounts the caller sees. */
const seenRows = (seen: string, only: string): string =>
  seen === 'true' ? `count(*)${only}` : `count(case when ${seen} then 1 end)${only}`;

/**
 * The one place where amounts are added up: 0 where there are no rows, null where there are some and the caller sees the
 * amounts of none of them, whether they have any or not. The rows must be of one currency. `only` restricts each aggregate
 * function.
 */
export function total({ shown, seen }: Summand, only = ''): string {
  const sum = `coalesce(sum(${shown})${only}, 0)`;
  return seen === 'true' ? sum : `case when ${seenRows(seen, only)} > 0 or count(*)${only} = 0 then ${sum} end`;
}

const asText = (amount: string): string => `(${amount})::numeric(18,2)::text`;

export const SumCurrency = enumeration('SumCurrency', 'In which currency sums over the records of a customer are.', {
  CUSTOMER: "The customer's.",
  TENANT: "The tenant's, in which customers can be compared.",
});

/** The currency of the sums of a customer (SQL), as the argument `sumsIn` says. */
export const currencyOfSums = (customer: Scope, args: Arguments): string =>
  args('sumsIn').is((value) => value === 'TENANT') ? customer.currency() : customer.col('currency');

/** SQL over a customer whose sums are in that currency. */
type OfSums = (customer: Scope, currency: string) => string;

/** A sum as an object: what it comes to in the currency of the sums, and a select of what there is in others. */
function sumObject(sum: OfSums, others: OfSums): Embedded {
  return {
    sharedValue: (row, args) => sum(row, currencyOfSums(row, args)),
    whole: true,
    fields: (row, args) => ({
      amount: asText(sharedValue),
      currency: currencyOfSums(row, args),
      otherCurrencies: { select: others(row, currencyOfSums(row, args)) },
    }),
    present: () => `${sharedValue} is not null`,
  };
}

const otherCurrencies = (from: string, where: string, shown: string, currency: string, reference: string): string =>
  `select ${asText(`sum(${shown})`)} as amount, ${currency} as currency from ${from} where ${where} and ${currency} <> ${reference} group by ${currency} having sum(${shown}) <> 0 order by ${currency}`;

/** The sum of an amount over the rows of an entity that refer to this customer with the property `by` and meet a condition. */
export function sumOfRows(
  entity: EntityClass,
  by: string,
  summand: (child: Scope) => Summand,
  condition: (child: Scope) => string,
): Embedded {
  return sumObject(
    (row, currency) =>
      row.aggregate(
        entity,
        by,
        (child) => `${condition(child)} and ${child.col('currency')} = ${currency}`,
        (child, only) => total(summand(child), only),
      ),
    (row, currency) => {
      const { from, where, row: child } = row.rows(entity);
      const belonging = `${where} and ${child.col(by)} = ${row.col('id')} and ${condition(child)}`;
      return otherCurrencies(from, belonging, summand(child).shown, child.col('currency'), currency);
    },
  );
}

/** The sum over the rows of a select with columns `shown`, `seen` and `currency`. */
export function sumOfSelect(select: (customer: Scope) => string): Embedded {
  return sumObject(
    (row, currency) =>
      `(select ${total({ shown: 'a.shown', seen: 'a.seen' })} from (${select(row)}) a where a.currency = ${currency})`,
    (row, currency) => otherCurrencies(`(${select(row)}) a`, 'true', 'a.shown', 'a.currency', currency),
  );
}

/** Columns of a select that is grouped by currency and more: what `sumJson` makes a sum of under that name. */
export const sumColumns = (name: string, { shown, seen }: Summand, only = ''): string =>
  `sum(${shown})${only} as ${name}, ${seenRows(seen, only)} as ${name}_seen, count(*)${only} as ${name}_rows`;

/** The same columns over rows that have them already: sums of sums. */
export const addedUp = (name: string): string =>
  [name, `${name}_seen`, `${name}_rows`].map((column) => `sum(${column}) as ${column}`).join(', ');

/** The sum of that name as JSON, over rows of `sumColumns`, one for each `currency`, in the currency that is given as SQL; null where there are rows and the caller sees the amounts of none of them, in whatever currency. */
export function sumJson(name: string, reference: string): string {
  const only = ` filter (where currency = ${reference})`;
  const others = `json_agg(json_build_object('amount', ${asText(name)}, 'currency', currency) order by currency) filter (where currency <> ${reference} and ${name} <> 0)`;
  const object = `json_build_object('amount', ${asText(`coalesce(sum(${name})${only}, 0)`)}, 'currency', ${reference}, 'otherCurrencies', coalesce(${others}, '[]'::json))`;
  return `case when coalesce(sum(${name}_seen), 0) > 0 or coalesce(sum(${name}_rows), 0) = 0 then ${object} end`;
}

/** An amount (a numeric expression, null where there is none to show) as JSON, in the currency that is given as SQL. */
export const moneyJson = (amount: string, currency: string): string =>
  `case when ${amount} is not null then json_build_object('amount', ${asText(amount)}, 'currency', ${currency}) end`;

/** A sum of nothing as JSON. */
export const noMoneyJson = (currency: string): string =>
  `json_build_object('amount', '0.00', 'currency', ${currency}, 'otherCurrencies', '[]'::json)`;
