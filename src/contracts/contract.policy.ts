import { exists, referenceIsVisible, type Scope } from '../model/fields.js';
import { access } from '../read/query.js';
import { onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { Contract } from './contract.entity.js';
import { Payment } from './payment.entity.js';
import { ContractRenewal } from './renewal.entity.js';

/** A contract is visible to whoever may see its customer. */
access(Contract, { visible: onVisibleCustomer, own: onOwnCustomer });

const onOwnContract = (row: Scope): string =>
  exists(
    row,
    Contract,
    (contract) => `${contract.col('id')} = ${row.col('contract')} and ${onOwnCustomer(contract)}`,
    'unscoped',
  );

/** What hangs on a contract is seen by whoever sees the contract, and goes with it. */
for (const entity of [Payment, ContractRenewal])
  access(entity, {
    visible: (row) => referenceIsVisible(row, 'contract'),
    own: onOwnContract,
  });
