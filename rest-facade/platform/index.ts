import type { Dialect } from '../engine/dialect.js';
import { customerRows } from './customers.js';
import { manners } from './dialect.js';
import { memberRows } from './members.js';
import { tenantRows } from './tenants.js';

/** The customer platform: `/api/v1/customers/…`, always with a slash at the end. */
export const platform: Dialect = { ...manners, rows: [...customerRows, ...memberRows, ...tenantRows] };
