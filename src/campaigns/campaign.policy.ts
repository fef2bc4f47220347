import { actions, States, toState, restore } from '../model/actions.js';
import { access } from '../read/access.js';
import { Campaign, CampaignStatus } from './campaign.entity.js';

/** Campaigns belong to the whole tenant: all see them; amounts of their own are unmasked for those who see only their own. */
access(Campaign, { own: (row) => `${row.col('owner')} = ${row.me()}` });

/** Where a campaign may go from where; what is over stays over. */
export const campaignStates = new States<CampaignStatus>('CampaignStatus', 'status', {
  PLANNING: ['ACTIVE', 'CANCELLED'],
  ACTIVE: ['COMPLETED', 'CANCELLED'],
  COMPLETED: [],
  CANCELLED: [],
});

export const campaignActions = actions(Campaign, {
  update: {},
  assign: { gives: 'owner' },
  changeStatus: { ...toState(campaignStates, CampaignStatus) },
  recordMetrics: {},
  delete: {},
  restore,
});
