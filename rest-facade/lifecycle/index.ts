import type { Dialect } from '../engine/types.js';
import { analysisRows } from './analysis.js';
import { batchRows } from './batch.js';
import { contactRows } from './contacts.js';
import { contractRows } from './contracts.js';
import { customerRows } from './customers.js';
import { settings } from './dialect.js';
import { exportRows } from './export.js';
import { schemas } from './schemas.js';
import { serviceRows } from './service.js';
import { successRows } from './success.js';
import { tagRows } from './tags.js';

/** The customer lifecycle: `/api/v1/customers` and `/api/v1/contracts`, without a slash at the end. */
export const lifecycle: Dialect = {
  ...settings,
  schemas,
  rows: [
    ...customerRows,
    ...batchRows,
    ...exportRows,
    ...contactRows,
    ...contractRows,
    ...tagRows,
    ...serviceRows,
    ...successRows,
    ...analysisRows,
  ],
};
