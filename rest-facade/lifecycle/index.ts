import type { Dialect } from '../engine/dialect.js';
import { batchRows } from './batch.js';
import { contactRows } from './contacts.js';
import { contractRows } from './contracts.js';
import { customerRows } from './customers.js';
import { manners } from './dialect.js';
import { serviceRows } from './service.js';
import { tagRows } from './tags.js';

/** The customer lifecycle: `/api/v1/customers` and `/api/v1/contracts`, without a slash at the end. */
export const lifecycle: Dialect = { ...manners, rows: [...customerRows, ...batchRows, ...contactRows, ...contractRows, ...tagRows, ...serviceRows] };
