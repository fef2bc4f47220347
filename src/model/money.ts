import { Field, InputType, ObjectType } from 'type-graphql';
import { Money, sharedValue, type Embedded, type Scope } from './fields.js';
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

/** What is added up: an amount as the caller may see it, and as it is stored; both are SQL. */
export interface Summand {
  shown: string;
  stored: string;
}

/** A summand whose forms are made when they are used: a form that is not must leave no parameter in the statement. */
export const summand = (shown: () => string, stored: () => string): Summand => ({
  get shown() {
    return shown();
  },
  get stored() {
    return stored();
  },
});

/** A stored amount of a row as a summand. */
export const amountOf = (row: Scope, property: string): Summand =>
  summand(
    () => row.shown(property),
    () => row.col(property),
  );

/**
 * The one place where amounts are added up: 0 where there is none, null where there are some but none may be shown. The
 * rows must be of one currency. `only` restricts each aggregate function.
 */
export function total({ shown, stored }: Summand, only = ''): string {
  const sum = `coalesce(sum(${shown})${only}, 0)`;
  return shown === stored ? sum : `case when count(${shown})${only} > 0 or count(${stored})${only} = 0 then ${sum} end`;
}

const asText = (amount: string): string => `(${amount})::numeric(18,2)::text`;

/** A sum as an object: what it comes to in the reference currency, and a select of what there is in others. */
const sumObject = (
  reference: (row: Scope) => string,
  sum: (row: Scope) => string,
  others: (row: Scope) => string,
): Embedded => ({
  sharedValue: sum,
  whole: true,
  fields: (row) => ({
    amount: asText(sharedValue),
    currency: reference(row),
    otherCurrencies: { select: others(row) },
  }),
  present: () => `${sharedValue} is not null`,
});

const otherCurrencies = (from: string, where: string, shown: string, currency: string, reference: string): string =>
  `select ${asText(`sum(${shown})`)} as amount, ${currency} as currency from ${from} where ${where} and ${currency} <> ${reference} group by ${currency} having sum(${shown}) <> 0 order by ${currency}`;

/** The sum of an amount over the rows of an entity that refer to this row with the property `by` and meet a condition, in this row's `currency`. */
export function sumOfRows(
  entity: EntityClass,
  by: string,
  summand: (child: Scope) => Summand,
  condition: (child: Scope) => string,
): Embedded {
  return sumObject(
    (row) => row.col('currency'),
    (row) =>
      row.aggregate(
        entity,
        by,
        (child) => `${condition(child)} and ${child.col('currency')} = ${row.col('currency')}`,
        (child, only) => total(summand(child), only),
      ),
    (row) => {
      const { from, where, row: child } = row.rows(entity);
      const belonging = `${where} and ${child.col(by)} = ${row.col('id')} and ${condition(child)}`;
      return otherCurrencies(from, belonging, summand(child).shown, child.col('currency'), row.col('currency'));
    },
  );
}

/** The sum over the rows of a select with columns `shown`, `stored` and `currency`, in this row's `currency`. */
export function sumOfSelect(select: (row: Scope) => string): Embedded {
  return sumObject(
    (row) => row.col('currency'),
    (row) =>
      `(select ${total({ shown: 'a.shown', stored: 'a.stored' })} from (${select(row)}) a where a.currency = ${row.col('currency')})`,
    (row) => otherCurrencies(`(${select(row)}) a`, 'true', 'a.shown', 'a.currency', row.col('currency')),
  );
}

/** Columns of a select that is grouped by currency and more: what `sumJson` makes a sum of under that name. */
export const sumColumns = (name: string, { shown, stored }: Summand, only = ''): string =>
  `sum(${shown})${only} as ${name}, count(${shown})${only} as ${name}_shown, count(${stored})${only} as ${name}_stored`;

/** The sum of that name as JSON, over rows of `sumColumns` with their `currency`, in the currency that is given as SQL. */
export function sumJson(name: string, reference: string): string {
  const only = ` filter (where currency = ${reference})`;
  const others = `json_agg(json_build_object('amount', ${asText(name)}, 'currency', currency) order by currency) filter (where currency <> ${reference} and ${name} <> 0)`;
  const object = `json_build_object('amount', ${asText(`coalesce(sum(${name})${only}, 0)`)}, 'currency', ${reference}, 'otherCurrencies', coalesce(${others}, '[]'::json))`;
  return `case when coalesce(sum(${name}_shown)${only}, 0) > 0 or coalesce(sum(${name}_stored)${only}, 0) = 0 then ${object} end`;
}

/** An amount (a numeric expression, null where there is none to show) as JSON, in the currency that is given as SQL. */
export const moneyJson = (amount: string, currency: string): string =>
  `case when ${amount} is not null then json_build_object('amount', ${asText(amount)}, 'currency', ${currency}) end`;

/** A sum of nothing as JSON. */
export const noMoneyJson = (currency: string): string =>
  `json_build_object('amount', '0.00', 'currency', ${currency}, 'otherCurrencies', '[]'::json)`;
