import {
  changed,
  events,
  happened,
  hiddenAndRestored,
  oneOf,
  orNull,
  recordId,
  sometimes,
} from '../feed/event-types.js';
import { ownerEvents } from '../pools/held.service.js';
import { Lead, LeadStatus } from './lead.entity.js';

const moves = {
  fromStatus: oneOf(LeadStatus, 'The status before.'),
  toStatus: oneOf(LeadStatus, 'The status after.'),
};
const became = {
  customer: sometimes(orNull(recordId('Id of the customer that the lead became.'))),
  contact: sometimes(orNull(recordId('Id of the contact that the lead became.'))),
  opportunity: sometimes(orNull(recordId('Id of the opportunity that the lead became.'))),
};

events(Lead, {
  created: happened('A lead was entered.'),
  updated: changed('Fields or the status of a lead were changed.', {
    fromStatus: sometimes(moves.fromStatus),
    toStatus: sometimes(moves.toStatus),
  }),
  ...ownerEvents,
  converted: changed('A lead was converted into a customer, a contact, an opportunity.', { ...moves, ...became }),
  conversionUndone: changed('The conversion of a lead was taken back.', { ...moves, ...became }),
  ...hiddenAndRestored,
});
