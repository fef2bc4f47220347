import {
  changed,
  day,
  events,
  happened,
  hiddenAndRestored,
  oneOf,
  orNull,
  recordId,
  sometimes,
  text,
  wholeNumber,
} from '../feed/event-types.js';
import { Contract, ContractStatus } from './contract.entity.js';
import { Payment, PaymentKind } from './payment.entity.js';

const from = oneOf(ContractStatus, 'The status before.');
const to = oneOf(ContractStatus, 'The status after.');
const reason = orNull(text('Why; null where nobody said so.'));

events(Contract, {
  created: happened('A contract was entered.'),
  updated: changed('Fields of a contract were changed, or its term was made longer after it had expired.', {
    fromStatus: sometimes(from),
    toStatus: sometimes(to),
    reason: sometimes(reason),
  }),
  signed: changed('A contract was signed and is in force.', { fromStatus: from, toStatus: to, reason }),
  renewed: changed('A contract was renewed for a further term.', { fromStatus: from, toStatus: to }),
  expired: changed('The last day of a contract has passed.', { fromStatus: from, toStatus: to, reason }),
  terminated: changed('A contract was ended before its last day.', { fromStatus: from, toStatus: to, reason }),
  overdue: happened('What a contract says is to be paid for a term was due before today and is not paid in full.', {
    term: wholeNumber('Which term of the contract, from 1.'),
    dueOn: day('When it was due.'),
  }),
  ...hiddenAndRestored,
});

events(Payment, {
  created: happened('Money was received or paid back for a contract.', {
    contract: recordId('Id of the contract.'),
    kind: oneOf(PaymentKind, 'Which way the money went.'),
  }),
  ...hiddenAndRestored,
});
