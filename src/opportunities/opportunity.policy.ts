import { referenceIsVisible, type Scope } from '../model/fields.js';
import { access } from '../read/query.js';
import { onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { Opportunity, StageChange } from './opportunity.entity.js';

const isOwner = (row: Scope): string => `${row.col('owner')} = ${row.me()}`;

/** An opportunity is visible to whoever works on it and to whoever may see its customer. */
access(Opportunity, {
  visible: (row) => `${isOwner(row)} or ${onVisibleCustomer(row)}`,
  own: (row) => `(${isOwner(row)} or ${onOwnCustomer(row)})`,
});

access(StageChange, {
  visible: (row) => referenceIsVisible(row, 'opportunity'),
});
