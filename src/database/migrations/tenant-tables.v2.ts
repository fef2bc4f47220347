// Frozen once released, as the first version is: tables of tenants for a database that may be distributed by then.
import { protect } from './tenant-tables.v1.js';

/**
 * Tables that belong to tenants, in the order that a distributed database takes: they are made, distributed beside the
 * others, and only then get their indexes and keys, row level security and the grants to the server's role. On a database
 * that is not distributed, nothing is done in the second step. `tables` are statements with a semicolon and a line break
 * between; those in `owned` that others refer to come first.
 */
export function tenantTables(tables: string, owned: readonly string[], grants: readonly string[]): string[] {
  const statements = tables.split(/;\s*\n/).filter((statement) => statement.trim());
  const isMaking = (statement: string): boolean => /^\s*create table\b/i.test(statement);
  return [
    sequential,
    ...statements.filter(isMaking),
    ...owned.map(distributed),
    ...statements.filter((statement) => !isMaking(statement)),
    ...owned.flatMap(protect),
    ...grants,
  ];
}

/** Work where the database has been distributed; elsewhere the second condition is not even looked at. */
const inDistributed = (work: string): string => `
do $$ begin
  if to_regclass('pg_dist_partition') is not null then
    if exists (select from pg_dist_partition where logicalrelid = 'user_account'::regclass) then ${work}; end if;
  end if;
end $$`;

/** Keys between tables of the same transaction need one connection to each node. */
const sequential = inDistributed(`set local citus.multi_shard_modify_mode = 'sequential'`);

const distributed = (table: string): string =>
  inDistributed(`perform create_distributed_table('${table}', 'tenant_id', colocate_with => 'user_account')`);
