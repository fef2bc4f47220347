import type { Dialect } from '../engine/types.js';
import { customerRows } from './customers.js';
import { settings } from './dialect.js';
import { schemas } from './schemas.js';
import { memberRows } from './members.js';
import { tenantRows } from './tenants.js';

/** The customer platform: `/api/v1/customers/…`, always with a slash at the end. */
export const platform: Dialect = { ...settings, schemas, rows: [...customerRows, ...memberRows, ...tenantRows] };
