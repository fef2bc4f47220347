import { Customer } from '../customers/customer.entity.js';
import { day, events, happened, orNull, recordId } from '../feed/event-types.js';
import { Lead } from '../leads/lead.entity.js';

for (const [entity, what] of [
  [Customer, 'customer'],
  [Lead, 'lead'],
] as const)
  events(entity, {
    'recycle-due': happened(
      `A rule will soon take a ${what} from its owner: once for each rule and each day on which that is to be said.`,
      {
        owner: orNull(recordId('Id of the user who looks after it.')),
        recycleRule: recordId('Id of the rule.'),
        pool: recordId('Id of the pool that it will be put into.'),
        recycleOn: day('The day on which it will be taken.'),
      },
    ),
  });
