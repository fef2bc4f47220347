import type { Scope } from '../model/fields.js';
import { type Condition, idOf } from '../read/filter.js';
import { Customer } from './customer.entity.js';

/** The condition that a relation is one of the customer's; each side is found by its own index. */
export const onEitherSide = (relation: Scope, customer: string): string =>
  `(${relation.col('from')} = ${customer} or ${relation.col('to')} = ${customer})`;

/** A relation with the customer that the value names. */
export const withCustomer: Condition = (row, value) => onEitherSide(row, idOf(Customer, row, value));
