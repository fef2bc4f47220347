import type { RiskLevel } from '../success/health-score.entity.js';
import type { SuccessTaskKind } from '../success/success-task.entity.js';
import type { UsageKind } from '../success/usage-event.entity.js';
import { aDay, dayOf, instant } from './calendar.js';
import { Random, hash } from './random.js';
import { demoId } from './ids.js';
import type { Generator, CustomerSummary } from './generator.js';

/** How many health scores, a month apart, as far as it was known by then, and how many usage events each customer has; every so many customers one has a success task. */
export const scoresPer = 2;
export const usagePer = 3;
export const taskEvery = 5;

const features = ['报表中心', '审批流程', '库存盘点', '移动打卡', '数据导出', '消息提醒'];

/** How the relation to a customer goes: health, what its people do with the product, what is to be done. `health` is its score as it stands. */
export function generateSuccess(generator: Generator, summary: CustomerSummary, health: number): void {
  const random = new Random(hash(`${generator.code} success ${summary.index}`));
  for (let n = 0; n < scoresPer; n += 1) score(generator, random, summary, health, n);
  for (let n = 0; n < usagePer; n += 1) usage(generator, random, summary, n);
  if (summary.index % taskEvery === 0) task(generator, random, summary, health);
}

/** The parts are moved against each other so that the overall score stays what it is by its weights. */
function score(generator: Generator, random: Random, summary: CustomerSummary, health: number, n: number): void {
  const at = summary.end - (scoresPer - 1 - n) * 30 * aDay;
  const last = n === scoresPer - 1;
  if (at < summary.began && !last) return;
  // tenths throughout, so that nothing is left to rounding
  const overall = Math.min(990, Math.max(10, Math.round(10 * health) + (last ? 0 : random.whole(-40, 40))));
  const max = Math.min(overall, 1000 - overall) < 12 ? 0 : 2;
  const [a, b] = [random.whole(-max, max), random.whole(-max, max)];
  const tenths = (value: number): string => (value / 10).toFixed(1);
  generator.write('health_score', {
    tenant_id: summary.tenantId,
    id: demoId(generator.code, 'healthScore', summary.index * scoresPer + n),
    created_at: instant(at),
    customer_id: summary.customerId,
    scored_on: dayOf(at),
    overall: tenths(overall),
    satisfaction: tenths(overall + 5 * a),
    activity: tenths(overall - 6 * a),
    financial: tenths(overall + 4 * b),
    contract: tenths(overall - 5 * b),
    risk_level: riskOf(overall / 10),
    positive_factors: overall >= 750 ? '{"近 90 天联系 3 次"}' : '{}',
    negative_factors: overall < 600 ? '{"已有 75 天没有联系"}' : '{}',
    recommendations: overall < 600 ? '{"安排一次客户回访"}' : '{}',
  });
}

const riskOf = (overall: number): RiskLevel =>
  overall >= 80 ? 'LOW' : overall >= 60 ? 'MEDIUM' : overall >= 40 ? 'HIGH' : 'VERY_HIGH';

function usage(generator: Generator, random: Random, summary: CustomerSummary, n: number): void {
  const kind: UsageKind = n === 0 ? 'LOGIN' : random.weighted({ FEATURE: 3, SESSION: 1 });
  generator.write('usage_event', {
    tenant_id: summary.tenantId,
    id: demoId(generator.code, 'usageEvent', summary.index * usagePer + n),
    created_at: instant(summary.end),
    customer_id: summary.customerId,
    person: `user${random.whole(1, 3)}`,
    kind,
    feature: kind === 'FEATURE' ? random.pick(features) : null,
    at: instant(Math.max(summary.began, summary.end - random.between(0, 90) * aDay)),
    duration_seconds: kind === 'SESSION' ? random.whole(120, 3600) : null,
  });
}

function task(generator: Generator, random: Random, summary: CustomerSummary, health: number): void {
  const kind: SuccessTaskKind =
    health < 60 ? 'HEALTH_IMPROVEMENT' : random.pick(['RENEWAL', 'SATISFACTION', 'PROBLEM']);
  const done = random.chance(0.4);
  const created = Math.max(summary.began, summary.end - random.between(5, 60) * aDay);
  const completed = created + 0.5 * (summary.end - created);
  const due = created + random.whole(7, 30) * aDay;
  const titles: Record<SuccessTaskKind, string> = {
    HEALTH_IMPROVEMENT: '改善客户健康度',
    RENEWAL: '跟进合同续约',
    SATISFACTION: '回访近期服务评价',
    PROBLEM: '跟进未解决的故障',
  };
  generator.write('success_task', {
    tenant_id: summary.tenantId,
    id: demoId(generator.code, 'successTask', summary.index / taskEvery),
    created_at: instant(created),
    version: done ? 2 : 1,
    created_by_id: summary.author,
    updated_at: instant(done ? completed : created),
    updated_by_id: summary.author,
    customer_id: summary.customerId,
    title: titles[kind],
    kind,
    priority: random.weighted({ LOW: 1, MEDIUM: 5, HIGH: 3, URGENT: 1 }),
    status: done ? 'DONE' : random.weighted({ PENDING: 3, IN_PROGRESS: 2 }),
    assignee_id: summary.owner,
    due_at: instant(due),
    // tasks that fell due before the end of the generated history have been published
    told_due_at: due <= summary.end ? instant(due) : null,
    completed_at: done ? instant(completed) : null,
    result: done ? '客户反馈良好' : null,
    effectiveness: done ? random.whole(3, 5).toFixed(1) : null,
  });
}
