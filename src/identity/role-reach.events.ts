import { changed, events, happened } from '../feed/event-types.js';
import { RoleReach } from './role-reach.entity.js';

events(RoleReach, {
  created: happened('It was decided for the first time how far a role reaches among records of a kind.'),
  updated: changed('It was decided anew how far a role reaches among records of a kind.'),
});
