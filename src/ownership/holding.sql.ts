import { Customer } from '../customers/customer.entity.js';
import { Lead } from '../leads/lead.entity.js';
import { modelOf, type EntityClass } from '../model/model.js';
import type { PoolKind } from '../pools/pool.entity.js';

// The tenant is an expression, in statements of the server itself `$1`; a limit has the alias `l`, a record `r`.

/** SQL for the limit that holds for the user whose id an expression gives: their own, else that of the nearest department. */
export const limitOf = (kind: PoolKind, user: string, tenant = '$1'): string =>
  `select h.* from holding_limit h
    left join user_account u on u.tenant_id = ${tenant} and u.id = ${user}
    left join department_path p on p.tenant_id = ${tenant} and p.ancestor_id = h.department_id and p.descendant_id = u.department_id
    where h.tenant_id = ${tenant} and h.kind = '${kind}' and h.deleted_at is null and (h.user_id = ${user} or p.ancestor_id is not null)
    order by h.user_id nulls last, p.depth limit 1`;

/** SQL conditions: the record counts under the limit. */
const counts: Record<PoolKind, (tenant: string) => string> = {
  CUSTOMER: (
    tenant,
  ) => `r.deleted_at is null and r.tier <> all(l.uncounted_tiers) and r.status <> all(l.uncounted_statuses)
    and not (l.uncounted_in_force and exists (select 1 from contract k where k.tenant_id = ${tenant} and k.customer_id = r.id and k.status = 'IN_FORCE' and k.deleted_at is null))`,
  LEAD: () => `r.deleted_at is null and r.status <> 'CONVERTED' and r.status <> all(l.uncounted_lead_statuses)`,
};

export const limitedEntities: Record<PoolKind, EntityClass> = { CUSTOMER: Customer, LEAD: Lead };

/** SQL over the records of that kind that count for a user under the limit. */
export const held = (kind: PoolKind, what: string, where: string, tenant = '$1'): string =>
  `select ${what} from ${modelOf(limitedEntities[kind]).table} r where r.tenant_id = ${tenant} and ${where} and ${counts[kind](tenant)}`;
