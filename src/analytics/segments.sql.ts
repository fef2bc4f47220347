import type { Arguments, Embedded, Listed, Scope } from '../model/fields.js';
import { sumOf } from './range.sql.js';
import { Customer } from '../customers/customer.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';

/** Columns of customers that segments can be made by. */
export const dimensions: Record<string, string> = {
  INDUSTRY: 'industry',
  REGION: 'region',
  SIZE: 'size',
  TIER: 'tier',
};

/** Most segments that are shown by name; the rest is put together with the customers that have none. */
export const maxSegments = 50;

/** Visible customers with what they brought: columns of `columns`, `opportunities` (won) and `revenue` of them. */
function withRevenue(tenant: Scope, columns: (customer: Scope) => string): string {
  const { from, where, row: customer } = tenant.rows(Customer);
  const { from: opportunities, where: visible, row: opportunity } = tenant.rows(Opportunity);
  return `select ${columns(customer)}, coalesce(w.opportunities, 0) opportunities, w.revenue from ${from}
    left join (select ${opportunity.col('customer')} customer_id, count(*) opportunities, sum(${opportunity.shown('wonAmount')}) revenue from ${opportunities} where ${visible} and ${opportunity.col('stage')} = 'CLOSED_WON' group by 1) w
      on w.customer_id = ${customer.col('id')}
    where ${where}`;
}

const revenue = `(${sumOf('revenue', 'opportunities > 0')})`;

/** Customers by a dimension, the largest segment first; whole percentages that add to 100 (the largest remainders are rounded up). */
export function segments(tenant: Scope, args: Arguments): Listed {
  const property = Object.entries(dimensions).find(([name]) => args('by').is((wanted) => wanted === name))![1];
  const ranked = `select name, count(*) n, sum(opportunities) opportunities, case when sum(opportunities) = 0 then 0 else sum(revenue) end revenue, row_number() over (order by name is null, count(*) desc, name) place
    from (${withRevenue(tenant, (customer) => `${customer.col(property)} as name`)}) customers group by name`;
  const grouped = `select case when place <= ${maxSegments} then name end name, sum(n) n, ${revenue} revenue from (${ranked}) ranked group by 1`;
  const shares = `select name, n, revenue, 100 * n / sum(n) over () share, sum(n) over () total from (${grouped}) grouped`;
  return {
    select: `select name, n::int as count, revenue::numeric(18,2)::text as revenue,
        (floor(share) + case when row_number() over (order by share - floor(share) desc, n desc, name) <= 100 - sum(floor(share)) over () then 1 else 0 end)::int as percentage
      from (${shares}) shares order by name is null, n desc, name`,
  };
}

const tiers = ['PLATINUM', 'GOLD', 'SILVER', 'BRONZE'];
const tierNames = { PLATINUM: '铂金', GOLD: '黄金', SILVER: '白银', BRONZE: '青铜' };

/** How loyal the customers of each tier are, and of which tier the least. */
export function loyalty(tenant: Scope): Embedded {
  const kept = `count(*) filter (where status in ('ACTIVE', 'INACTIVE'))`;
  const levels = `select l.place, l.tier, coalesce(f.n, 0)::int as count, coalesce(f.kept, 0)::int as kept, coalesce(f.lost, 0)::int as lost, (case when f.n is null then 0 else f.revenue end)::numeric(18,2)::text as revenue,
      round(100.0 * f.kept / nullif(f.kept + f.lost, 0))::int as "retentionRate"
    from unnest(array[${tiers.map((tier) => `'${tier}'`).join(', ')}]) with ordinality l(tier, place)
    left join (select tier, count(*) n, ${kept} kept, count(*) filter (where status = 'LOST') lost, ${revenue} revenue
      from (${withRevenue(tenant, (customer) => `${customer.col('tier')} as tier, ${customer.col('status')} as status`)}) customers group by tier) f using (tier) order by l.place`;
  const least = `(select tier from loyalty_levels where "retentionRate" is not null order by "retentionRate", place desc limit 1)`;
  const words = Object.entries(tierNames)
    .map(([tier, word]) => `when '${tier}' then '${word}'`)
    .join(' ');
  return {
    present: () => 'true',
    shared: () => ({ loyalty_levels: levels }),
    fields: () => ({
      levels: { select: 'select * from loyalty_levels order by place' },
      weakestTier: least,
      recommendation: `(select '针对' || (case tier ${words} end) || '级客户，建议实施客户关怀计划，提高客户忠诚度' from (select ${least} tier) weakest)`,
    }),
  };
}
