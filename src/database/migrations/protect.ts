/** The condition of every policy: the row belongs to the tenant that the transaction has entered. */
export const tenantCondition = 'tenant_id = app_tenant()';

/**
 * The wall between tenants for one table: row level security, forced on its owner too, with one policy that compares
 * the row's tenant with the tenant the transaction has entered. No policy looks at another table (distributable by tenant).
 */
export function protect(table: string): string[] {
  return [
    `alter table "${table}" enable row level security`,
    `alter table "${table}" force row level security`,
    `create policy "tenant" on "${table}" using (${tenantCondition}) with check (${tenantCondition})`,
  ];
}

/** What makes tables of a tenant's rows: the statements of `tables` one by one, the wall of each table, and what the server's role may do with them. */
export function protectedTables(tables: string, owned: readonly string[], grants: readonly string[]): string[] {
  return [...tables.split(/;\s*\n/).filter((statement) => statement.trim()), ...owned.flatMap(protect), ...grants];
}
