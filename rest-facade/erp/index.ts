import type { Dialect } from '../engine/dialect.js';
import { accountRows } from './accounts.js';
import { contactRows } from './contacts.js';
import { manners } from './dialect.js';
import { opportunityRows } from './opportunities.js';

/** The CRM module of the ERP. */
export const erp: Dialect = { ...manners, rows: [...accountRows, ...contactRows, ...opportunityRows] };
