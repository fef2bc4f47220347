import { changed, events, happened, hiddenAndRestored, oneOf, orNull, sometimes, text } from '../feed/event-types.js';
import { Opportunity, OpportunityStage } from './opportunity.entity.js';

const from = oneOf(OpportunityStage, 'The stage before.');
const to = oneOf(OpportunityStage, 'The stage after.');

events(Opportunity, {
  created: happened('An opportunity was entered.', {
    fromStage: orNull(from),
    toStage: oneOf(OpportunityStage, 'The stage that it was entered in.'),
  }),
  updated: changed('Fields or the stage of an opportunity were changed.', {
    fromStage: sometimes(from),
    toStage: sometimes(to),
  }),
  closed: changed('An opportunity was won or lost.', { fromStage: from, toStage: to }),
  corrected: changed('What was stored of the end of an opportunity was put right.', {
    reason: orNull(text('Why; null where nobody said so.')),
  }),
  ...hiddenAndRestored,
});
