// Forms of statements that a database distributed by tenant (Citus) refuses or carries out wrongly, found by their text.

export interface Form {
  what: string;
  /** the error of the database, or what goes wrong without one */
  says: string;
  /** why, in a sentence */
  because: string;
  /** statements may have it where plain ones are sent in their place (`Statement.plain`) */
  isReplaced?: true;
  found: (sql: string) => boolean;
  /** a statement with the form in it, and one that does the same without it */
  refused: string;
  accepted: string;
}

/** Functions whose result depends on more than their arguments. */
const changing =
  /\b(?:now|clock_timestamp|statement_timestamp|random|gen_random_uuid|to_char|current_setting|nextval)\s*\(/i;

/** What stands between one keyword and the end of its clause: the text up to a closing parenthesis of a level above, or a keyword that ends it. */
function clausesAfter(sql: string, keyword: RegExp, end: RegExp): string[] {
  return [...sql.matchAll(new RegExp(keyword.source, 'gi'))].map(({ index, 0: word }) => {
    let depth = 0;
    let at = index + word.length;
    for (; at < sql.length; at += 1) {
      if (sql[at] === '(') depth += 1;
      else if (sql[at] === ')' && (depth -= 1) < 0) break;
      else if (depth === 0 && end.test(sql.slice(at, at + 12))) break;
    }
    return sql.slice(index + word.length, at);
  });
}

/** A statement whose texts are empty. */
const withoutTexts = (sql: string): string => sql.replace(/'(?:[^']|'')*'/g, "''");

/** A statement without the queries inside it. */
const withoutQueries = (sql: string): string => queriesOf(sql).at(-1)!;

const isQuery = /^\s*(?:select|with|insert|update|delete|values)\b/i;

/** Every query within a statement and the statement itself, each without those inside it; other brackets stay where they are. Texts are empty. */
export function queriesOf(sql: string): string[] {
  const levels: string[] = [''];
  const all: string[] = [];
  for (const sign of withoutTexts(sql)) {
    if (sign === '(') levels.push('');
    else if (sign === ')' && levels.length > 1) {
      const inner = levels.pop()!;
      if (isQuery.test(inner)) all.push(inner);
      levels[levels.length - 1] += isQuery.test(inner) ? '()' : `(${inner})`;
    } else levels[levels.length - 1] += sign;
  }
  return [...all, ...levels];
}

interface Use {
  table: string;
  /** what its columns are called by: its alias, or its name */
  as: string;
  isInsert: boolean;
}

/** The uses of tables in one query. */
function usesIn(query: string, owned: readonly string[]): Use[] {
  return [
    ...query.matchAll(
      /\b(from|join|update|into|using)\s+"?(\w+)"?(?:\s+(?:as\s+)?(?!where\b|set\b|on\b|cross\b|join\b|left\b|inner\b|right\b|full\b|natural\b|order\b|values\b|select\b|using\b|group\b|having\b|limit\b|offset\b|for\b|union\b|except\b|intersect\b|returning\b)"?(\w+)"?)?/gi,
    ),
  ]
    .filter(([, , table]) => owned.includes(table!))
    .map(([, verb, table, alias]) => ({
      table: table!,
      as: alias ?? table!,
      isInsert: verb!.toLowerCase() === 'into',
    }));
}

/** The uses of tables that belong to tenants which neither name the tenant by a parameter nor are joined, in the same query, to one that does; as `table alias`. */
export function acrossTenants(sql: string, owned: readonly string[]): string[] {
  return queriesOf(sql).flatMap((query) => {
    const uses = usesIn(query, owned);
    const column = ({ as }: Use): string =>
      uses.length === 1 ? `(?:"?\\b${as}"?\\.|(?<![.\\w"]))"?tenant_id"?` : `"?\\b${as}"?\\."?tenant_id"?`;
    const is = (use: Use, other: string): boolean =>
      new RegExp(`${column(use)} = ${other}|${other} = ${column(use)}`, 'i').test(query);
    const tied = uses.filter(
      (use) =>
        is(use, '\\$\\d+') ||
        (use.isInsert && new RegExp(`into "?${use.table}"?(?: as \\w+)? \\("?tenant_id"?,`, 'i').test(query)),
    );
    for (let before = -1; before !== tied.length;) {
      before = tied.length;
      for (const use of uses)
        if (!tied.includes(use) && tied.some((other) => is(use, `"?\\b${other.as}"?\\."?tenant_id"?`))) tied.push(use);
    }
    return uses.filter((use) => !tied.includes(use)).map(({ table, as }) => (as === table ? table : `${table} ${as}`));
  });
}

export const refusedForms: readonly Form[] = [
  {
    what: 'a function that is not immutable in DO UPDATE',
    says: '0A000 functions used in the DO UPDATE SET clause of INSERTs on distributed tables must be marked IMMUTABLE',
    because: 'The clause is carried out by the node that has the row; `excluded` has what the coordinator worked out.',
    found: (sql) => clausesAfter(sql, /\bdo update set\b/, /^\s*returning\b/i).some((clause) => changing.test(clause)),
    refused:
      'insert into t (tenant_id, at) values ($1, now()) on conflict (tenant_id) do update set at = now() returning at',
    accepted:
      'insert into t (tenant_id, at) values ($1, now()) on conflict (tenant_id) do update set at = excluded.at returning at',
  },
  {
    what: 'a function that is not immutable in RETURNING',
    says: '0A000 non-IMMUTABLE functions are not allowed in the RETURNING clause',
    because: 'Values are returned as they are stored and formatted around the statement.',
    found: (sql) => clausesAfter(sql, /\breturning\b/, /^(?:\s+select\b|;)/i).some((clause) => changing.test(clause)),
    refused: "update t set x = 1 where tenant_id = $1 returning to_char(at, 'YYYY')",
    accepted: "update t set x = 1 where tenant_id = $1 returning extract(epoch from at - timestamptz 'epoch')",
  },
  {
    what: 'a query in RETURNING',
    isReplaced: true,
    says: '42P01 relation "…" does not exist, of a part of the statement; 0A000 subqueries are not supported within INSERT queries, of anything else',
    because:
      'What is returned is worked out by the node that has the row; what else is asked for is a statement of its own.',
    found: (sql) =>
      clausesAfter(sql, /\breturning\b/, /^(?:\s+select\b|;)/i).some((clause) => /\(\s*select\b/i.test(clause)),
    refused: 'insert into t (tenant_id, id) values ($1, $2) returning id, (select max(n) from u where tenant_id = $1)',
    accepted: 'insert into t (tenant_id, id) values ($1, $2) returning id',
  },
  {
    what: 'a function that is not immutable in CASE or COALESCE of a statement that changes rows',
    says: '0A000 non-IMMUTABLE functions are not allowed in CASE or COALESCE statements',
    because:
      'The coordinator works such functions out beforehand, and cannot know which of the cases is met; the value comes as a parameter.',
    found: (sql) =>
      queriesOf(sql)
        .filter((query) => /^\s*(?:update|delete)\b/i.test(query))
        .some((query) =>
          [
            ...query.matchAll(/\bcase\b(.*?)\bend\b/gis),
            ...query.matchAll(/\bcoalesce\s*\(((?:[^()]|\([^()]*\))*)\)/gi),
          ].some(([, inside]) => changing.test(inside!) || /\bcurrent_(?:date|timestamp)\b/i.test(inside!)),
        ),
    refused: 'update t set at = case when $2::boolean then now() else at end where tenant_id = $1',
    accepted: 'update t set at = coalesce($2::timestamptz, at) where tenant_id = $1',
  },
  {
    what: 'a part of a statement that changes rows',
    isReplaced: true,
    says: 'no error while all nodes are up; UNAVAILABLE for all tenants while one is down, and five to ten times the time',
    because:
      'The rows of each part go over the coordinator to every node; plain statements go to the one of the tenant (`Statement.plain`).',
    found: (sql) =>
      /\bas\s+(?:(?:not\s+)?materialized\s+)?\(\s*(?:insert\s+into|update|delete\s+from)\b/i.test(withoutTexts(sql)),
    refused: 'with a as (update t set x = 1 where tenant_id = $1 returning id) select id from a',
    accepted: 'update t set x = 1 where tenant_id = $1 returning id',
  },
  {
    what: 'INSERT … SELECT of what is in no table',
    says: '42501 permission denied for sequence …_number_seq, where the table numbers its rows; else it asks every node',
    because:
      'The coordinator carries out the SELECT and takes the numbers as the role of the server, which has no right to the sequence; with VALUES the table takes them.',
    found: (sql) => /^\s*insert into "?\w+"?\s*(?:\([^)]*\)\s*)?select\b(?!.*\bfrom\b)/is.test(withoutQueries(sql)),
    refused:
      'insert into t (tenant_id, id, total) select $1, $2, (select count(*) from u where tenant_id = $1) returning id',
    accepted: 'insert into t (tenant_id, id, total) values ($1, $2, $3) returning id',
  },
  {
    what: 'rows locked through a join with unnest()',
    says: '22P02 invalid input syntax for type uuid: "PGCOPY"',
    because: 'The list becomes an intermediate result of another format; rows are locked by `= any` of it.',
    found: (sql) =>
      queriesOf(sql).some((one) => /\bfor (?:no key )?(?:update|share)\b/i.test(one) && /\bunnest\b/i.test(one)),
    refused: 'select t.id from unnest($2::uuid[]) n (id) join t on t.tenant_id = $1 and t.id = n.id for update of t',
    accepted: 'select t.id from t where t.tenant_id = $1 and t.id = any($2::uuid[]) for update of t',
  },
  {
    what: 'INSERT … SELECT without RETURNING',
    says: '0A000 COPY FROM not supported with row-level security; or no error, and the rows are not seen by the worker',
    because:
      'With RETURNING the coordinator carries out the SELECT first. Where the tenant comes from a row of a table of tenants, the worker does both.',
    found: (sql) =>
      /^\s*insert into "?\w+"?\s*(?:\([^)]*\)\s*)?select (?!t\.tenant_id\b)/i.test(sql) && !/\breturning\b/i.test(sql),
    refused: 'insert into t (tenant_id, id) select $1, id from u where tenant_id = $1',
    accepted: 'insert into t (tenant_id, id) select $1, id from u where tenant_id = $1 returning id',
  },
  {
    what: 'a function that is not immutable, of a column, in UPDATE',
    says: '0A000 STABLE functions used in UPDATE queries cannot be called with column references',
    because:
      'The coordinator works it out once for all nodes; what depends on a row is worked out by immutable functions.',
    found: (sql) =>
      queriesOf(sql)
        .filter((query) => /^\s*update\b/i.test(query))
        .map((query) => query.split(/\breturning\b/i)[0]!)
        .some((query) =>
          [...query.matchAll(/\b(?:to_char|date_trunc|date_part|to_timestamp|age|concat)\s*\(([^()]*)\)/gi)].some(
            ([, given]) =>
              /(?<![:\w])(?!null\b|true\b|false\b)[a-z_]\w*(?!\w|\s*\()/i.test(given!.replace(/::\w+(?:\[\])?/g, '')),
          ),
        ),
    refused: "update t set day = date_trunc('day', at) where tenant_id = $1",
    accepted: "update t set day = date_trunc('day', $2::timestamptz) where tenant_id = $1",
  },
  {
    what: "a day by the connection's zone",
    says: 'no error: workers have a zone of their own, and give another day',
    because: 'The zone stands in the statement (`at time zone`), or the day comes as a parameter.',
    found: (sql) =>
      /\b(?:current_date|current_time|localtimestamp|localtime)\b|\bnow\(\)::date\b|_at"?::(?:date|text)\b/i.test(
        withoutTexts(sql),
      ),
    refused: 'select id from t where tenant_id = $1 and due_on < current_date',
    accepted: 'select id from t where tenant_id = $1 and due_on < $2::date',
  },
  {
    what: 'CASE with a value in a statement that changes rows',
    says: '42883 operator does not exist: text = boolean; or no error, where the value is true or false, and none of the cases is met',
    because: 'The comparisons are worked out on the coordinator, without the value; each condition names it.',
    found: (sql) =>
      /\b(?:insert into|update|delete from)\b/i.test(withoutTexts(sql)) &&
      !/^\s*(?:create|do|alter)\b/i.test(sql) &&
      /\bcase\s+(?!when\b)[\w".]+\s+when\b/i.test(withoutTexts(sql)),
    refused: "update t set x = case kind when 'A' then 1 else 2 end where tenant_id = $1 and at < now()",
    accepted: "update t set x = case when kind = 'A' then 1 else 2 end where tenant_id = $1 and at < now()",
  },
  {
    what: 'a subquery in a policy',
    says: '0A000 cannot create policy: subqueries are not supported in policies on distributed tables',
    because: 'A policy compares columns of its own row with what the transaction has set.',
    found: (sql) => /^\s*(?:create|alter) policy\b/i.test(sql) && /\(\s*select\b/i.test(sql),
    refused: 'create policy p on t using (tenant_id in (select id from tenant))',
    accepted: 'create policy p on t using (tenant_id = app_tenant())',
  },
  {
    what: 'a reference that sets null or is looked at later',
    says: '0A000 SET NULL or SET DEFAULT is not supported in ON DELETE operation when distribution key is included in the foreign key constraint',
    because: 'The key holds the tenant, which cannot become null; what is deferred is reported as another error.',
    found: (sql) => /\bon (?:delete|update) set (?:null|default)\b|(?<!not )\bdeferrable\b/i.test(sql),
    refused:
      'alter table t add constraint c foreign key (tenant_id, u) references u (tenant_id, id) on delete set null',
    accepted:
      'alter table t add constraint c foreign key (tenant_id, u) references u (tenant_id, id) on delete no action',
  },
  {
    what: 'a trigger',
    says: '0A000 triggers are not supported on distributed tables',
    because: 'It would run on the nodes, beside the two-phase commit; the server does what is to follow.',
    found: (sql) => /\bcreate (?:or replace )?(?:constraint )?trigger\b/i.test(sql),
    refused: 'create trigger a after insert on t for each row execute function f()',
    accepted: 'create function f() returns int language sql return 1',
  },
  {
    what: 'a key without the tenant',
    says: '0A000 cannot create constraint on "t": the constraint is either a PRIMARY KEY or UNIQUE on columns that do not include the partition column',
    because: 'A node looks at its own rows only.',
    found: (sql) =>
      !/^\s*(?:create (?:unlogged )?table|alter table(?: only)?|create unique index .* on) "?(?:tenant|server_secret|rate_count)"?\s/i.test(
        sql,
      ) &&
      [...sql.matchAll(/\b(?:unique|primary key)\s*\(([^)]*)|\bunique index\b[^(]*\(([^)]*)/gi)].some(
        ([, key, index]) => !/^"?tenant_id"?/.test(key ?? index!),
      ),
    refused: 'create unique index i on t (code)',
    accepted: 'create unique index i on t (tenant_id, code)',
  },
];

/** The refused forms in a statement. */
export const formsIn = (sql: string): string[] =>
  refusedForms.filter(({ found }) => found(sql)).map(({ what }) => what);
