import type { Statement } from '../core/database.js';

/** How connections enter a tenant; chosen once, at start, by what the database is. */
export interface TenantContext {
  /** enters a tenant for the rest of a transaction that has begun */
  setTenant: (tenantId: string) => Statement;
  /** what is sent in one round trip to run a statement by itself inside a tenant, and the place of the statement in it */
  single: (tenantId: string, statement: Statement) => { statements: Statement[]; at: number };
  /** whether that begins a transaction which a failure leaves open */
  opensTransaction: boolean;
}

const begin: Statement = { name: 'begin', text: 'begin', values: [] };
export const commit: Statement = { name: 'commit', text: 'commit', values: [] };

/**
 * The two forms. On one PostgreSQL a setting and the statement share one implicit transaction. On Citus a setting only
 * reaches the nodes by `SET LOCAL` inside an explicit transaction, which `enter_tenant` does.
 */
export function tenantContext(distributed: boolean): TenantContext {
  if (distributed) {
    const setTenant = (tenantId: string): Statement => ({
      name: 'enter',
      text: 'select enter_tenant($1)',
      values: [tenantId],
    });
    return {
      setTenant,
      single: (tenantId, statement) => ({ statements: [begin, setTenant(tenantId), statement, commit], at: 2 }),
      opensTransaction: true,
    };
  }
  const setTenant = (tenantId: string): Statement => ({
    name: 'enter',
    text: "select set_config('app.tenant_id', $1, true)",
    values: [tenantId],
  });
  return {
    setTenant,
    single: (tenantId, statement) => ({ statements: [setTenant(tenantId), statement], at: 1 }),
    opensTransaction: false,
  };
}
