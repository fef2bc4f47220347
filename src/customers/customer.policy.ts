import { exists, type Scope } from '../core/fields.js';
import { access } from '../read/query.js';
import { User } from '../identity/user.entity.js';
import { Customer } from './customer.entity.js';

const isOwner = (row: Scope): string => `${row.col('owner')} = ${row.me()}`;

/** Sales see their own customers and those that nobody owns; contact data and amounts of their own are unmasked. */
access(Customer, { visible: (row) => `${isOwner(row)} or ${row.col('owner')} is null`, own: isOwner });

/** Colleagues are visible to all; one's own contact data is one's own. */
access(User, { own: (row) => `${row.col('id')} = ${row.me()}` });

/** The row hangs on a customer that the caller may see. */
export const onVisibleCustomer = (row: Scope): string => exists(row, 'Customer', (customer) => `${customer.col('id')} = ${row.col('customer')}`);

/** The row hangs on a customer that is the caller's own. */
export const onOwnCustomer = (row: Scope): string => exists(row, 'Customer', (customer) => `${customer.col('id')} = ${row.col('customer')} and ${isOwner(customer)}`);
