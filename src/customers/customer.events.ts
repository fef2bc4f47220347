import {
  changed,
  events,
  happened,
  hiddenAndRestored,
  oneOf,
  orNull,
  recordId,
  removed,
  sometimes,
  text,
} from '../feed/event-types.js';
import { ownerEvents } from '../pools/held.service.js';
import { CreditAssessment } from './credit-assessment.entity.js';
import { Customer, CustomerStatus } from './customer.entity.js';
import { CustomerMember } from './member.entity.js';
import { CustomerRelation } from './relation.entity.js';
import { CustomerTag } from './tag.entity.js';

events(Customer, {
  created: happened('A customer was created.'),
  updated: changed('Fields or the status of a customer were changed.', {
    fromStatus: sometimes(oneOf(CustomerStatus, 'The status before, where it was changed.')),
    toStatus: sometimes(oneOf(CustomerStatus, 'The status after, where it was changed.')),
    reason: sometimes(orNull(text('Why the status was changed; null where nobody said so.'))),
  }),
  ...ownerEvents,
  ...hiddenAndRestored,
});

events(CustomerTag, {
  added: happened('A customer was given a tag.', {
    customer: recordId('Id of the customer.'),
    name: text('The tag.'),
  }),
  deleted: removed('A tag was taken off a customer.'),
});

events(CustomerRelation, {
  created: happened('Two customers were related.'),
  deleted: removed('Two customers are no longer related.'),
});

events(CreditAssessment, { created: happened('The credit of a customer was assessed.') });

events(CustomerMember, {
  added: happened('Somebody became a collaborator of a customer.', {
    customer: recordId('Id of the customer.'),
    user: recordId('Id of the collaborator.'),
  }),
  updated: changed('What a collaborator may do with a customer, or until when, was changed.'),
  deleted: removed('A collaborator was taken off a customer.'),
});
