import type { Scope } from '../model/fields.js';

/** SQL condition: a tag of the customer. */
export const isOn = (tag: Scope, customer: Scope): string => `${tag.col('customer')} = ${customer.col('id')}`;

/** SQL condition: deleted. */
export const isDeleted = (customer: Scope): string => `(${customer.col('deletedAt')} is not null)`;
