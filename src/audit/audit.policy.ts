import { access } from '../read/query.js';
import { AuditEntry } from './audit-entry.entity.js';

/** The log as a whole requires the right to it; other callers see the entries of records that they may see. */
access(AuditEntry, { right: 'audit' });
