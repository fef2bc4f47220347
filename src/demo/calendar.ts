/** Demo tenants live in this time zone, which has had no summer time since 1991: days are arithmetic. */
export const zone = 'Asia/Shanghai';
const ahead = 8 * 3_600_000;

export const aDay = 86_400_000;

/** The instant at which a calendar day (`YYYY-MM-DD`) begins, in milliseconds. */
export const startOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) - ahead;

/** The calendar day of an instant. */
export const dayOf = (at: number): string => new Date(at + ahead).toISOString().slice(0, 10);

/** An instant as PostgreSQL reads it. */
export const instant = (at: number): string => new Date(at).toISOString();
