import { hiddenEvents, isDisclosedOf } from '../model/derived.js';
import type { Scope } from '../model/fields.js';
import { entityNamed } from '../model/model.js';
import { access } from '../read/access.js';
import { AuditEntry } from './audit-entry.entity.js';
import { capitalized } from '../core/names.js';

/** An entry that reveals what is hidden from the caller, `contract.overdue` say, is not there for them. */
const revealsNothingHidden = (entry: Scope): string =>
  hiddenEvents
    .map((event) => {
      const [record, what] = event.split('.').slice(1) as [string, string];
      const entity = entityNamed(capitalized(record))!;
      const disclosed = isDisclosedOf(entry, event, entity, entry.col('recordId'));
      return disclosed === 'true' ? disclosed : `(${entry.col('operation')} <> '${record}.${what}' or ${disclosed})`;
    })
    .filter((condition) => condition !== 'true')
    .join(' and ') || 'true';

/** The log as a whole requires the right to it; other callers see the entries of records that they may see. */
access(AuditEntry, { right: 'audit', exists: revealsNothingHidden });
