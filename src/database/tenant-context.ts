import type { Statement } from '../core/database.js';

/** How connections enter a tenant; chosen once, at start, by what the database is. */
export interface TenantContext {
  /** enters a tenant for the rest of a transaction that has begun, whose statements are stopped after so many milliseconds, if they are given */
  setTenant: (tenantId: string, deadline?: number) => Statement;
  /** what is sent in one round trip to run a statement by itself inside a tenant, and the place of the statement in it */
  single: (tenantId: string, statement: Statement, deadline?: number) => { statements: Statement[]; at: number };
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
    const setTenant = enterWith('enter_tenant($1)');
    return {
      setTenant,
      single: (tenantId, statement, deadline) => ({
        statements: [begin, setTenant(tenantId, deadline), statement, commit],
        at: 2,
      }),
      opensTransaction: true,
    };
  }
  const setTenant = enterWith("set_config('app.tenant_id', $1, true)");
  return {
    setTenant,
    single: (tenantId, statement, deadline) => ({ statements: [setTenant(tenantId, deadline), statement], at: 1 }),
    opensTransaction: false,
  };
}

const enterWith =
  (call: string) =>
  (tenantId: string, deadline?: number): Statement =>
    deadline === undefined
      ? { name: 'enter', text: `select ${call}`, values: [tenantId] }
      : {
          name: 'enter-within',
          text: `select ${call}, set_config('statement_timeout', $2, true)`,
          values: [tenantId, String(deadline)],
        };
