import { enumeration } from './enumeration.js';

/** How far back an analysis looks from now. */
export const LookBack = enumeration('LookBack', 'How far back an analysis looks from now.', {
  ONE_MONTH: 'One month.',
  THREE_MONTHS: 'Three months.',
  SIX_MONTHS: 'Six months.',
  ONE_YEAR: 'One year.',
});
export type LookBack = keyof typeof LookBack;

/** Each look back as a PostgreSQL interval. */
export const intervalOf: Record<LookBack, string> = {
  ONE_MONTH: '1 month',
  THREE_MONTHS: '3 months',
  SIX_MONTHS: '6 months',
  ONE_YEAR: '1 year',
};

export const Trend = enumeration('Trend', 'The direction of a value over time.', {
  UP: 'Rises.',
  DOWN: 'Falls.',
  STABLE: 'Stays about the same, or there is too little data.',
});
export type Trend = keyof typeof Trend;

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
