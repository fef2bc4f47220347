import { sqlState } from '../core/database-faults.js';
import { DomainError, refuse, type ErrorCode, type Issue } from '../core/errors.js';

const known = new Map<string, Issue>();

/** Says which refusal a violated unique constraint or index means. */
export function constraintMeans(name: string, code: ErrorCode, field: string[]): void {
  known.set(name, { code, field });
}

/** Name of the constraint that an error of PostgreSQL is about; a distributed database gives it in the message alone, with the number of a shard. */
export function constraintOf(error: unknown): string {
  const { constraint, message } = error as { constraint?: string; message?: string };
  return (constraint ?? /constraint "([^"]+)"/.exec(message ?? '')?.[1] ?? '').replace(/_\d+$/, '');
}

/**
 * The refusal for an error of PostgreSQL, or undefined if it is a fault. Decided by SQLSTATE and constraint name.
 */
export function refusalOfViolation(error: unknown): DomainError | undefined {
  const state = sqlState(error);
  const constraint = constraintOf(error);
  if (state === '23505') return known.has(constraint) ? new DomainError([known.get(constraint)!]) : undefined;
  if (state === '23503') {
    const column = /_tenant_id_(\w+)_id_foreign$/.exec(constraint)?.[1];
    return refuse(
      'UNKNOWN_REFERENCE',
      column ? [column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())] : undefined,
    );
  }
  return undefined;
}
