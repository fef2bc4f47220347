import { access } from '../read/query.js';
import { onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { Contract } from './contract.entity.js';

/** A contract is visible to whoever may see its customer. */
access(Contract, { visible: onVisibleCustomer, own: onOwnCustomer });
