import { Recent } from '../core/recent.js';

/** What only some tenants have, and some consequences follow from; a tenant's are noted beside the counter of its feed. */
export const premises = ['RECYCLING', 'HOLDING_LIMITS'] as const;
export type Premise = (typeof premises)[number];

/** Tenants that are known to have premises, and which. To believe too much costs statements, no correctness. */
const known = new Recent<ReadonlySet<Premise>>(10_000);

const none: ReadonlySet<Premise> = new Set();
export const everyPremise: ReadonlySet<Premise> = new Set(premises);

/** What this process believes that a tenant has; the end of each transaction proves it (`outboxStatement`). */
export const believedOf = (tenantId: string): ReadonlySet<Premise> => known.get(tenantId) ?? none;

/** Goes on with what a transaction has found that the tenant has: a list as JSON. */
export function believe(tenantId: string, found: string | null | undefined): void {
  if (found === '[]') known.delete(tenantId);
  else if (found) known.set(tenantId, new Set(JSON.parse(found) as Premise[]));
}

/** A tenant has more than was believed when a transaction began: it is undone, and tried again with that. */
export class BelievedTooLittle extends Error {
  /** as PostgreSQL says of transactions that collide */
  readonly code = '40001';

  constructor(tenantId: string) {
    super('The tenant has got what consequences follow from.');
    known.set(tenantId, everyPremise);
  }
}
