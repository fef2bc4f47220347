import { one } from '../engine/rows.js';
import { as, below, each, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import {
  count,
  day,
  dimension,
  figure,
  loyaltyLevel,
  metric,
  period,
  periodLabel,
  segmentName,
  sent,
} from './dialect.js';

const Range: Shape = { period: as('$period', period), startDate: as('$from', day), endDate: as('$until', day) };

const Figures: Shape = {
  totalOpportunities: 'totalOpportunities',
  openOpportunities: 'openOpportunities',
  wonOpportunities: 'wonOpportunities',
  lostOpportunities: 'lostOpportunities',
  totalRevenue: as('totalRevenue', figure),
  averageDealSize: as('averageWonAmount', figure),
  customerAcquisitionCost: as('customerAcquisitionCost', figure),
  customerLifetimeValue: as('customerLifetimeValue', figure),
};

const overview = 'analyticsOverview(period: $period, from: $from, until: $until)';

const Overview: Shape = {
  ...below(overview, { totalCustomers: 'totalCustomers', newCustomers: 'newCustomers' }),
  // active in the ERP's sense, as in its list of accounts
  activeCustomers: 'customers(filter: { status: [ACTIVE, POTENTIAL], createdUntil: $until }).totalCount',
  ...below(overview, Figures),
};

const Trend: Shape = {
  metric: sent('metric'),
  period: sent('period', 'month'),
  data: each('analyticsTrend(metric: $metric, period: $period, from: $from, until: $until)', {
    date: as('startsOn', periodLabel),
    value: as('value', figure),
  }),
};

const Segmentation: Shape = {
  segmentBy: sent('segmentBy'),
  segments: each('analyticsSegments(by: $by)', {
    name: as('name', segmentName),
    count: 'count',
    revenue: as('revenue', figure),
    percentage: 'percentage',
  }),
};

const Loyalty: Shape = {
  loyaltyLevels: each('levels', {
    level: as('tier', loyaltyLevel),
    count: 'count',
    revenue: as('revenue', figure),
    retentionRate: as('retentionRate', count),
  }),
  recommendation: 'recommendation',
};

export const analyticsRows = [
  one('GET /analytics/overview', '', Overview, Range),
  one('GET /analytics/trends', '', Trend, { metric: required('$metric', metric), ...Range }),
  one('GET /analytics/segmentation', '', Segmentation, { segmentBy: required('$by', dimension) }),
  one('GET /analytics/loyalty', 'analyticsLoyalty', Loyalty),
];
