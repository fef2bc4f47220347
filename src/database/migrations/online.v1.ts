// Frozen once released. Changes of large tables that keep nobody waiting, for migrations that are no transaction
// (`isTransactional() { return false; }`): each statement takes effect by itself, and a run that was interrupted begins again
// with the first one.

/** An index that is built while the table is read and written; one that an interrupted run has left unfinished is made anew. `definition` is what stands behind the name. */
export const indexOnline = (name: string, definition: string, kind: 'index' | 'unique index' = 'index'): string[] => [
  `drop index concurrently if exists "${name}"`,
  `create ${kind} concurrently "${name}" ${definition}`,
];

/** Looks whether every row keeps a constraint that an earlier migration has added with `not valid`. */
export const validated = (table: string, constraint: string): string =>
  `alter table "${table}" validate constraint "${constraint}"`;

/** Rows of one batch. */
const batch = 1_000;

/**
 * Changes the rows of a table for which `where` is true, tenant by tenant and a thousand rows at a time, each batch in a
 * transaction of its own; how far it is is said as a notice. Both are SQL over the columns of the table. A run that was
 * interrupted begins with the first tenant again: `where` is false for what has been changed. Tables have an `id`.
 */
export const inBatches = (table: string, set: string, where: string): string => `
do $$ declare
  tenants uuid[] := array(select id from tenant order by number);
  one uuid;
  behind uuid;
  ids uuid[];
  changed bigint;
  total bigint := 0;
begin
  for place in 1 .. coalesce(array_length(tenants, 1), 0) loop
    one := tenants[place];
    behind := '00000000-0000-0000-0000-000000000000';
    loop
      perform set_config('app.tenant_id', one::text, true);
      ids := array(select id from "${table}" where tenant_id = one and id > behind order by id limit ${batch});
      exit when cardinality(ids) = 0;
      update "${table}" set ${set} where tenant_id = one and id = any(ids) and (${where});
      get diagnostics changed = row_count;
      total := total + changed;
      behind := ids[cardinality(ids)];
      commit;
    end loop;
    raise notice '${table}: % of % tenants, % rows changed', place, cardinality(tenants), total;
  end loop;
end $$`;
