import { enumeration } from '../model/enumeration.js';
import type { Arguments, Scope } from '../model/fields.js';

export const CalendarPeriod = enumeration(
  'CalendarPeriod',
  'A stretch of the calendar, in the time zone of the tenant.',
  {
    WEEK: 'A week, from Monday.',
    MONTH: 'A month.',
    QUARTER: 'A quarter of a year.',
    YEAR: 'A year.',
  },
);
export type CalendarPeriod = keyof typeof CalendarPeriod;

/** Each period as a PostgreSQL interval. */
export const lengthOf: Record<CalendarPeriod, string> = {
  WEEK: '7 days',
  MONTH: '1 month',
  QUARTER: '3 months',
  YEAR: '1 year',
};

export const given = (args: Arguments, name: string): boolean =>
  args(name).is((value) => value !== null && value !== undefined);

/** Condition on an instant: from the first day (SQL, if any) to the last (SQL, if any), both included. */
export function between(tenant: Scope, instant: string, from: string | null, until: string | null): string {
  const conditions = [
    from && `${instant} >= (${from}::timestamp at time zone ${tenant.zone()})`,
    until && `${instant} < ((${until} + 1)::timestamp at time zone ${tenant.zone()})`,
  ];
  return conditions.filter(Boolean).join(' and ') || 'true';
}

/** The sum of amounts over rows; 0 if there are none, null where there are but none may be shown. */
export const sumOf = (amount: string, condition = 'true'): string =>
  `case when count(*) filter (where ${condition}) = 0 then 0 else sum(${amount}) filter (where ${condition}) end`;
