import { ID, InputType } from 'type-graphql';
import { DateTime } from '../model/scalars.js';
import { among, atLeast, atMost, equals, Where } from '../read/filter.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { AuditChannel, AuditEntry } from './audit-entry.entity.js';
import { byActor, ofRecord, throughChannel } from './audit.sql.js';
import './audit.policy.js';

@InputType({ description: 'Conditions on audit entries; all given ones hold.' })
export class AuditEntryFilter extends filterFrom('AuditEntryColumnFilter', AuditEntry) {
  @Where(among('recordType'), () => [String], 'Of records of one of these graph types, e.g. `Customer`.')
  recordType?: string[];

  @Where(ofRecord, () => ID, 'Of the record with this opaque id, deleted or not.')
  record?: string;

  @Where(
    byActor,
    () => [ID],
    'Done by one of these users, by id, number or login; `ME` is the caller, `actorLogin: "system"` the server itself.',
  )
  actor?: string[];

  @Where(equals('actorLogin'), () => String, 'Done under exactly this login.')
  actorLogin?: string;

  @Where(throughChannel, () => [AuditChannel], 'Through one of these channels.')
  channel?: string[];

  @Where(among('operation'), () => [String], 'Exactly one of these operations, e.g. `customer.update`.')
  operation?: string[];

  @Where(equals('requestId'), () => String, 'Done by exactly this request.')
  requestId?: string;

  @Where(atLeast('at', 'timestamptz'), () => DateTime, 'At this instant or later.')
  from?: string;

  @Where(atMost('at', 'timestamptz'), () => DateTime, 'At this instant or earlier.')
  until?: string;
}

export const auditEntries = list(AuditEntry, {
  filter: AuditEntryFilter,
  order: { at: 'When it was done.', number: 'The integer `number`.' },
  defaultOrder: [['AT', 'DESC']],
});
