import type { Dialect } from '../engine/dialect.js';
import { contactRows } from './contacts.js';
import { customerRows } from './customers.js';
import { manners } from './dialect.js';

/** The customer lifecycle: `/api/v1/customers` and `/api/v1/contracts`, without a slash at the end. */
export const lifecycle: Dialect = { ...manners, rows: [...customerRows, ...contactRows] };
