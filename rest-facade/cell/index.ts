import type { Dialect } from '../engine/dialect.js';
import { contactRows } from './contacts.js';
import { customerRows } from './customers.js';
import { manners } from './dialect.js';

/** The CRM cell: `/api/v1/crm` behind the gateway, the root directly. */
export const cell: Dialect = { ...manners, rows: [...customerRows, ...contactRows] };
