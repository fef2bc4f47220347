import { changed, events, happened, hiddenAndRestored } from '../feed/event-types.js';
import { User } from '../identity/user.entity.js';
import { Department } from './department.entity.js';

events(Department, {
  created: happened('A department was created.'),
  updated: changed('Fields of a department, or its place in the tree, were changed.'),
  ...hiddenAndRestored,
});

events(User, {
  created: happened('A user was entered before their first token was seen.'),
  updated: changed('Fields of a user were changed by those who administer the tenant; not what a token says.'),
  deactivated: changed('A user may no longer sign in.'),
  reactivated: changed('A user may sign in again.'),
});
