import type { Statement } from '../core/database.js';

/** How connections enter a tenant; chosen once, at start, by what the database is. */
export interface Entering {
  /** enters a tenant for the rest of a transaction that has begun */
  enter: (tenantId: string) => Statement;
  /** what is sent in one round trip to run a statement by itself inside a tenant, and the place of the statement in it */
  alone: (tenantId: string, statement: Statement) => { statements: Statement[]; at: number };
  /** whether that begins a transaction which a failure leaves open */
  begins: boolean;
}

const begin: Statement = { name: 'begin', text: 'begin', values: [] };
export const commit: Statement = { name: 'commit', text: 'commit', values: [] };

/**
 * The two forms. On one PostgreSQL a setting and the statement share one implicit transaction. On Citus a setting only
 * reaches the nodes by `SET LOCAL` inside an explicit transaction, which `enter_tenant` does.
 */
export function entering(distributed: boolean): Entering {
  if (distributed) {
    const enter = (tenantId: string): Statement => ({
      name: 'enter',
      text: 'select enter_tenant($1)',
      values: [tenantId],
    });
    return {
      enter,
      alone: (tenantId, statement) => ({ statements: [begin, enter(tenantId), statement, commit], at: 2 }),
      begins: true,
    };
  }
  const enter = (tenantId: string): Statement => ({
    name: 'enter',
    text: "select set_config('app.tenant_id', $1, true)",
    values: [tenantId],
  });
  return {
    enter,
    alone: (tenantId, statement) => ({ statements: [enter(tenantId), statement], at: 1 }),
    begins: false,
  };
}
