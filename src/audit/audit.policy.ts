import { access } from '../read/query.js';
import { AuditEntry } from './audit-entry.entity.js';

/** The log as a whole is for those with the right to it, whatever else they see; anybody else meets entries only at records that they may see. */
access(AuditEntry, { right: 'audit' });
