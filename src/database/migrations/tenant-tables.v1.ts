// Frozen: what released migrations did with it must stay what they do. Another way of protecting tables is a file of its
// own, `tenant-tables.v2.ts`, for the migrations after it.

const tenantCondition = 'tenant_id = app_tenant()';

/**
 * Row level security for one table, forced on its owner too, with one policy that compares the row's tenant with the
 * tenant of the transaction. No policy looks at another table, so that tables can be distributed by tenant.
 */
export function protect(table: string): string[] {
  return [
    `alter table "${table}" enable row level security`,
    `alter table "${table}" force row level security`,
    `create policy "tenant" on "${table}" using (${tenantCondition}) with check (${tenantCondition})`,
  ];
}

/** The statements of `tables` one by one, then row level security for each table in `owned`, then the grants to the server's role. */
export function protectedTables(tables: string, owned: readonly string[], grants: readonly string[]): string[] {
  return [...tables.split(/;\s*\n/).filter((statement) => statement.trim()), ...owned.flatMap(protect), ...grants];
}
