import { one } from '../engine/rows.js';
import { as, constant, decimalNumber, each, fraction, object } from '../engine/shapes.js';
import type { Converter, Shape } from '../engine/types.js';
import { channel, period, periodSent, trend } from './dialect.js';

/** Values that are only shown. */
const shownAs = (out: (value: unknown) => unknown): Converter => ({
  out: (value) => (value === null ? null : out(value)),
  in: () => undefined,
});

const rank = shownAs((percent) => `前${String(percent)}%`);
const clock = (hour: number): string => `${String(hour % 24).padStart(2, '0')}:00`;
const hours = shownAs((found) => (found as number[]).map((hour) => `${clock(hour)}-${clock(hour + 1)}`));

/** Schema `CustomerValueAnalysisResponse`. */
export const Value: Shape = {
  customer_id: 'number',
  value_analysis: object('', {
    ltv: as('lifetimeValue(sumsIn: TENANT).amount', decimalNumber),
    arpu: as('valueAnalysis(sumsIn: TENANT).revenuePerUser.amount', decimalNumber),
    profit_margin: { ...constant(null), wire: { type: ['number', 'null'] } },
    revenue_trend: as('valueAnalysis(sumsIn: TENANT).revenueTrend', trend),
    value_rank: as('valueAnalysis(sumsIn: TENANT).rank', rank),
  }),
  financial_metrics: object('valueAnalysis(sumsIn: TENANT)', {
    total_revenue: as('totalRevenue.amount', decimalNumber),
    monthly_revenue: as('monthlyRevenue.amount', decimalNumber),
    payment_punctuality: as('paymentPunctuality', fraction),
    contract_stability: as('contractStability', fraction),
  }),
  growth_potential: object('valueAnalysis(sumsIn: TENANT)', {
    upsell_probability: as('upsellProbability', fraction),
    expansion_opportunities: 'expansionOpportunities',
    estimated_growth: as('estimatedGrowth', fraction),
  }),
};

const behaviour = 'behaviorAnalysis(period: $period)';

/** Schema `CustomerBehaviorAnalysisResponse`. */
export const Behavior: Shape = {
  customer_id: 'number',
  analysis_period: periodSent('3m'),
  login_behavior: object(behaviour, {
    total_logins: 'loginCount',
    avg_daily_logins: as('loginsPerDay', decimalNumber),
    login_frequency_trend: as('loginTrend', trend),
    peak_hours: as('peakHours', hours),
  }),
  usage_behavior: object(behaviour, {
    most_used_features: each('features', {
      feature_name: 'feature',
      usage_count: 'count',
      usage_percentage: as('share', fraction),
    }),
    feature_adoption_rate: as('featureAdoption', fraction),
    session_duration_avg: as('sessionMinutes', decimalNumber),
  }),
  service_interaction: object(behaviour, {
    ticket_submission_rate: as('casesPerMonth', decimalNumber),
    satisfaction_trend: as('satisfactionTrend', trend),
    communication_preference: as('preferredChannel', channel),
  }),
  engagement_score: as(`${behaviour}.engagement`, decimalNumber),
  behavior_insights: `${behaviour}.insights`,
};

const messages = { NOT_FOUND: { code: '40001', message: '客户不存在' } };

export const analysisRows = [
  one('GET /customers/:id/analysis/value', 'customer', Value, {}, { messages }),
  one(
    'GET /customers/:id/analysis/behavior',
    'customer',
    Behavior,
    { period: as('$period', period, { unset: '3m' }) },
    { messages },
  ),
];
