import { demoTables } from '../../src/demo/load.js';
import { rolledBack, type OwnDatabase, type Sql } from './database.js';

// What tests of the demo data look at.

/** The tables that they are in, with what was made of them. */
const tables = [...demoTables, 'record_version'];

/** Every row of every tenant: the owner lets itself in for this transaction. */
export const allRows = <T>({ ownerUrl }: OwnDatabase, work: (sql: Sql) => Promise<T>): Promise<T> =>
  rolledBack(ownerUrl, async (sql) => {
    for (const table of tables) await sql(`alter table "${table}" no force row level security`);
    return work(sql);
  });

/** What each table holds, as one text; since when what was is kept of a tenant follows the clock. */
export const checksums = (of: OwnDatabase): Promise<Record<string, string>> =>
  allRows(of, async (sql) => {
    const sums: Record<string, string> = {};
    for (const table of ['tenant', ...tables])
      sums[table] = (
        await sql(
          `select count(*) || ' ' || md5(string_agg(x, '' order by x)) as sum from (select (to_jsonb(t) - 'versions_since')::text as x from "${table}" t) rows`,
        )
      )[0].sum;
    return sums;
  });

/** Constraints, and which tables have row level security. */
export const structure = (of: OwnDatabase): Promise<unknown[]> =>
  rolledBack(of.ownerUrl, (sql) =>
    sql(`
    select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition, convalidated as checked from pg_constraint where connamespace = 'public'::regnamespace
    union all select oid::regclass::text, 'row level security', relrowsecurity::text, relforcerowsecurity from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
    order by 1, 2`),
  );
