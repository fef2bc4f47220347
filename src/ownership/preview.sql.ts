import { permit } from '../core/needs.js';
import type { Arguments, Listed, Scope } from '../model/fields.js';
import { Pool } from '../pools/pool.entity.js';
import { idOf } from '../read/references.js';
import { fieldIn, isNamed, storedAs } from './described.sql.js';
import { listsOfCustomers, listsOfLeads, PoolRule } from './pool-rule.entity.js';
import { dueDay, entities, isFor, sinceDay, type Names, type RecordKind } from './recycling.sql.js';

/** How many records the reasons are given of. */
export const maxReasons = 100;

/** The columns of a rule that its day is worked out from, with their types. */
const columns = (): ReturnType<typeof storedAs> =>
  storedAs(PoolRule, ['trigger', 'days', ...listsOfCustomers, ...listsOfLeads]);

/** The rule that the arguments name or describe, as a select with the kind of its records; no row where it is not there. */
function chosen(row: Scope, args: Arguments): string {
  const id = args('id');
  if (isNamed(id)) {
    const { from, where, row: rule } = row.rows(PoolRule);
    const pool = row.rows(Pool);
    return `select ${columns()
      .map(([property, column]) => `${rule.col(property)} as ${column}`)
      .join(', ')}, ${pool.row.col('kind')} as kind
      from ${from} join ${pool.from} on ${pool.where} and ${pool.row.col('id')} = ${rule.col('pool')} where ${where} and ${rule.col('id')} = ${idOf(PoolRule, row, id)}`;
  }
  const input = args('input');
  const pool = row.rows(Pool);
  const given = columns().map(([property, column, cast]) => {
    const value = fieldIn(input, property).bind(cast);
    return `${cast.endsWith('[]') ? `coalesce(${value}, '{}')` : value} as ${column}`;
  });
  return `select ${given.join(', ')}, ${pool.row.col('kind')} as kind from ${pool.from} where ${pool.where} and ${pool.row.col('id')} = ${idOf(Pool, row, fieldIn(input, 'pool'))}`;
}

const namesOf = (row: Scope): Names => ({ record: row.alias, rule: 'r', tenant: row.tenant(), zone: row.zone() });

const isTaken = (kind: RecordKind, row: Scope): string =>
  `r.kind = '${kind}' and ${isFor(kind, namesOf(row))} and ${dueDay(kind, namesOf(row))} <= ${row.today()}`;

/** SQL condition: the rule would take the record today. */
export const wouldTake =
  (kind: RecordKind) =>
  (row: Scope, _: string, args: Arguments): string =>
    `exists (select 1 from (${chosen(row, args)}) r where ${isTaken(kind, row)})`;

/** What a rule would take today: how many, and why it takes the first of them. */
export function preview(tenant: Scope, args: Arguments): Listed {
  permit(tenant.rights, 'poolRulePreview');
  const records = (Object.keys(entities) as RecordKind[]).map((kind) => {
    const { from, where, row } = tenant.rows(entities[kind]);
    const names = namesOf(row);
    return `select ${row.alias}.id, ${row.alias}.name, ${sinceDay(kind, names)} as since, ${dueDay(kind, names)} as due_on
      from rule r join ${from} on ${where} where ${isTaken(kind, row)}`;
  });
  const first = `select id as "recordId", name, since::text as since, due_on::text as "dueOn" from taken order by due_on, id limit ${maxReasons}`;
  return {
    select: `with rule as materialized (${chosen(tenant, args)}), taken as materialized (${records.join(' union all ')})
      select rule.kind, (select count(*)::int from taken) as total, array_to_json(array(select row_to_json(f) from (${first}) f)) as reasons from rule`,
  };
}
