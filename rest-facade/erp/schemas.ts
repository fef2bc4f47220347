import type { Dialect } from '../engine/types.js';
import {
  Account,
  Detail as AccountDetail,
  Person as AccountContact,
  Assessment as CreditAssessment,
} from './accounts.js';
import { Activity, Detail as ActivityDetail } from './activities.js';
import {
  Overview as AnalyticsOverview,
  Trend as AnalyticsTrend,
  Segmentation as AnalyticsSegmentation,
  Loyalty as AnalyticsLoyalty,
} from './analytics.js';
import { Campaign, Detail as CampaignDetail, Analytics as CampaignAnalytics } from './campaigns.js';
import { Case, Detail as CaseDetail, Comment as CaseComment } from './cases.js';
import { Detail as ContactDetail } from './contacts.js';
import { Lead, Detail as LeadDetail, Converted as LeadConversion } from './leads.js';
import { Opportunity } from './opportunities.js';

/** The schemas of records and reports in the document of the dialect, by name. */
export const schemas: NonNullable<Dialect['schemas']> = {
  Account,
  AccountDetail,
  AccountContact,
  CreditAssessment,
  Activity,
  ActivityDetail,
  AnalyticsOverview,
  AnalyticsTrend,
  AnalyticsSegmentation,
  AnalyticsLoyalty,
  Campaign,
  CampaignDetail,
  CampaignAnalytics,
  Case,
  CaseDetail,
  CaseComment,
  ContactDetail,
  Lead,
  LeadDetail,
  LeadConversion,
  Opportunity,
};
