import { list, one, remove, update, write } from '../engine/rows.js';
import { as, object, pick, required } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import { amount, campaignStatus, campaignType, count, day, total, nothing, written } from './dialect.js';

const Beginning: Shape = {
  id: 'id',
  campaignNo: 'code',
  name: 'name',
  type: as('kind', campaignType),
  status: as('status', campaignStatus),
};
const Term: Shape = { startDate: as('startsOn', day), endDate: as('endsOn', day) };
const Money: Shape = { budget: as('budget.amount', amount), actualCost: as('actualCost.amount', amount) };

export const Campaign: Shape = { ...Beginning, ...Term, ...Money, ...written };
export const Detail: Shape = {
  ...Beginning,
  description: 'description',
  ...Term,
  ...Money,
  targetAudience: 'targetAudience',
  ...written,
};
const Body: Shape = {
  ...pick(Detail, 'name', 'type', 'description', 'startDate', 'endDate', 'targetAudience'),
  budget: as('budget.amount', amount),
  actualCost: as('actualCost.amount', amount),
};
const Filter: Shape = {
  campaignNo: 'code',
  ...pick(Beginning, 'name', 'status', 'type'),
  startDateStart: 'startsFrom',
  startDateEnd: 'startsUntil',
};

const Counts: Shape = {
  impressions: as('impressions', count),
  clicks: as('clicks', count),
  conversions: as('conversions', count),
};

export const Analytics: Shape = {
  campaignId: 'id',
  campaignName: 'name',
  metrics: object('', {
    ...Counts,
    conversionRate: as('conversionRate', count),
    costPerClick: as('costPerClick.amount', total),
    returnOnInvestment: as('returnOnInvestment', total),
    revenueGenerated: as('revenue.amount', total),
  }),
  leadsGenerated: 'leadsGenerated',
  opportunitiesCreated: 'opportunitiesCreated',
  salesClosed: 'salesClosed',
};

const messages = {
  NOT_FOUND: { message: '营销活动不存在' },
  TRANSITION_NOT_ALLOWED: { message: '营销活动状态不允许此变更' },
  DATES_REVERSED: { message: '结束日期早于开始日期' },
};

export const campaignRows = [
  list('GET /campaigns', 'campaigns', Campaign, Filter),
  write('POST /campaigns', 'campaignCreate', pick(Campaign, 'id', 'campaignNo'), Body, { messages }),
  one('GET /campaigns/:id', 'campaign', Detail, {}, { messages }),
  update('PUT /campaigns/:id', 'campaignUpdate', Detail, Body, { messages, answer: nothing }),
  remove('DELETE /campaigns/:id', 'campaignDelete', {}, { messages, answer: nothing }),
  update(
    'PUT /campaigns/:id/status',
    'campaignChangeStatus',
    pick(Campaign, 'status'),
    { status: required('$status', campaignStatus), reason: '$reason' },
    { messages, answer: nothing },
  ),
  one('GET /campaigns/:id/analytics', 'campaign', Analytics, {}, { messages }),
  update(
    'PUT /campaigns/:id/metrics',
    'campaignRecordMetrics',
    { ...Counts, revenueGenerated: as('revenue.amount', amount), ...pick(Money, 'actualCost') },
    { ...Counts, revenueGenerated: as('revenue.amount', amount), actualCost: as('actualCost.amount', amount) },
    { messages, answer: nothing },
  ),
];
