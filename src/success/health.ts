import type { Row, Statement } from '../core/database.js';
import { inUnits } from '../model/comparable.js';
import { insertRows } from '../write/statements.js';
import { dueDayFor, storedPayment, storedTerms, withOpen } from '../contracts/terms.sql.js';

/**
 * How the health of customers is computed: rules as tables, put together to one statement for any number of customers. A
 * distributed database has it worked out by the tenant's node, as it does statements that only read: so what is stored follows by itself.
 * `health` lists what is computed; every fact is read from the tenant's own records.
 */

/** Score where there is no fact to judge by. */
const neutral = 75;

/** What each part weighs. */
export const weights = { satisfaction: 0.3, activity: 0.25, financial: 0.25, contract: 0.2 } as const;

type Part = keyof typeof weights;

/** Points from the first limit that the value reaches; `least` where it reaches none. */
interface Steps {
  reached: 'at most' | 'at least';
  steps: ReadonlyArray<readonly [limit: number, points: number]>;
  least: number;
}

/** Days since the last contact. */
const recency: Steps = {
  reached: 'at most',
  steps: [
    [7, 100],
    [30, 85],
    [60, 70],
    [90, 50],
    [180, 30],
  ],
  least: 10,
};
/** Contacts in the past 90 days. */
const frequency: Steps = {
  reached: 'at least',
  steps: [
    [6, 100],
    [3, 80],
    [1, 60],
  ],
  least: 20,
};
/** Days until the last of the contracts in force ends. */
const remaining: Steps = {
  reached: 'at least',
  steps: [
    [181, 90],
    [91, 80],
    [31, 65],
    [0, 45],
  ],
  least: 20,
};
/** From which overall score on which risk. */
const risks = [
  [80, 'LOW'],
  [60, 'MEDIUM'],
  [40, 'HIGH'],
] as const;

const points = (value: string, { reached, steps, least }: Steps): string =>
  `case ${steps.map(([limit, score]) => `when ${value} ${reached === 'at most' ? '<=' : '>='} ${limit} then ${score}`).join(' ')} else ${least} end`;

/** Each part over the facts; columns of `facts` below. */
const parts: Record<Part, string> = {
  satisfaction: `case when judged = 0 then ${neutral} else (mean - 1) * 25 end`,
  activity: `case when days_since is null then ${neutral} else 0.6 * ${points('days_since', recency)} + 0.4 * ${points('recent', frequency)} end`,
  financial: `case when agreed = 0 and in_time + late = 0 then ${neutral}
    else 50 * coalesce(in_time::numeric / nullif(in_time + late, 0), 1) + 50 * (1 - coalesce(overdue_amount / nullif(agreed, 0), 0)) end`,
  contract: `case when in_force + ended = 0 then ${neutral} when in_force = 0 then 20
    else least(100, (case when endless then 90 else ${points('days_left', remaining)} end) + least(10, 5 * renewals)) end`,
};

/** The overall score as SQL over expressions for the parts. */
export const overall = (of: Record<Part, string>): string =>
  `round(${Object.entries(weights)
    .map(([part, weight]) => `${weight} * ${of[part as Part]}`)
    .join(' + ')}, 1)`;

/** A text that is said where a condition on the facts holds; both are SQL. */
type Saying = readonly [when: string, text: string];

const positive: readonly Saying[] = [
  ['judged > 0 and satisfaction >= 75', `format('近一年 %s 次服务评价，平均满意度 %s 分', judged, round(mean, 1))`],
  ['days_since <= 30', `format('%s 天前有过联系', days_since)`],
  ['recent >= 3', `format('近 90 天联系 %s 次', recent)`],
  ['in_time > 0 and late = 0', `format('%s 笔付款全部按时到账', in_time)`],
  [
    'in_force > 0 and (endless or days_left > 90)',
    `format('%s 份合同生效中%s', in_force, case when endless then '' else format('，距最晚到期日 %s 天', days_left) end)`,
  ],
  ['renewals > 0', `format('合同续签 %s 次', renewals)`],
];

const negative: readonly Saying[] = [
  ['judged > 0 and satisfaction < 60', `format('近一年 %s 次服务评价，平均满意度仅 %s 分', judged, round(mean, 1))`],
  ['days_since > 60', `format('已有 %s 天没有联系', days_since)`],
  ['overdue > 0', `format('%s 份合同付款逾期', overdue)`],
  ['late > 0', `format('%s 笔付款晚于约定日期', late)`],
  ['in_force > 0 and not endless and days_left between 0 and 90', `format('合同将在 %s 天后到期', days_left)`],
  ['in_force > 0 and not endless and days_left < 0', `format('合同已过期 %s 天未处理', -days_left)`],
  ['in_force = 0 and ended > 0', `'没有生效中的合同'`],
];

const advice: readonly Saying[] = [
  ['overdue > 0', `'与客户确认逾期款项的付款计划'`],
  ['days_since > 60 or days_since is null', `'安排一次客户回访'`],
  ['judged > 0 and satisfaction < 60', `'针对低分服务评价改进服务并回访客户'`],
  ['in_force > 0 and not endless and days_left <= 90', `'启动续约洽谈'`],
  ['in_force = 0 and ended > 0', `'了解客户需求，争取重新签约'`],
];

const said = (sayings: readonly Saying[]): string =>
  `array_remove(array[${sayings.map(([when, text]) => `case when ${when} then ${text} end`).join(', ')}], null)::text[]`;

/** Facts of each chosen customer. Parameters: $1 tenant, $2 customers' ids, $3 today, $4 time zone, $5 new ids. */
const facts = `
  select chosen.*, s.*, a.*, p.*, k.*
  from chosen
  cross join lateral (
    select count(*)::int judged, avg(satisfaction) mean from service_case
    where tenant_id = $1 and customer_id = chosen.customer_id and deleted_at is null and satisfaction is not null and coalesce(closed_at, resolved_at, created_at) > now() - interval '1 year'
  ) s
  cross join lateral (
    select $3::date - max(day) days_since, (count(*) filter (where day > $3::date - 90))::int recent
    from (
      select (coalesce(starts_at, completed_at, created_at) at time zone $4)::date as day from activity
      where tenant_id = $1 and customer_id = chosen.customer_id and deleted_at is null and status = 'COMPLETED' and kind <> 'NOTE'
    ) contact where day <= $3::date
  ) a
  cross join lateral (
    select (count(*) filter (where on_time))::int in_time, (count(*) filter (where not on_time))::int late
    from (
      select paid.day <= ${dueDayFor(storedTerms('c'), 'paid.before')} as on_time
      from (
        select p.contract_id, p.kind, (p.paid_at at time zone $4)::date as day,
          coalesce(sum(${storedPayment}) over (partition by p.contract_id order by p.paid_at, p.number rows between unbounded preceding and 1 preceding), 0) before
        from contract c join payment p on p.tenant_id = $1 and p.contract_id = c.id and p.deleted_at is null
        where c.tenant_id = $1 and c.customer_id = chosen.customer_id and c.deleted_at is null
      ) paid join contract c on c.tenant_id = $1 and c.id = paid.contract_id
      where paid.kind = 'PAYMENT'
    ) payment
  ) p
  cross join lateral (
    select
      (count(*) filter (where status = 'IN_FORCE'))::int in_force,
      (count(*) filter (where status = 'EXPIRED' or status = 'TERMINATED' and signed_on is not null))::int ended,
      coalesce(bool_or(status = 'IN_FORCE' and ends_on is null), false) endless,
      max(ends_on) filter (where status = 'IN_FORCE') - $3::date days_left,
      coalesce(bool_or(status = 'IN_FORCE' and ends_on between $3::date and $3::date + notice_days), false) ending,
      min(ends_on) filter (where status = 'IN_FORCE' and ends_on >= $3::date) - $3::date next_end,
      coalesce(sum(owed) filter (where status in ('IN_FORCE', 'EXPIRED')), 0) agreed,
      coalesce(sum(late) filter (where status in ('IN_FORCE', 'EXPIRED')), 0) overdue_amount,
      (count(*) filter (where status in ('IN_FORCE', 'EXPIRED') and late > 0))::int overdue,
      coalesce(sum(renewed), 0)::int renewals
    from (
      select case when c.status = 'IN_FORCE' and c.ends_on < $3::date then 'EXPIRED' else c.status end status, c.signed_on, c.ends_on, c.notice_days, terms.owed, terms.late, c.term - 1 renewed
      from contract c
      cross join lateral (select coalesce(sum(${storedPayment}), 0) amount from payment p where p.tenant_id = $1 and p.contract_id = c.id and p.deleted_at is null) paid
      cross join lateral (
        select coalesce(sum(stored), 0) owed, coalesce(sum(open) filter (where due_on < $3::date), 0) late from (${withOpen(storedTerms('c'), 'paid.amount')}) each_term
      ) terms
      where c.tenant_id = $1 and c.customer_id = chosen.customer_id and c.deleted_at is null
    ) agreement
  ) k`;

const named = Object.fromEntries(Object.keys(weights).map((part) => [part, part])) as Record<Part, string>;

/** Locks the customers of a list (`$2`) that are not deleted, so that one at a time scores them. */
export const lockScored =
  'select c.id from customer c where c.tenant_id = $1 and c.id = any($2::uuid[]) and c.deleted_at is null order by c.id for no key update of c';

/** What is stored of a score, in the order in which `scoring` gives it. */
const columns = [
  'id',
  'customer_id',
  'overall',
  'risk_level',
  'satisfaction',
  'activity',
  'financial',
  'contract',
  'positive_factors',
  'negative_factors',
  'recommendations',
  'overall_units',
];

/**
 * Scores the customers for today. Returns for each what is stored (`columns`), and behind it: the customer's score before,
 * whether it had one before, days to the next end of a contract that lies within its notice (or null), the customer's owner.
 */
export const scoring = `
  with chosen as materialized (
    select c.id customer_id, c.owner_id, c.health_score before, coalesce(today.id, n.new_id) score_id, exists (select 1 from health_score h where h.tenant_id = $1 and h.customer_id = c.id) had
    from customer c join unnest($2::uuid[], $5::uuid[]) n (id, new_id) on n.id = c.id
    left join health_score today on today.tenant_id = $1 and today.customer_id = c.id and today.scored_on = $3::date
    where c.tenant_id = $1 and c.id = any($2::uuid[]) and c.deleted_at is null
  ),
  facts as materialized (${facts}),
  parts as materialized (select *, ${Object.entries(parts)
    .map(([part, sql]) => `round((${sql})::numeric, 1) ${part}`)
    .join(', ')} from facts),
  scores as (select *, ${overall(named)} overall from parts)
  select score_id, customer_id, overall, case ${risks.map(([from, risk]) => `when overall >= ${from} then '${risk}'`).join(' ')} else 'VERY_HIGH' end,
    satisfaction, activity, financial, contract, ${said(positive)}, ${said(negative)}, ${said(advice)}, ${inUnits('overall', 1)},
    before, had, case when ending then next_end end, owner_id
  from scores order by customer_id`;

/** Keeps the overall score that is replaced, unless it is the one that was kept last. */
const keepingEarlier = Object.entries({ earlier_from: 'created_at', earlier_overall: 'overall' })
  .map(
    ([list, value]) =>
      `${list} = case when health_score.earlier_overall[cardinality(health_score.earlier_overall)] = health_score.overall then health_score.${list} else array_append(health_score.${list}, health_score.${value}) end`,
  )
  .join(', ');

/** Stores scores of a day as `scoring` gives them, and writes them to the customers. */
export function storeScores(tenantId: string, day: string, scores: readonly Row[]): Statement[] {
  const set = columns.slice(2).map((column) => `${column} = excluded.${column}`);
  const column = (name: string): unknown[] => scores.map((row) => row[columns.indexOf(name)]);
  return [
    ...insertRows(
      `health_score (${['tenant_id', 'scored_on', ...columns].join(', ')})`,
      [tenantId, day],
      scores.map((row) => row.slice(0, columns.length)),
      ` on conflict (tenant_id, customer_id, scored_on) do update set created_at = greatest(excluded.created_at, health_score.created_at), ${keepingEarlier}, ${set.join(', ')}`,
    ),
    {
      text: `update customer c set health_score = v.overall, health_score_units = v.units
        from unnest($2::uuid[], $3::numeric[], $4::bigint[]) v (id, overall, units) where c.tenant_id = $1 and c.id = v.id and c.health_score <> v.overall`,
      values: [tenantId, column('customer_id'), column('overall'), column('overall_units')],
    },
  ];
}
