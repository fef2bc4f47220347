import { changed, events, happened, hiddenAndRestored, removed } from '../feed/event-types.js';
import { Contact, CustomerContact } from './contact.entity.js';

events(Contact, {
  created: happened('A contact was created.'),
  updated: changed('Fields of a contact were changed.'),
  ...hiddenAndRestored,
});

events(CustomerContact, {
  created: happened('A contact was linked to a customer.'),
  updated: changed('What a contact is at a customer was changed.'),
  deleted: removed('A contact was unlinked from a customer.'),
});
