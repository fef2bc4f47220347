/** So many within so many seconds. */
export interface Quota {
  count: number;
  seconds: number;
}

/**
 * What is limited, and how much of it is allowed in production; elsewhere a hundred times as much. `login` are tokens that
 * are refused, `duplicates` records that were refused because there is such a record already.
 */
export const quotas = {
  address: { count: 120_000, seconds: 60 },
  user: { count: 12_000, seconds: 60 },
  tenant: { count: 60_000, seconds: 60 },
  login: { count: 1_000, seconds: 60 },
  duplicates: { count: 20_000, seconds: 3_600 },
} as const satisfies Record<string, Quota>;

export type Limited = keyof typeof quotas;

/** The quota of each; undefined where there is no limit. */
export type Quotas = Record<Limited, Quota | undefined>;
