import type { Scope } from '../model/fields.js';
import type { Condition } from '../read/filter.js';
import { isNamed } from '../read/references.js';
import { isBlank } from '../read/value.js';
import { Customer } from './customer.entity.js';

/** The condition that a relation is one of the customer's; each side is found by its own index. */
export const onEitherSide = (relation: Scope, customer: string): string =>
  `(${relation.col('from')} = ${customer} or ${relation.col('to')} = ${customer})`;

/** A relation with one of the customers that a list names. */
export const withCustomer: Condition = (row, value) => {
  if (value.is(isBlank)) return 'true';
  const named = isNamed(row, value, Customer);
  return `(${named(row.col('from'))} or ${named(row.col('to'))})`;
};
