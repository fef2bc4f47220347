import { changed, events, happened, hiddenAndRestored, oneOf, orNull, sometimes, text } from '../feed/event-types.js';
import { Activity, ActivityStatus } from './activity.entity.js';

const moves = {
  fromStatus: oneOf(ActivityStatus, 'The status before.'),
  toStatus: oneOf(ActivityStatus, 'The status after.'),
};

events(Activity, {
  created: happened('An activity was recorded or planned.', {
    status: oneOf(ActivityStatus, 'The status that it was entered with.'),
  }),
  updated: changed('Fields of an activity were changed, or a completed or cancelled one was planned again.', {
    fromStatus: sometimes(moves.fromStatus),
    toStatus: sometimes(moves.toStatus),
  }),
  completed: changed('A planned activity has taken place.', moves),
  cancelled: changed('A planned activity was called off.', {
    ...moves,
    reason: sometimes(orNull(text('Why; null where nobody said so.'))),
  }),
  ...hiddenAndRestored,
});
