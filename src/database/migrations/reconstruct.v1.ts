// Frozen once released. Works out what records were from what was written about them: the audit log, and the history of stages.

/** The tables of which versions are kept. */
export const keptTables = ['customer', 'opportunity', 'contract'] as const;
type Kept = (typeof keptTables)[number];

/** What audit entries call the records of a table, as SQL. */
const typeOf = (table: Kept): string => `initcap('${table}')`;

/** A property of an audit entry as the column that it is stored in. */
const column = `case when c.name = any(columns) then c.name else c.name || '_id' end`;
const snake = `lower(regexp_replace(e.key, '([A-Z])', '_\\1', 'g'))`;

/** What is worked out from other records makes no version. */
const unkept = `'healthScore', 'lastContactAt', 'recycleOn', 'recycleRule'`;

/** What was before each change, by columns. */
const audited = (table: Kept): string => `
      select a.record, a.at, a.number, (select jsonb_object_agg(${column}, coalesce(e.value -> 0, 'null')) from jsonb_each(a.changes - array[${unkept}]) e cross join lateral (select ${snake} as name) c where c.name = any(columns) or c.name || '_id' = any(columns)) as before
      from audit_entry a where a.tenant_id = one and a.record = any(ids) and a.record_type = ${typeOf(table)}`;

const likelihood = `case s.from_stage when 'NEEDS_ANALYSIS' then 20 when 'PROPOSAL' then 40 when 'NEGOTIATION' then 60 when 'CLOSED_WON' then 100 when 'CLOSED_LOST' then 0 else 10 end`;

/** Moves that no audit entry is about: what an opportunity was before each of them. */
const moved = `
      union all
      select s.opportunity_id, s.created_at, s.number, jsonb_build_object('stage', s.from_stage, 'probability', ${likelihood})
        || case when s.from_stage in ('CLOSED_WON', 'CLOSED_LOST') then '{}'::jsonb else '{"closed_at": null, "close_reason": null, "won_amount": null}'::jsonb end
      from stage_change s where s.tenant_id = one and s.opportunity_id = any(ids) and s.from_stage is not null
        and not exists (select 1 from audit_entry a where a.tenant_id = one and a.record = s.opportunity_id and a.at = s.created_at)`;

/**
 * The version between two changes is the present row, with what was before each change that came after it; changes of one
 * transaction count as one, and what nobody has written about as a change that changed nothing that is known.
 */
const reconstructed = (table: Kept): string => `
      with present as (select t.id, t.created_at, t.updated_at, to_jsonb(t) as data from "${table}" t where t.tenant_id = one and t.id = any(ids)),
      changes as (${audited(table)}${table === 'opportunity' ? moved : ''}),
      later as (select c.* from changes c join present p on p.id = c.record where c.at > p.created_at and c.before is not null),
      ends as (
        select record, at from later union
        select p.id, p.updated_at from present p where p.updated_at > p.created_at
      ),
      behind_each as (
        select e.record, e.at, l.number, l.at as later_at, l.before from ends e join later l on l.record = e.record and l.at >= e.at
      ),
      befores as (
        select n.record, n.at, jsonb_object_agg(b.key, b.value order by n.later_at desc, n.number desc) as data
        from behind_each n cross join lateral jsonb_each(n.before) b group by n.record, n.at
      ),
      counts as (select record, at, count(*) as n from behind_each group by record, at),
      versions as (
        select p.id, e.at as valid_until, coalesce(lag(e.at) over (partition by e.record order by e.at), p.created_at) as valid_from,
          p.data || coalesce(b.data, '{}') || jsonb_build_object('version', (p.data ->> 'version')::int - coalesce(k.n, 0)) as data
        from ends e join present p on p.id = e.record
          left join befores b on b.record = e.record and b.at = e.at left join counts k on k.record = e.record and k.at = e.at
      ),
      added as (
        insert into record_version (tenant_id, record, valid_until, valid_from, record_type, reconstructed, data)
        select one, id, valid_until, valid_from, ${typeOf(table)}, true, case when data ->> 'deleted_at' is null then jsonb_strip_nulls(data || jsonb_build_object('updated_at', valid_from)) end from versions
        on conflict (tenant_id, record, valid_until) do nothing returning 1
      )
      select total + count(*) into total from added;`;

/** Records of one batch: what is known of them is compared with itself. */
const batch = 100;

/**
 * Writes the versions of a table's records that were not written by the changes that ended them, tenant by tenant and a hundred
 * records at a time, each batch in a transaction of its own. What is there stays as it is, so it can be begun again.
 */
export const reconstruct = (table: Kept, tenants = 'array(select id from tenant order by number)'): string => `
do $$ declare
  tenants uuid[] := ${tenants};
  columns text[] := array(select attname::text from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped);
  one uuid;
  behind uuid;
  ids uuid[];
  total bigint := 0;
begin
  for place in 1 .. coalesce(array_length(tenants, 1), 0) loop
    one := tenants[place];
    behind := '00000000-0000-0000-0000-000000000000';
    loop
      perform set_config('app.tenant_id', one::text, true);
      ids := array(select id from "${table}" where tenant_id = one and id > behind order by id limit ${batch});
      exit when cardinality(ids) = 0;${reconstructed(table)}
      behind := ids[cardinality(ids)];
      commit;
    end loop;
    raise notice '${table}: % of % tenants, % versions reconstructed', place, cardinality(tenants), total;
  end loop;
end $$`;
