import type { EntityClass } from '../model/model.js';
import { modelOf } from '../model/model.js';
import { consequence } from '../write/consequences.js';
import { changedAt, plainVersions } from '../write/versions.js';
import { User } from '../identity/user.entity.js';

/**
 * Has the column `ownerDepartment` of an entity follow its `owner`: it is stored anew in the transaction that gives a record
 * to somebody else, and in the one that moves the owner into another department.
 */
export function followOwner(entity: EntityClass): void {
  consequence({
    of: [entity],
    follows: ({ changes }) => 'owner' in changes,
    statements: (tenantId, records) => {
      const { table } = modelOf(entity);
      const values = [tenantId, records.map(({ id }) => id)];
      return [
        { text: ownersOf(table), values },
        { text: stored(table, 't.id = any($2::uuid[])'), values },
      ];
    },
  });
  consequence({
    of: [User],
    follows: ({ changes }) => 'department' in changes,
    statements: (tenantId, users) => {
      const model = modelOf(entity);
      const values = [tenantId, users.map(({ id }) => id)];
      // what is kept of a record follows from its present row, which is looked at once it is locked
      return [
        { text: locked(model.table), values },
        ...plainVersions(model, `${ofUsers} and ${differs}`, values),
        { text: stored(model.table, ofUsers, model.kept ? [changedAt(model, 't.')] : []), values },
      ];
    },
  });
}

/** The department of the owner of a record `t`. */
const ofOwner = '(select u.department_id from user_account u where u.tenant_id = $1 and u.id = t.owner_id)';
const differs = `t.owner_department_id is distinct from ${ofOwner}`;
const ofUsers = 't.owner_id = any($2::uuid[])';

/** Locks the owners of records, who stay in their departments until the commit. */
const ownersOf = (table: string): string =>
  `select u.id from user_account u where u.tenant_id = $1 and u.id in (select owner_id from "${table}" where tenant_id = $1 and id = any($2::uuid[])) order by u.id for share of u`;

/** Locks the records of users that lie in other departments than these. Nobody gives them further ones, since their rows are changed. */
const locked = (table: string): string =>
  `select t.id from "${table}" t where t.tenant_id = $1 and ${ofUsers} and ${differs} order by t.id for no key update of t`;

/** Stores the departments of the owners of the records for which the condition holds. */
const stored = (table: string, which: string, sets: readonly string[] = []): string =>
  `update "${table}" t set ${[`owner_department_id = ${ofOwner}`, ...sets].join(', ')} where t.tenant_id = $1 and ${which} and ${differs}`;
