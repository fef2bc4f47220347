import type { Statement } from '../core/database.js';
import { reportSettings, type Settings } from './settings.js';

/** How connections enter a tenant; chosen once, at start, by what the database is. */
export interface TenantContext {
  /** enters a tenant as the first statement of a transaction, whose statements are stopped after so many milliseconds, if they are given */
  enter: (tenantId: string, deadline?: number) => Statement;
  /** enters another tenant for the rest of a transaction that has begun */
  setTenant: (tenantId: string) => Statement;
  /** what is sent in one round trip to run a statement by itself inside a tenant, and the place of the statement in it */
  single: (tenantId: string, statement: Statement, deadline?: number) => { statements: Statement[]; at: number };
  /** the same for a statement on tables of no tenant */
  outside: (statement: Statement, deadline?: number) => { statements: Statement[]; at: number };
  /** whether that begins a transaction which a failure leaves open */
  opensTransaction: boolean;
}

const begin: Statement = { name: 'begin', text: 'begin', values: [] };
export const commit: Statement = { name: 'commit', text: 'commit', values: [] };

/**
 * The two forms. On one PostgreSQL a setting and the statement share one implicit transaction. On Citus a setting only
 * reaches the nodes by `SET LOCAL` inside an explicit transaction, which `enter_tenant` does. `settings` are those that
 * connections do not begin with, so that every transaction has to.
 */
export function tenantContext(distributed: boolean, settings: Settings = {}): TenantContext {
  const localOf = (all: Settings): string[] =>
    Object.entries(all).map(([name, value]) => `set_config('${name}', '${value}', true)`);
  const given = localOf(settings);
  const statementFor =
    (call: string, name: string, own: readonly string[]) =>
    (tenantId: string, deadline?: number): Statement =>
      deadline === undefined
        ? { name, text: `select ${[call, ...own].join(', ')}`, values: [tenantId] }
        : {
            name: `${name}-within`,
            text: `select ${[call, ...own, "set_config('statement_timeout', $2, true)"].join(', ')}`,
            values: [tenantId, String(deadline)],
          };
  const outside: TenantContext['outside'] = (statement, deadline) =>
    given.length === 0
      ? { statements: [statement], at: 0 }
      : {
          statements: [
            {
              name: 'settings',
              text: `select ${[...given, "set_config('statement_timeout', $1, true)"].join(', ')}`,
              values: [String(deadline ?? 0)],
            },
            statement,
          ],
          at: 1,
        };
  const call = distributed ? 'enter_tenant($1)' : "set_config('app.tenant_id', $1, true)";
  const enter = statementFor(call, 'enter', given);
  const enterReport = statementFor(call, 'enter-report', [...given, ...localOf(reportSettings)]);
  const setTenant = statementFor(call, 'set-tenant', []);
  if (distributed)
    return {
      enter,
      setTenant,
      outside,
      single: (tenantId, statement, deadline) => ({
        statements: [begin, enter(tenantId, deadline), statement, commit],
        at: 2,
      }),
      opensTransaction: true,
    };
  return {
    enter,
    setTenant,
    outside,
    single: (tenantId, statement, deadline) => ({
      statements: [(statement.purpose === 'report' ? enterReport : enter)(tenantId, deadline), statement],
      at: 1,
    }),
    opensTransaction: false,
  };
}
