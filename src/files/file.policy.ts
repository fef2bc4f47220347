import { actions, restore } from '../model/actions.js';
import type { EntityClass } from '../model/model.js';
import { exists, type Scope } from '../model/fields.js';
import { access } from '../read/access.js';
import { hasEntered } from '../identity/reach.sql.js';
import { File } from './file.entity.js';
import { Activity } from '../activities/activity.entity.js';
import { Case } from '../cases/case.entity.js';
import { Contract } from '../contracts/contract.entity.js';

const onVisible = (row: Scope, entity: EntityClass, property: string): string =>
  exists(row, entity, (other) => `${other.col('id')} = ${row.col(property)}`);

/** A file is visible to whoever uploaded it and to whoever may see what it is attached to. */
access(File, {
  visible: (row) =>
    [
      hasEntered(row),
      onVisible(row, Activity, 'activity'),
      onVisible(row, Case, 'case'),
      onVisible(row, Contract, 'contract'),
    ].join(' or '),
  own: hasEntered,
});

export const fileActions = actions(File, { attach: {}, detach: {}, delete: {}, restore });
