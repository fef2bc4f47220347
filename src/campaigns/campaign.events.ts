import { changed, events, happened, hiddenAndRestored, oneOf, orNull, sometimes, text } from '../feed/event-types.js';
import { Campaign, CampaignStatus } from './campaign.entity.js';

events(Campaign, {
  created: happened('A campaign was created.'),
  updated: changed('Fields or the status of a campaign were changed.', {
    fromStatus: sometimes(oneOf(CampaignStatus, 'The status before, where it was changed.')),
    toStatus: sometimes(oneOf(CampaignStatus, 'The status after, where it was changed.')),
    reason: sometimes(orNull(text('Why the status was changed; null where nobody said so.'))),
  }),
  metricsRecorded: changed('Results of a campaign were recorded.'),
  ...hiddenAndRestored,
});
