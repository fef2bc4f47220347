import { changed, events, happened, hiddenAndRestored } from '../feed/event-types.js';
import { HoldingLimit } from './holding-limit.entity.js';

events(HoldingLimit, {
  created: happened('A holding limit was set.'),
  updated: changed('A holding limit was changed.'),
  ...hiddenAndRestored,
});
