import { aggregateOf, type Arguments, type Embedded, type Scope } from '../model/fields.js';
import type { EntityClass } from '../model/model.js';
import { intervalOf, LookBack } from '../model/periods.js';
import { Activity } from '../activities/activity.entity.js';
import { Case } from '../cases/case.entity.js';
import { UsageEvent } from '../success/usage-event.entity.js';

/** How a customer used our product and our service within a period. */
export function behaviorOf(customer: Scope, args: Arguments): ReturnType<Embedded['fields']> {
  const length = args('period').bind(
    'interval',
    (value) => intervalOf[(value as LookBack | null | undefined) ?? 'THREE_MONTHS'],
  );
  const within = (instant: string, ago = 1): string =>
    `${instant} > now() - ${ago} * ${length} and ${instant} <= now() - ${ago - 1} * ${length}`;
  const of = (entity: EntityClass, expression: (row: Scope) => string, condition: (row: Scope) => string): string =>
    aggregateOf(
      customer,
      entity,
      expression,
      (row) => `${row.col('customer')} = ${customer.col('id')} and ${condition(row)}`,
    );
  const events = (kind: string, expression: (event: Scope) => string, ago = 1): string =>
    of(UsageEvent, expression, (event) => `${event.col('kind')} = '${kind}' and ${within(event.col('at'), ago)}`);
  const days = `greatest(1, extract(epoch from ${length}) / 86400)::numeric`;
  const local = (event: Scope): string => `${event.col('at')} at time zone ${customer.zone()}`;
  const [logins, loginsBefore] = [events('LOGIN', () => 'count(*)'), events('LOGIN', () => 'count(*)', 2)];
  const rising = `(${logins} > 1.1 * ${loginsBefore})`;
  const falling = `(${logins} < 0.9 * ${loginsBefore})`;
  const features = events('FEATURE', (event) => `count(distinct ${event.col('feature')})`);
  const allFeatures = aggregateOf(
    customer,
    UsageEvent,
    (event) => `count(distinct ${event.col('feature')})`,
    (event) => `${event.col('kind')} = 'FEATURE' and ${within(event.col('at'))}`,
  );
  const adoption = `coalesce(${features}::numeric / nullif(${allFeatures}, 0), 0)`;
  const cases = of(
    Case,
    () => 'count(*)',
    (one) => within(one.col('createdAt')),
  );
  const judged = (ago: number): string =>
    of(
      Case,
      (one) => `avg(${one.col('satisfaction')})`,
      (one) => `${one.col('satisfaction')} is not null and ${within(one.col('closedAt'), ago)}`,
    );
  const when = (activity: Scope): string =>
    `coalesce(${activity.col('startsAt')}, ${activity.col('completedAt')}, ${activity.col('createdAt')})`;
  const contacted = (activity: Scope): string =>
    `${activity.col('status')} = 'COMPLETED' and ${activity.col('kind')} <> 'NOTE' and ${within(when(activity))}`;
  const contacts = of(Activity, () => 'count(*)', contacted);
  const loginDays = events('LOGIN', (event) => `count(distinct (${local(event)})::date)`);
  const { from: used, where: visible, row: use } = customer.rows(UsageEvent);
  const { from: hours, where: visibleLogins, row: login } = customer.rows(UsageEvent);
  return {
    loginCount: `(${logins})::int`,
    loginsPerDay: `round(${logins} / ${days}, 2)::text`,
    loginTrend: `case when ${rising} then 'UP' when ${falling} then 'DOWN' else 'STABLE' end`,
    peakHours: `array(select extract(hour from ${local(login)})::int from ${hours} where ${visibleLogins} and ${login.col('customer')} = ${customer.col('id')} and ${login.col('kind')} = 'LOGIN' and ${within(login.col('at'))} group by 1 order by count(*) desc, 1 limit 3)`,
    features: {
      select: `select ${use.col('feature')} as feature, count(*)::int as count, round(100 * count(*) / sum(count(*)) over (), 2) as share
        from ${used} where ${visible} and ${use.col('customer')} = ${customer.col('id')} and ${use.col('kind')} = 'FEATURE' and ${within(use.col('at'))} group by 1 order by count(*) desc, 1 limit 5`,
    },
    featureCount: `(${features})::int`,
    featureAdoption: `round(100 * ${adoption}, 2)`,
    sessionMinutes: events('SESSION', (event) => `round(avg(${event.col('durationSeconds')}) / 60, 2)::text`),
    caseCount: `(${cases})::int`,
    casesPerMonth: `round(30 * ${cases} / ${days}, 2)::text`,
    satisfactionTrend: `case when ${judged(1)} - ${judged(2)} >= 0.1 then 'UP' when ${judged(1)} - ${judged(2)} <= -0.1 then 'DOWN' else 'STABLE' end`,
    contactCount: `(${contacts})::int`,
    preferredChannel: of(Activity, (activity) => `mode() within group (order by ${activity.col('kind')})`, contacted),
    engagement: `round(40 * least(1, 30 * ${loginDays} / ${days} / 20) + 30 * ${adoption} + 30 * least(1, 30 * ${contacts} / ${days} / 3), 1)::text`,
    insights: `array_remove(array[
      case when ${falling} then format('登录次数由 %s 次降至 %s 次', ${loginsBefore}, ${logins}) when ${rising} then format('登录次数由 %s 次升至 %s 次', ${loginsBefore}, ${logins}) end,
      case when ${allFeatures} > 0 then format('使用了 %s 个功能中的 %s 个', ${allFeatures}, ${features}) end,
      case when ${contacts} = 0 then '期间没有联系记录' end,
      case when ${cases} > 0 then format('提交了 %s 个工单', ${cases}) end], null)`,
  };
}
