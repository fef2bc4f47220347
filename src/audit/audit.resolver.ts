import { Tenant } from '../tenants/tenant.entity.js';
import { isAudited } from '../model/entity.js';
import { allModels } from '../model/model.js';
import { addField, childList, rootList } from '../graphql/fields.js';
import { AuditEntry, FieldChange } from './audit-entry.entity.js';
import { auditEntries } from './audit.inputs.js';
import { isOfRecord } from './audit.sql.js';
import { changedFields } from './changed-fields.js';

const Entries = rootList(
  auditEntries,
  'auditEntries',
  'The audit log: every change of every record in the tenant, whatever channel it came through, newest first. For those with the right to it: FORBIDDEN else. The entries of one record are its `history`.',
);

const Changes = addField(
  AuditEntry,
  'changes',
  () => [FieldChange],
  { description: 'Each field that was changed, by name; of a new record every field that was given a value.' },
  { kind: 'listed', of: changedFields },
);

let made: Array<new () => object> | undefined;

/** The audit log, and `history` on every record whose changes are audited. To be called once the model is loaded. */
export function auditResolvers(): Array<new () => object> {
  made ??= [
    Entries,
    Changes,
    ...allModels()
      .filter(({ owned, type }) => (owned && isAudited(type)) || type === Tenant)
      .map(({ name, type }) =>
        childList(
          type,
          'history',
          auditEntries,
          'What was done to the record, newest first; values as the caller may see them on the record itself.',
          isOfRecord(name),
        ),
      ),
  ];
  return made;
}
