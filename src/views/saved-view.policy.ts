import { actions } from '../model/actions.js';
import { access } from '../read/access.js';
import { departmentsAbove } from '../departments/department.sql.js';
import { SavedView } from './saved-view.entity.js';
import { isMine } from './saved-view.sql.js';

/** Views are seen by their owners and by those with whom they are shared; whoever administers the tenant sees to all that are shared. */
access(SavedView, {
  personal: {
    sees: (row) =>
      row.rights.administer
        ? `${isMine(row)} or ${row.col('sharing')} <> 'PRIVATE'`
        : `${isMine(row)} or ${row.col('sharing')} = 'TENANT' or (${row.col('sharing')} = 'DEPARTMENT' and ${row.col('department')} = any(${departmentsAbove(row.tenant(), row.me())}))`,
    changes: (row) =>
      row.rights.administer
        ? `${isMine(row)} or ${row.col('sharing')} <> 'PRIVATE'`
        : `${isMine(row)} and ${row.col('sharing')} <> 'TENANT'`,
  },
});

export const savedViewActions = actions(SavedView, { update: {}, delete: {} });
