import { referenceIsVisible, type Scope } from '../model/fields.js';
import { access } from '../read/query.js';
import { onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { Case, CaseComment } from './case.entity.js';

const isInvolved = (row: Scope): string =>
  `${row.col('assignee')} = ${row.me()} or ${row.col('createdBy')} = ${row.me()}`;

/** A case is visible to whoever works on or entered it and to whoever may see its customer. */
access(Case, {
  visible: (row) => `${isInvolved(row)} or ${onVisibleCustomer(row)}`,
  own: (row) => `(${isInvolved(row)} or ${onOwnCustomer(row)})`,
});

access(CaseComment, {
  visible: (row) => referenceIsVisible(row, 'case'),
});
