import { access } from '../read/query.js';
import { Campaign } from './campaign.entity.js';

/** Campaigns belong to the whole tenant: all see them; amounts of their own are unmasked for those who see only their own. */
access(Campaign, { own: (row) => `${row.col('owner')} = ${row.me()}` });
