import type { Client } from 'pg';
import type { EntityModel } from '../../src/model/model.js';

interface Column {
  name: string;
  type: string;
  nullable: boolean;
  /** table of the records that it names */
  referenced: string | null;
  /** part of something that cannot be twice */
  unique: boolean;
}

const columnsOf = `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
    (select k.confrelid::regclass::text from pg_constraint k where k.conrelid = a.attrelid and k.contype = 'f' and k.conkey[array_upper(k.conkey, 1)] = a.attnum and array_length(k.conkey, 1) = 2 limit 1) as "referenced",
    exists (select from pg_index i join pg_attribute b on b.attrelid = i.indrelid and b.attnum = any(i.indkey)
      where i.indrelid = a.attrelid and i.indisunique and b.attname in (a.attname, a.attname || '_key')) as "unique"
  from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attidentity = '' and a.attgenerated = '' order by a.attnum`;

/** A value of few, so that many rows have the same one; SQL over the number `n` of a row. */
function valueOf(model: EntityModel, column: Column, place: number): string {
  const hash = `abs(hashint4(n * 31 + ${place}))`;
  const field = [...model.fields.values()].find((one) => one.column === column.name);
  const units = [...model.fields.values()].find((one) => one.units?.column === column.name);
  if (column.name === 'tenant_id') return '$1::uuid';
  if (column.name === 'id') return 'gen_random_uuid()';
  if (units) return `(v."${units.column}" * ${10 ** units.units!.scale})::bigint`;
  if (/^(deleted_at|told_due_at|checked_due_on|.*_kept)$/.test(column.name)) return `null::${column.type}`;
  const values = field?.spec?.values;
  const value = values
    ? `(array[${values.map((one) => `'${one}'`).join(', ')}])[1 + ${hash} % ${values.length}]`
    : column.referenced && column.referenced !== 'tenant'
      ? `coalesce((array(select id from "${column.referenced}" where tenant_id = $1 limit 500))[1 + ${hash} % 500], ${column.nullable ? 'null' : 'gen_random_uuid()'})`
      : plainValue(column, hash);
  return column.nullable ? `case when ${hash} % 5 > 0 then ${value} end` : value;
}

function plainValue({ type, unique }: Column, hash: string): string {
  if (type.endsWith('[]')) return `'{}'::${type}`;
  switch (type.replace(/\(.*/, '')) {
    case 'uuid':
      return 'gen_random_uuid()';
    case 'text':
      return unique ? `'行' || n` : `(array['北京', '上海', 'Zürich', '😀', '广州'])[1 + ${hash} % 5] `;
    case 'boolean':
      return `${hash} % 9 = 0`;
    case 'integer':
    case 'bigint':
    case 'numeric':
      return `(${hash} % 5)::${type}`;
    case 'date':
      return unique ? `current_date - n` : `current_date - ${hash} % 5`;
    case 'jsonb':
      return `'{}'::jsonb`;
    case 'timestamp':
      return `date_trunc('day', now()) - make_interval(days => ${hash} % 5)`;
    default:
      throw new Error(`No rows are made with ${type}.`);
  }
}

/**
 * Adds so many rows to each of the tables in a tenant, with values by their types, of which few differ and some are empty;
 * as a superuser, who need not care whether what they refer to is there.
 */
export async function fillTables(
  client: Client,
  tenant: string,
  models: readonly EntityModel[],
  rows: number,
): Promise<void> {
  await client.query(`set session_replication_role = replica`);
  for (const model of models) {
    const columns = (await client.query<Column>(columnsOf, [model.table])).rows;
    const isUnits = ({ name }: Column): boolean =>
      [...model.fields.values()].some(({ units }) => units?.column === name);
    const plain = columns.filter((column) => !isUnits(column));
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    const values = plain.map((column, place) => `${valueOf(model, column, place)} as "${column.name}"`);
    const chosen = columns.map((column) => (isUnits(column) ? valueOf(model, column, 0) : `v."${column.name}"`));
    await client.query(
      `insert into "${model.table}" (${names}) select ${chosen.join(', ')} from (select ${values.join(', ')} from generate_series(1, ${rows}) n) v on conflict do nothing`,
      [tenant],
    );
  }
  await client.query('reset session_replication_role');
  await client.query(`analyze ${models.map(({ table }) => `"${table}"`).join(', ')}`);
}
