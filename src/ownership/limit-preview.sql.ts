import { permit } from '../core/needs.js';
import { Department } from '../departments/department.entity.js';
import { User } from '../identity/user.entity.js';
import type { Arguments, Listed, Scope } from '../model/fields.js';
import type { PoolKind } from '../pools/pool.entity.js';
import { idOf } from '../read/references.js';
import { fieldIn, isNamed, storedAs } from './described.sql.js';
import { HoldingLimit } from './holding-limit.entity.js';
import { held, limitedEntities } from './holding.sql.js';

/** How many of those who are over a limit are named. */
export const maxHolders = 100;

/** What of a limit says what counts, with how it is stored. */
const columns = (): ReturnType<typeof storedAs> =>
  storedAs(HoldingLimit, [
    'kind',
    'max',
    'uncountedTiers',
    'uncountedStatuses',
    'uncountedLeadStatuses',
    'uncountedInForce',
  ]);

/** The limit that the arguments name or describe, for exactly one user or department; no row where it is not there. */
function chosen(row: Scope, args: Arguments): string {
  const id = args('id');
  if (isNamed(id)) {
    const { from, where, row: limit } = row.rows(HoldingLimit);
    const parts = [['id'], ['user', 'user_id'], ['department', 'department_id'], ...columns()] as string[][];
    return `select ${parts.map(([property, column = property]) => `${limit.col(property!)} as ${column}`).join(', ')} from ${from} where ${where} and ${limit.col('id')} = ${idOf(HoldingLimit, row, id)}`;
  }
  const input = args('input');
  const empty = (cast: string): string =>
    cast.endsWith('[]') ? `'{}'` : cast === 'boolean' ? 'false' : `null::${cast}`;
  const given = columns().map(
    ([property, column, cast]) => `coalesce(${fieldIn(input, property).bind(cast)}, ${empty(cast)}) as ${column}`,
  );
  return `select * from (select null::uuid as id, ${idOf(User, row, fieldIn(input, 'user'))} as user_id, ${idOf(Department, row, fieldIn(input, 'department'))} as department_id, ${given.join(', ')}) d
    where num_nonnulls(user_id, department_id) = 1 and kind is not null and max is not null`;
}

/** SQL condition: the limit `l` is the one that holds for the user `u`, were it stored: their own, or that of the nearest department. */
function applies(tenant: string): string {
  const nearer = `select 1 from holding_limit h left join department_path q on q.tenant_id = ${tenant} and q.ancestor_id = h.department_id and q.descendant_id = u.department_id
    where h.tenant_id = ${tenant} and h.kind = l.kind and h.deleted_at is null and h.id is distinct from l.id and (h.user_id = u.id or q.depth < p.depth)`;
  return `(u.id = l.user_id or exists (select 1 from department_path p where p.tenant_id = ${tenant} and p.ancestor_id = l.department_id and p.descendant_id = u.department_id and not exists (${nearer})))`;
}

/** Who would be over a limit today, and by how much. */
export function previewLimit(tenant: Scope, args: Arguments): Listed {
  permit(tenant.rights, 'holdingLimitPreview');
  const id = tenant.tenant();
  const holders = (Object.keys(limitedEntities) as PoolKind[]).map(
    (kind) =>
      `select u.id, u.name, (${held(kind, 'count(*)::int', 'r.owner_id = u.id', id)}) as held, l.max from chosen l join user_account u on u.tenant_id = ${id} and ${applies(id)} where l.kind = '${kind}'`,
  );
  const first = `select id as "userId", name, held, held - max as over from holders where held > max order by held - max desc, id limit ${maxHolders}`;
  return {
    select: `with chosen as materialized (${chosen(tenant, args)}), holders as materialized (${holders.join(' union all ')})
      select kind, (select count(*)::int from holders) as total, (select count(*)::int from holders where held > max) as "overCount", array_to_json(array(select row_to_json(f) from (${first}) f)) as holders from chosen`,
  };
}
