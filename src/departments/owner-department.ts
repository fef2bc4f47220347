import type { EntityClass } from '../model/model.js';
import { modelOf, type EntityModel } from '../model/model.js';
import { consequence } from '../write/consequences.js';
import { changedAt, keeping } from '../write/versions.js';
import { User } from '../identity/user.entity.js';

/**
 * Has the column `ownerDepartment` of an entity follow its `owner`: it is stored anew in the transaction that gives a record
 * to somebody else, and in the one that moves the owner into another department.
 */
export function followOwner(entity: EntityClass): void {
  consequence({
    of: [entity],
    follows: ({ changes }) => 'owner' in changes,
    statements: (tenantId, records) => [
      { text: ofRecords(modelOf(entity).table), values: [tenantId, records.map(({ id }) => id).toSorted()] },
    ],
  });
  consequence({
    of: [User],
    follows: ({ changes }) => 'department' in changes,
    statements: (tenantId, users) => {
      const model = modelOf(entity);
      const values = [tenantId, users.map(({ id }) => id)];
      // what is kept of a record follows from its present row, which is looked at once it is locked
      const locked = model.kept ? [{ text: `with ${owned(model)} select id from owned`, values }] : [];
      return [...locked, { text: ofOwners(model), values }];
    },
  });
}

/** The owners stay in their departments until the commit. */
const ofRecords = (table: string): string => `with owners as (
    select u.id, u.department_id from user_account u
    where u.tenant_id = $1 and u.id in (select owner_id from "${table}" where tenant_id = $1 and id = any($2::uuid[]))
    order by u.id for share of u
  )
  update "${table}" t set owner_department_id = f.department_id
  from (
    select r.id, o.department_id from "${table}" r left join owners o on o.id = r.owner_id
    where r.tenant_id = $1 and r.id = any($2::uuid[])
  ) f
  where t.tenant_id = $1 and t.id = f.id and t.owner_department_id is distinct from f.department_id`;

/** The records of the owners that lie in other departments than these, locked. */
const owned = ({ table }: EntityModel): string => `owned as (
    select r.id, u.department_id from "${table}" r join user_account u on u.tenant_id = r.tenant_id and u.id = r.owner_id
    where r.tenant_id = $1 and u.tenant_id = $1 and u.id = any($2::uuid[]) and r.owner_department_id is distinct from u.department_id
    order by r.id for no key update of r
  )`;

const ofOwners = (model: EntityModel): string => {
  const kept = model.kept ? `, kept as (${keeping(model, 't.id in (select id from owned)')} returning record)` : '';
  return `with ${owned(model)}${kept}
  update "${model.table}" t set owner_department_id = o.department_id${model.kept ? `, ${changedAt(model, 't.')}` : ''} from owned o where t.tenant_id = $1 and t.id = o.id`;
};
