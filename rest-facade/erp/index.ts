import type { Dialect } from '../engine/types.js';
import { accountRows } from './accounts.js';
import { activityRows } from './activities.js';
import { analyticsRows } from './analytics.js';
import { campaignRows } from './campaigns.js';
import { caseRows } from './cases.js';
import { contactRows } from './contacts.js';
import { settings } from './dialect.js';
import { schemas } from './schemas.js';
import { leadRows } from './leads.js';
import { opportunityRows } from './opportunities.js';

/** The CRM module of the ERP. */
export const erp: Dialect = {
  ...settings,
  schemas,
  rows: [
    ...accountRows,
    ...contactRows,
    ...activityRows,
    ...caseRows,
    ...leadRows,
    ...opportunityRows,
    ...campaignRows,
    ...analyticsRows,
  ],
};
