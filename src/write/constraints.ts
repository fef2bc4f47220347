import { DomainError, refuse, sqlState, type ErrorCode, type Issue } from '../core/errors.js';

const known = new Map<string, Issue>();

/** Says which refusal a violated unique constraint or index means. */
export function constraintMeans(name: string, code: ErrorCode, field: string[]): void {
  known.set(name, { code, field });
}

/**
 * The refusal for an error of PostgreSQL, or undefined if it is a fault. Decided by SQLSTATE and constraint name; the
 * shard number that a distributed database appends to the name is ignored.
 */
export function explain(error: unknown): DomainError | undefined {
  const state = sqlState(error);
  const constraint = String((error as { constraint?: string }).constraint ?? '').replace(/_\d+$/, '');
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
