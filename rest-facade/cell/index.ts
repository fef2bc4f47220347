import type { Dialect } from '../engine/types.js';
import { auditRows } from './audit.js';
import { overviewRows } from './overview.js';
import { contactRows } from './contacts.js';
import { contractRows } from './contracts.js';
import { customerRows } from './customers.js';
import { reportRows } from './reports.js';
import { settings } from './dialect.js';
import { schemas } from './schemas.js';
import { followUpRows } from './follow-ups.js';
import { importRows } from './import.js';
import { opportunityRows } from './opportunities.js';

/** The CRM cell: `/api/v1/crm` behind the gateway, the root directly. */
export const cell: Dialect = {
  ...settings,
  schemas,
  rows: [
    ...customerRows,
    ...contactRows,
    ...opportunityRows,
    ...followUpRows,
    ...contractRows,
    ...overviewRows,
    ...importRows,
    ...reportRows,
    ...auditRows,
  ],
};
