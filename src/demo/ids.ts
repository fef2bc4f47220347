import { hash } from './random.js';

/** What has an id in the demo data, with the number that stands for it in the id. */
const kinds = {
  tenant: 1,
  user: 2,
  customer: 3,
  contact: 4,
  link: 5,
  opportunity: 6,
  stageChange: 7,
  contract: 8,
  activity: 9,
  case: 10,
  comment: 11,
  payment: 12,
  statusChange: 13,
  tag: 14,
  lead: 15,
  campaign: 16,
  healthScore: 17,
  usageEvent: 18,
  successTask: 19,
  department: 20,
  pool: 21,
  poolMember: 22,
  poolRule: 23,
  savedView: 24,
};
export type DemoKind = keyof typeof kinds;

const began = Date.parse('2020-01-01T00:00:00Z');

/**
 * The id of a demo record: a UUID of version 7 whose time is only a counter, so that ids sort like their records and
 * programs that put load on the server can compute them. `index` counts from 0 in each tenant: contacts of customer `i`
 * are `3i`, `3i + 1`, `3i + 2`, its opportunities `2i` and `2i + 1`, its contract and its case (not each has
 * one) `i`, its `n` activities `ni`, `ni + 1` … (3 by default); of users 0 is the administrator,
 * 1 the manager, 2 the viewer, the others sell.
 */
export function demoId(tenantCode: string, kind: DemoKind, index: number): string {
  return ids(tenantCode, kind)(index);
}

/** As `demoId`, for many ids of one kind. */
export function ids(tenantCode: string, kind: DemoKind): (index: number) => string {
  const first = hash(`${tenantCode} ${kind}`);
  const second = hash(`${kind} ${tenantCode}`);
  const middle = `-7${hex(kinds[kind], 3)}-8${hex(first & 0xfff, 3)}-${hex(first >>> 12, 5)}${hex(second >>> 4, 7)}`;
  return (index) => {
    const time = hex(began + index, 12);
    return `${time.slice(0, 8)}-${time.slice(8)}${middle}`;
  };
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
