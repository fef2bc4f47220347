import { Streamed } from '../engine/files/streamed.js';
import { one } from '../engine/rows.js';
import { as, constant, decimalNumber, each, object } from '../engine/shapes.js';
import type { Call, Shape } from '../engine/types.js';
import { cents, opportunityStatus, stage } from './dialect.js';

/** The opportunities at one stage; stages that the dialect does not distinguish are added up. */
interface Group {
  stage: number;
  status: number;
  count: number;
  totalAmountCents: number | string;
}

const names = ['qualification', 'needs_analysis', 'proposal', 'negotiation', 'closed_won', 'closed_lost'];
const nameOf = (number: number): string => names[number - 1] ?? 'unknown';

const stages = each('stages', {
  stage: as('stage', stage),
  status: as('stage', opportunityStatus),
  count: 'count',
  totalAmountCents: as('amount.amount', cents),
});

const added = (a: number | string, b: number | string): number | string =>
  typeof a === 'number' && typeof b === 'number' ? a + b : typeof a === 'string' ? a : b;

/** One group for each stage that has opportunities. */
function groups(found: Group[]): Group[] {
  const byStage = new Map<number, Group>();
  for (const group of found.filter(({ count }) => count > 0)) {
    const known = byStage.get(group.stage);
    byStage.set(
      group.stage,
      known
        ? {
            ...known,
            count: known.count + group.count,
            totalAmountCents: added(known.totalAmountCents, group.totalAmountCents),
          }
        : group,
    );
  }
  return [...byStage.values()];
}

interface Pipeline {
  stages: Group[];
  totalWeightedCents: number | string;
  totalCount: number;
}

const Forecast: Shape = { stages, totalWeightedCents: as('weightedAmount.amount', cents) };

const forecast = (value: unknown): unknown => {
  const { stages: found, totalWeightedCents } = value as Pipeline;
  return {
    byStage: groups(found).map(({ stage: number, count, totalAmountCents }) => ({
      stage: number,
      stageName: nameOf(number),
      totalAmountCents,
      count,
    })),
    totalWeightedCents,
  };
};

const funnel = (value: unknown): unknown => {
  const { stages: found, totalCount } = value as Pipeline;
  return {
    stages: groups(found).map(({ stage: number, count, totalAmountCents }) => ({
      stage: number,
      stageName: nameOf(number),
      count,
      totalAmountCents,
    })),
    totalCount,
  };
};

interface Metrics {
  customer_total: number;
  opportunity_total: number;
  opportunity_win_count: number;
  conversion_rate_pct: number;
  funnel_by_stage: Group[];
}

const MetricsAnswer: Shape = {
  cell: constant('crm'),
  metrics: object('', {
    customer_total: 'analyticsOverview.totalCustomers',
    opportunity_total: 'analyticsOverview.totalOpportunities',
    opportunity_win_count: 'analyticsOverview.wonOpportunities',
    conversion_rate_pct: as('analyticsOverview.conversionRate', decimalNumber),
    funnel_by_stage: each('pipeline.stages', stages.shape),
  }),
};

/** The help text of each metric, for Prometheus. */
const gauges: ReadonlyArray<readonly [field: Exclude<keyof Metrics, 'funnel_by_stage'>, help: string]> = [
  ['customer_total', 'Customers of the tenant.'],
  ['opportunity_total', 'Opportunities of the tenant.'],
  ['opportunity_win_count', 'Opportunities won.'],
  ['conversion_rate_pct', 'Opportunities won per opportunity, in percent.'],
];

/** The metrics in Prometheus' text format. */
function exposition(metrics: Metrics, tenant: string): string {
  const label = `tenant="${tenant.replace(/["\\\n]/g, '_')}"`;
  const gauge = (name: string, help: string, lines: string[]): string =>
    [`# HELP crm_${name} ${help}`, `# TYPE crm_${name} gauge`, ...lines, ''].join('\n');
  const byStage = metrics.funnel_by_stage.map(
    ({ stage: number, status, count }) =>
      `crm_opportunity_stage_total{${label},stage="${number}",status="${status}"} ${count}`,
  );
  return (
    gauges.map(([field, help]) => gauge(field, help, [`crm_${field}{${label}} ${metrics[field]}`])).join('') +
    gauge('opportunity_stage_total', 'Opportunities by stage and status.', byStage)
  );
}

const wantsText = ({ request: { headers } }: Call): boolean =>
  /text\/plain|application\/openmetrics-text/.test(headers.accept ?? '');

function metrics(value: unknown, call: Call): unknown {
  const { cell, metrics: found } = value as { cell: string; metrics: Metrics };
  const shown = { ...found, funnel_by_stage: groups(found.funnel_by_stage) };
  if (!wantsText(call)) return { cell, metrics: shown };
  return new Streamed(
    { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
    lines(exposition(shown, call.ctx.tenant.code)),
  );
}

async function* lines(text: string): AsyncGenerator<string> {
  yield text;
}

const open = 'pipeline(openOnly: true)';

export const reportRows = [
  one('GET /opportunities/forecast', open, Forecast, {}, { answer: forecast }),
  one('GET /pipeline/summary', open, Forecast, {}, { answer: forecast }),
  one('GET /pipeline/funnel', open, { stages, totalCount: 'count' }, {}, { answer: funnel }),
  one(
    'GET /reports/funnel',
    'pipeline',
    { data: stages },
    {},
    { answer: (value) => ({ data: groups((value as { data: Group[] }).data) }) },
  ),
  one('GET /reports/sales-forecast', open, Forecast, {}, { answer: forecast }),
  one('GET /metrics', '', MetricsAnswer, {}, { answer: metrics, open: true }),
];
