import type { Scope } from '../model/fields.js';
import { met } from './case.entity.js';

/** SQL condition: neither resolved nor closed. */
export const isUnresolved = (row: Scope): string => `(${row.col('status')} in ('NEW', 'IN_PROGRESS'))`;

/** SQL condition: a target was missed. */
export const hasMissedTarget = (row: Scope): string => `(${met(row)} is not distinct from false)`;

/** SQL condition: responded to. */
export const isResponded = (row: Scope): string => `(${row.col('respondedAt')} is not null)`;
