import { one } from '../engine/rows.js';
import { as, below, derived, each, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import {
  day,
  dimension,
  total,
  loyaltyLevel,
  metric,
  period,
  periodLabel,
  segmentName,
  sent,
  wholeNumber,
  wholePercent,
} from './dialect.js';

const Range: Shape = { period: as('$period', period), startDate: as('$from', day), endDate: as('$until', day) };

const Totals: Shape = {
  totalOpportunities: 'totalOpportunities',
  openOpportunities: 'openOpportunities',
  wonOpportunities: 'wonOpportunities',
  lostOpportunities: 'lostOpportunities',
  totalRevenue: as('totalRevenue.amount', total),
  averageDealSize: as('averageWonAmount.amount', wholeNumber),
  customerAcquisitionCost: as('customerAcquisitionCost.amount', total),
  customerLifetimeValue: as('revenuePerCustomer.amount', total),
};

const overview = 'analyticsOverview(period: $period, from: $from, until: $until)';

export const Overview: Shape = {
  ...below(overview, { totalCustomers: 'totalCustomers', newCustomers: 'newCustomers' }),
  // active in the ERP's sense, as in its list of accounts
  activeCustomers: 'customers(filter: { status: [ACTIVE, POTENTIAL], createdUntil: $until }).totalCount',
  ...below(overview, Totals),
};

export const Trend: Shape = {
  metric: sent('metric'),
  period: sent('period', 'month'),
  data: each('analyticsTrend(metric: $metric, period: $period, from: $from, until: $until)', {
    date: as('startsOn', periodLabel),
    value: {
      ...derived({ count: 'count', amount: 'amount.amount' }, ({ count, amount }, call) =>
        call.request.query['metric']?.at(-1) === 'revenue' ? total.out(amount, call) : count,
      ),
      wire: { type: ['number', 'null'] },
    },
  }),
};

export const Segmentation: Shape = {
  segmentBy: sent('segmentBy'),
  segments: each('analyticsSegments(by: $by)', {
    name: as('name', segmentName),
    count: 'count',
    revenue: as('revenue.amount', total),
    percentage: as('share', wholePercent),
  }),
};

export const Loyalty: Shape = {
  loyaltyLevels: each('levels', {
    level: as('tier', loyaltyLevel),
    count: 'count',
    revenue: as('revenue.amount', total),
    retentionRate: as('retentionRate', { ...wholePercent, out: (value) => Math.round(Number(value ?? 0)) }),
  }),
  recommendation: 'recommendation',
};

export const analyticsRows = [
  one('GET /analytics/overview', '', Overview, Range),
  one('GET /analytics/trends', '', Trend, { metric: required('$metric', metric), ...Range }),
  one('GET /analytics/segmentation', '', Segmentation, { segmentBy: required('$by', dimension) }),
  one('GET /analytics/loyalty', 'analyticsLoyalty', Loyalty),
];
