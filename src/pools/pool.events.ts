import { changed, events, happened, hiddenAndRestored, oneOf, orNull, recordId, removed } from '../feed/event-types.js';
import { Pool, PoolMember, PoolRole } from './pool.entity.js';

events(Pool, {
  created: happened('A pool was made.'),
  updated: changed('Fields of a pool were changed.'),
  ...hiddenAndRestored,
});

events(PoolMember, {
  added: happened('Somebody works with a pool from now on.', {
    pool: recordId('Id of the pool.'),
    user: orNull(recordId('Id of the user; null where it is a department.')),
    department: orNull(recordId('Id of the department; null where it is a user.')),
    role: oneOf(PoolRole, 'What they may do in it.'),
  }),
  updated: changed('What somebody may do in a pool was changed.'),
  deleted: removed('Somebody no longer works with a pool.'),
});
