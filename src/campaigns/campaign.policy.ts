import { refuse } from '../core/errors.js';
import type { Rights } from '../core/rights.js';
import { access } from '../read/query.js';
import { Campaign } from './campaign.entity.js';

/** Campaigns belong to the whole tenant: all see them; amounts of their own are unmasked for those who see only their own. */
access(Campaign, { own: (row) => `${row.col('owner')} = ${row.me()}` });

/** Throws FORBIDDEN unless the caller may change what belongs to the whole tenant. */
export function mayRunCampaigns(rights: Rights): void {
  if (rights.write !== 'all') throw refuse('FORBIDDEN');
}
