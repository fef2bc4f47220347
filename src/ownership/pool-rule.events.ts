import { changed, events, happened } from '../feed/event-types.js';
import { PoolRule } from './pool-rule.entity.js';

events(PoolRule, {
  created: happened('A pool rule was made.'),
  updated: changed('A pool rule was changed.'),
  deleted: changed('A pool rule was deleted; it takes nothing any more.'),
});
