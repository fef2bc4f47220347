import { startOfDay, type Arguments, type Scope } from '../model/fields.js';
import { isGiven } from '../read/value.js';

export const given = (args: Arguments, name: string): boolean => args(name).is(isGiven);

/** Condition on an instant: from the first day (SQL, if any) to the last (SQL, if any), both included. */
export function between(tenant: Scope, instant: string, from: string | null, until: string | null): string {
  const conditions = [
    from && `${instant} >= ${startOfDay(from, tenant)}`,
    until && `${instant} < ${startOfDay(`${until} + 1`, tenant)}`,
  ];
  return conditions.filter(Boolean).join(' and ') || 'true';
}
