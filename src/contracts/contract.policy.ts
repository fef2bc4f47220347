import { actions, inState, States, toState, type Along, restore } from '../model/actions.js';
import { exists, referenceIsVisible, type Scope } from '../model/fields.js';
import { access } from '../read/access.js';
import { belongsToCustomer, onOwnCustomer } from '../customers/customer.policy.js';
import { OpportunityStage } from '../opportunities/opportunity.entity.js';
import { stageRefusal } from '../opportunities/opportunity.policy.js';
import { Contract, ContractStatus } from './contract.entity.js';
import { Payment } from './payment.entity.js';
import { ContractRenewal } from './renewal.entity.js';

/** A contract is visible to whoever may see its customer. */
access(Contract, belongsToCustomer);

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
    shows: ['contract'],
    own: onOwnContract,
  });

/** Where a contract may go from where; nothing leads back, save that a renewal puts an expired one into force again. */
export const contractStates = new States<ContractStatus>('ContractStatus', 'status', {
  DRAFT: ['IN_FORCE', 'TERMINATED'],
  IN_FORCE: ['EXPIRED', 'TERMINATED'],
  EXPIRED: [],
  TERMINATED: [],
});

const renewable: readonly ContractStatus[] = ['IN_FORCE', 'EXPIRED'];

/** A contract that comes into force wins its opportunity. */
const winning: Along = {
  reference: 'opportunity',
  property: 'stage',
  states: Object.keys(OpportunityStage),
  refusal: (from) => (from === 'CLOSED_WON' ? undefined : stageRefusal(from as OpportunityStage, 'CLOSED_WON')),
  unless: (from, to = 'IN_FORCE') => to !== 'IN_FORCE' || from === 'IN_FORCE',
};

export const contractActions = actions(Contract, {
  update: {},
  changeStatus: toState(contractStates, ContractStatus, undefined, winning),
  sign: inState(contractStates, (from) => contractStates.refusal(from, 'IN_FORCE'), winning),
  renew: inState(contractStates, (from) =>
    renewable.includes(from) ? undefined : contractStates.refused(from, 'IN_FORCE'),
  ),
  delete: {},
  restore,
});

export const paymentActions = actions(Payment, { delete: {}, restore });
