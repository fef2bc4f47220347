import { Customer } from '../customers/customer.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { andMeets } from '../read/filter.js';
import type { Arguments, Embedded, Listed, Scope } from '../model/fields.js';
import { addedUp, amountOf, noMoneyJson, sumColumns, sumJson } from '../model/money.js';

/** Columns of customers that segments can be made by. */
export const dimensions: Record<string, string> = {
  INDUSTRY: 'industry',
  REGION: 'region',
  SIZE: 'size',
  TIER: 'tier',
};

/** Most segments that are shown by name; the rest is put together with the customers that have none. */
export const maxSegments = 50;

/** Visible customers that the report is of, with a property of theirs as `name`. */
function named(tenant: Scope, args: Arguments, property: string, more: (customer: Scope) => string = () => ''): string {
  const { from, where, row: customer } = tenant.rows(Customer);
  return `select ${customer.col(property)} as name${more(customer)} from ${from} where ${where}${andMeets(customer, args)}`;
}

/** What such customers brought: the amounts of their won opportunities, by that property and currency. */
function revenueBy(tenant: Scope, args: Arguments, property: string): string {
  const { from, where, row: opportunity } = tenant.rows(Opportunity);
  const customers = named(tenant, args, property, (customer) => `, ${customer.col('id')} as id`);
  return `select c.name, ${opportunity.col('currency')} as currency, ${sumColumns('revenue', amountOf(opportunity, 'wonAmount'))}
    from ${from} join (${customers}) c on c.id = ${opportunity.col('customer')} where ${where} and ${opportunity.col('stage')} = 'CLOSED_WON' group by 1, 2`;
}

/** Whether two names are the same or both there are none: no text that is stored is empty. */
const isSame = (a: string, b: string): string => `coalesce(${a}, '') = coalesce(${b}, '')`;

/** The revenue of a name as JSON, where `r` is what was found of it. */
const orNone = (currency: string): string =>
  `case when r.found is null then ${noMoneyJson(currency)} else r.revenue end`;

/** Customers by a dimension, the largest segment first; whole percentages that add to 100 (the largest remainders are rounded up). */
export function segments(tenant: Scope, args: Arguments): Listed {
  const property = Object.entries(dimensions).find(([name]) => args('by').is((wanted) => wanted === name))![1];
  const currency = tenant.currency();
  const shown = `case when place <= ${maxSegments} then segments.name end`;
  return {
    select: `with segments as (select name, count(*) n, row_number() over (order by name is null, count(*) desc, name) place from (${named(tenant, args, property)}) customers group by name),
      shares as (select name, n, 100 * n / sum(n) over () share from (select ${shown} as name, sum(n) n from segments group by 1) grouped),
      sums as (select ${shown} as name, currency, ${addedUp('revenue')}
        from (${revenueBy(tenant, args, property)}) s join segments on ${isSame('s.name', 'segments.name')} group by 1, 2),
      revenues as (select name, true as found, ${sumJson('revenue', currency)} as revenue from sums group by name)
      select shares.name, n::int as count, ${orNone(currency)} as revenue,
        (floor(share) + case when row_number() over (order by share - floor(share) desc, n desc, shares.name) <= 100 - sum(floor(share)) over () then 1 else 0 end)::int as share
      from shares left join revenues r on ${isSame('r.name', 'shares.name')} order by shares.name is null, n desc, shares.name`,
  };
}

const tiers = ['PLATINUM', 'GOLD', 'SILVER', 'BRONZE'];
const tierNames = { PLATINUM: '铂金', GOLD: '黄金', SILVER: '白银', BRONZE: '青铜' };

/** How loyal the customers of each tier are, and of which tier the least. */
export function loyalty(tenant: Scope, args: Arguments): Embedded {
  const kept = `count(*) filter (where status in ('ACTIVE', 'INACTIVE'))`;
  const customers = named(tenant, args, 'tier', (customer) => `, ${customer.col('status')} as status`);
  const currency = tenant.currency();
  const revenues = `select name, true as found, ${sumJson('revenue', currency)} as revenue from (${revenueBy(tenant, args, 'tier')}) sums group by name`;
  const levels = `select l.place, l.tier, coalesce(f.n, 0)::int as count, coalesce(f.kept, 0)::int as kept, coalesce(f.lost, 0)::int as lost, ${orNone(currency)} as revenue,
      round(100.0 * f.kept / nullif(f.kept + f.lost, 0))::int as "retentionRate"
    from unnest(array[${tiers.map((tier) => `'${tier}'`).join(', ')}]) with ordinality l(tier, place)
    left join (select name, count(*) n, ${kept} kept, count(*) filter (where status = 'LOST') lost from (${customers}) customers group by name) f on f.name = l.tier
    left join (${revenues}) r on r.name = l.tier order by l.place`;
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
