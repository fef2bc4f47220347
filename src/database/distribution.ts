// How a database becomes distributed by tenant with Citus: what there is, what is missing, and the statements in their order.
import type { ClientBase } from 'pg';
import { migrations } from './migrations/index.js';

/** One of our tables: the one of tenants stands on every node, what belongs to a tenant on the node of its tenant. */
export interface DistributedTable {
  name: string;
  /** `distributed`: by `tenant_id`; `reference`: the same rows on every node; `local`: on the coordinator alone */
  as: 'distributed' | 'reference' | 'local';
  /** it is so already */
  done: boolean;
  /** tables that its foreign keys point to, without itself */
  parents: readonly string[];
}

/** What a database has of what it takes. */
export interface Found {
  /** the extension, where it is installed */
  citus: { nodes: number; hasCoordinator: boolean } | undefined;
  role: { name: string; isSuperuser: boolean };
  /** a table whose owner's rights the role does not have */
  notOwned: string | undefined;
  /** a tenant exists, so that there can be rows of tenants, which row level security hides from the owner too */
  hasRows: boolean;
  /** migrations that have not run */
  pending: readonly string[];
  tables: readonly DistributedTable[];
  /** the foreign key that closes the circle of our tables is there */
  isClosed: boolean;
}

/** The table whose shards the others' shards stand beside. */
const first = 'user_account';

/**
 * The foreign key by which our tables refer to each other in a circle: departments have leaders, and users work in
 * departments. No order of distributing has it, so that it is taken away before the first table and added behind the last.
 */
const circle = {
  key: `${first}_tenant_id_department_id_foreign`,
  definition: `foreign key ("tenant_id", "department_id") references "department" ("tenant_id", "id") on update no action on delete no action`,
};
export const openingCircle = `alter table "${first}" drop constraint if exists "${circle.key}"`;
export const closingCircle = `alter table "${first}" add constraint "${circle.key}" ${circle.definition}`;

/** The tables in the order in which they are distributed: those that others refer to before these. Throws where they refer to each other in a circle. */
export function inOrder(tables: readonly DistributedTable[]): DistributedTable[] {
  const order = { reference: 0, distributed: 1, local: 2 };
  const waiting = tables.toSorted((a, b) => order[a.as] - order[b.as] || a.name.localeCompare(b.name));
  const ordered: DistributedTable[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ parents }) =>
      parents.every((parent) => !waiting.some(({ name }) => name === parent)),
    );
    if (next < 0)
      throw new Error(
        `These tables refer to each other in a circle, which cannot be distributed: ${waiting.map(({ name }) => name).join(', ')}.`,
      );
    ordered.push(...waiting.splice(next, 1));
  }
  return ordered;
}

/** What is sent once on the connection that distributes: other tables stay as they are while one of them becomes a reference table. */
export const settings = [
  'set citus.enable_local_reference_table_foreign_keys = off',
  'set citus.multi_shard_modify_mode = sequential',
];

/** The statement that distributes a table; undefined for one that stays on the coordinator. */
export function distributing(
  { name, as }: DistributedTable,
  hasFirst: boolean,
): { text: string; values: string[] } | undefined {
  if (as === 'reference') return { text: 'select create_reference_table($1)', values: [name] };
  if (as === 'local') return undefined;
  return {
    text: 'select create_distributed_table($1, $2, colocate_with => $3)',
    values: [name, 'tenant_id', hasFirst ? first : 'none'],
  };
}

/** Every statement that is missing, in its order, each with the table that it is for. The first of all tables gets its own shards, the others stand beside them. */
export function statementsFor(
  tables: readonly DistributedTable[],
): Array<{ table: string; text: string; values: string[] }> {
  const ordered = inOrder(tables);
  const front = ordered.filter(({ name, as }) => as === 'reference' || name === first);
  let hasFirst = tables.some(({ name, done }) => name === first && done);
  return [...front, ...ordered.filter((one) => !front.includes(one))]
    .filter(({ done }) => !done)
    .flatMap((table) => {
      const statement = distributing(table, hasFirst);
      if (table.name === first) hasFirst = true;
      return statement ? [{ table: table.name, ...statement }] : [];
    });
}

/** What removes the rows that distributing has copied and left behind on the coordinator; children first. */
export const removingCopies = (tables: readonly DistributedTable[]): Array<{ text: string; values: string[] }> =>
  inOrder(tables)
    .filter(({ as }) => as !== 'local')
    .toReversed()
    .map(({ name }) => ({ text: 'select truncate_local_data_after_distributing_table($1)', values: [name] }));

/** Why a database cannot be distributed, in a sentence that says what to do; undefined where it can. */
export function missing({ citus, role, notOwned, hasRows, pending }: Found): string | undefined {
  if (!citus)
    return "Citus is not installed in this database: every node needs shared_preload_libraries = 'citus', and in this database `create extension citus` by a superuser.";
  if (citus.nodes === 0)
    return "Citus knows no node that may hold rows: add the workers, as a superuser, with `select citus_add_node('<host>', 5432)`.";
  if (!citus.hasCoordinator)
    return "Citus does not know its coordinator: tell it, as a superuser, with `select citus_set_coordinator_host('<host of this database>', 5432)`.";
  if (pending.length > 0) return `Migrations are missing (${pending.join(', ')}): run \`crm db migrate\` first.`;
  if (notOwned !== undefined)
    return `The role ${role.name} does not own the table ${notOwned}: give CRM_DATABASE_OWNER_URL the role that owns the database, or a superuser.`;
  if (hasRows && !role.isSuperuser)
    return `There are tenants with rows, which row level security hides from the role ${role.name} as well: give CRM_DATABASE_OWNER_URL a superuser for this command.`;
  return undefined;
}

/** Looks at a database; it must be asked as its owner or as a superuser. */
export async function look(client: ClientBase): Promise<Found> {
  const [one] = (
    await client.query<{ citus: boolean; name: string; super: boolean; tenants: boolean }>(
      "select to_regclass('pg_dist_partition') is not null citus, current_user::text name, (select rolsuper from pg_roles where rolname = current_user) super, to_regclass('tenant') is not null tenants",
    )
  ).rows;
  const { rows: tables } = await client.query<Omit<DistributedTable, 'done'> & { owned: boolean; closed: boolean }>(
    ourTables,
  );
  const done = one!.citus ? new Map((await client.query<State>(states)).rows.map((row) => [row.name, row])) : new Map();
  const [nodes] = one!.citus ? (await client.query<{ nodes: number; hasCoordinator: boolean }>(theNodes)).rows : [];
  const run = one!.tenants ? (await client.query<{ name: string }>('select name from schema_migration')).rows : [];
  const hasRows = one!.tenants && (await client.query('select from tenant limit 1')).rowCount === 1;
  for (const [name, { column }] of done as Map<string, State>)
    if (column !== null && column !== 'tenant_id')
      throw new Error(`The table ${name} is distributed by ${column}, not by tenant_id: undistribute it first.`);
  return {
    citus: nodes,
    role: { name: one!.name, isSuperuser: one!.super },
    notOwned: tables.find(({ owned }) => !owned)?.name,
    hasRows,
    isClosed: tables.some(({ name, closed }) => name === first && closed),
    pending: migrations.map(({ name }) => name).filter((name) => !run.some((other) => other.name === name)),
    tables: tables.map(({ name, as, parents }) => ({
      name,
      as,
      parents,
      done: as !== 'local' && done.get(name)?.as === as,
    })),
  };
}

interface State {
  name: string;
  as: DistributedTable['as'];
  column: string | null;
}

const ourTables = `
  select c.relname::text as name, pg_has_role(c.relowner, 'usage') as owned,
    case when c.relname = 'tenant' then 'reference' when a.attname is null then 'local' else 'distributed' end as "as",
    array(select distinct p.relname::text from pg_constraint k join pg_class p on p.oid = k.confrelid
      where k.conrelid = c.oid and k.contype = 'f' and p.oid <> c.oid and k.conname <> '${circle.key}' order by 1) as parents,
    exists (select from pg_constraint k where k.conrelid = c.oid and k.conname = '${circle.key}') as closed
  from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
  where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not c.relispartition
    and c.relname not like 'pg\\_dist\\_%' and to_regclass('tenant') is not null
  order by 1`;

// "n" without replication of its own is a table that Citus merely knows of
const states = `
  select c.relname::text as name,
    case when d.partmethod = 'h' then 'distributed' when d.partmethod = 'n' and d.repmodel = 't' then 'reference' else 'local' end as "as",
    case when d.partmethod = 'h' then column_to_column_name(d.logicalrelid, d.partkey) end as column
  from pg_dist_partition d join pg_class c on c.oid = d.logicalrelid`;

const theNodes = `
  select count(*) filter (where isactive and shouldhaveshards and noderole = 'primary')::int as nodes,
    coalesce(bool_or(groupid = 0), false) as "hasCoordinator" from pg_dist_node`;
