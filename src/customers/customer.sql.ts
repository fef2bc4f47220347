import type { Scope } from '../model/fields.js';
import { wasThen } from '../model/kept.js';
import { Customer } from './customer.entity.js';

/** SQL condition: a tag of the customer. */
export const isOn = (tag: Scope, customer: Scope): string => `${tag.col('customer')} = ${customer.col('id')}`;

/** SQL condition: deleted. */
export const isDeleted = (customer: Scope): string => `(${customer.col('deletedAt')} is not null)`;

// what makes no version is not known of the past
wasThen(Customer, 'lastContactAt', () => 'null::timestamptz(3)');
wasThen(Customer, 'recycleOn', () => 'null::date');
wasThen(Customer, 'recycleRule', () => 'null::uuid');
