// What migrations of large tables may do while servers of the last release go on working: no lock is held longer than it takes
// to change the catalog, and nothing is taken away that those servers use.
import type { Migration } from '@mikro-orm/migrations';

/** A migration, as far as it matters here. */
export interface Migrating {
  statements: readonly string[];
  isTransactional: boolean;
  /** the release since which no server uses what is taken away */
  contracts?: string | undefined;
}

export interface Rule {
  what: string;
  /** why, in a sentence */
  because: string;
  found: (migration: Migrating, isNew: (table: string) => boolean) => boolean;
  refused: Migrating;
  accepted: Migrating;
}

const transaction = (...statements: string[]): Migrating => ({ statements, isTransactional: true });
const single = (...statements: string[]): Migrating => ({ statements, isTransactional: false });

/** Whether a statement has a form, on a table that was there before. */
const on =
  (form: RegExp): Rule['found'] =>
  ({ statements }, isNew) =>
    statements.some((statement) =>
      [...statement.matchAll(new RegExp(form.source, 'gi'))].some(({ groups }) => !isNew(groups?.['table'] ?? '')),
    );

const table = '(?:only )?(?:if exists )?"?(?<table>\\w+)"?';
const altered = (rest: string): RegExp => new RegExp(`\\balter table ${table} (?:[^;]*, ?)?${rest}`);

const takesAway: Rule['found'] = (migration, isNew) =>
  on(altered('(?:drop (?!constraint|default|not null|expression)|rename )'))(migration, isNew) ||
  on(new RegExp(`\\bdrop table ${table}`))(migration, isNew) ||
  migration.statements.some((statement) =>
    /^\s*(?:drop (?:function|type|collation)|alter (?:function|type)|revoke)\b/i.test(statement),
  );

export const rules: readonly Rule[] = [
  {
    what: 'an index that is not built concurrently',
    because:
      'Nobody writes to the table while it is built; `indexOnline` does it in a migration that is no transaction.',
    found: on(new RegExp(`\\bcreate (?:unique )?index (?!concurrently\\b)(?:if not exists )?"?\\w+"? on ${table}`)),
    refused: transaction('create index "a" on "customer" ("tenant_id", "name")'),
    accepted: single(
      'drop index concurrently if exists "a"',
      'create index concurrently "a" on "customer" ("tenant_id")',
    ),
  },
  {
    what: 'a foreign key or a check of all rows',
    because: 'All rows are read while nobody writes; add it with `not valid`, and validate it in the next migration.',
    found: ({ statements }, isNew) =>
      statements.some((statement) =>
        [
          ...statement.matchAll(
            new RegExp(altered('add constraint "?\\w+"? (?:foreign key|check|not null)[^;]*').source, 'gi'),
          ),
        ].some(({ 0: text, groups }) => !isNew(groups!['table']!) && !/\bnot valid\b/i.test(text)),
      ),
    refused: transaction('alter table "customer" add constraint "c" check (n > 0)'),
    accepted: transaction('alter table "customer" add constraint "c" check (n > 0) not valid'),
  },
  {
    what: 'a constraint validated in a transaction',
    because: 'The transaction keeps the locks of what stands before it until all rows are read.',
    found: ({ statements, isTransactional }) =>
      isTransactional && statements.some((statement) => /\bvalidate constraint\b/i.test(statement)),
    refused: transaction('alter table "customer" validate constraint "c"'),
    accepted: single('alter table "customer" validate constraint "c"'),
  },
  {
    what: 'a unique constraint or a primary key without its index',
    because:
      'The index is built while nobody writes; build it with `indexOnline` and add the constraint `using index`.',
    found: on(altered('add (?:constraint "?\\w+"? )?(?:unique|primary key)(?! using index)')),
    refused: transaction('alter table "customer" add constraint "c" unique ("tenant_id", "code")'),
    accepted: transaction('alter table "customer" add constraint "c" unique using index "c"'),
  },
  {
    what: 'a column of another type',
    because:
      'The table is written anew while nobody reads it; add a column, fill it in batches, and take the old one away later.',
    found: on(altered('alter (?:column )?"?\\w+"? (?:set data )?type\\b')),
    refused: transaction('alter table "customer" alter column "n" type bigint'),
    accepted: transaction('alter table "customer" add column "n2" bigint null'),
  },
  {
    what: 'a new column that is worked out for each row',
    because: 'The table is written anew while nobody reads it; add the column empty and fill it in batches.',
    found: on(
      altered(
        'add (?:column )?(?!constraint\\b)"?\\w+"? [^,;]*(?:generated always|\\bdefault (?:gen_random_uuid|clock_timestamp|random|nextval)\\b|serial\\b)',
      ),
    ),
    refused: transaction('alter table "customer" add column "n" int generated always as (1) stored'),
    accepted: transaction('alter table "customer" add column "n" text not null default \'\''),
  },
  {
    what: 'a new column that servers of the last release would have to fill',
    because: 'They insert rows without it: it is null, or has a default.',
    found: ({ statements }, isNew) =>
      statements.some((statement) =>
        [...statement.matchAll(/\balter table "?(\w+)"? ([^;]*)/gi)].some(
          ([, name, all]) =>
            !isNew(name!) &&
            all!
              .split(/,(?![^(]*\))/)
              .some(
                (part) =>
                  /^\s*add (?!constraint)/i.test(part) && /\bnot null\b/i.test(part) && !/\bdefault\b/i.test(part),
              ),
        ),
      ),
    refused: transaction('alter table "customer" add column "n" int not null'),
    accepted: transaction('alter table "customer" add column "n" int not null default 0'),
  },
  {
    what: 'NOT NULL for a column that is there',
    because:
      'All rows are read while nobody reads or writes; `add constraint … not null … not valid`, then validate it in the next migration.',
    found: on(altered('alter (?:column )?"?\\w+"? set not null')),
    refused: transaction('alter table "customer" alter column "n" set not null'),
    accepted: transaction('alter table "customer" add constraint "c" not null "n" not valid'),
  },
  {
    what: 'rows changed in one statement',
    because: 'All of them stay locked until the end; `inBatches` changes a thousand at a time and says how far it is.',
    found: ({ statements }) =>
      statements.some(
        (statement) =>
          /(?:^|;|\bloop|\bbegin|\bthen|\bas)\s+\(?\s*(?:update|delete from|insert into) (?!.*\bon conflict\b)"?\w+/i.test(
            ` ${statement}`,
          ) && !/\bcommit\b/i.test(statement),
      ),
    refused: transaction('do $$ begin update "customer" set n = 1; end $$'),
    accepted: single('do $$ begin update "customer" set n = 1 where id = any(ids); commit; end $$'),
  },
  {
    what: 'a table that is locked or written anew',
    because: 'Nobody reads it meanwhile.',
    found: ({ statements }) =>
      statements.some((statement) =>
        /^\s*(?:lock\b|truncate\b|vacuum full\b|cluster\b|refresh materialized view (?!concurrently)|reindex (?!.*concurrently))/i.test(
          statement,
        ),
      ),
    refused: transaction('lock table "customer"'),
    accepted: single('reindex index concurrently "a"'),
  },
  {
    what: 'a lock of a whole table in a migration that is no transaction',
    because:
      'It would wait for its lock without end; what changes a table stands in a transaction, which gives up after a second and is tried again.',
    found: ({ statements, isTransactional }) =>
      !isTransactional &&
      statements.some(
        (statement) =>
          !/^\s*(?:drop index concurrently if exists|create (?:unique )?index concurrently|reindex index concurrently|alter table "?\w+"? validate constraint|do \$\$[^]*\bcommit\b)/i.test(
            statement,
          ),
      ),
    refused: single('alter table "customer" add column "n" int null'),
    accepted: transaction('alter table "customer" add column "n" int null'),
  },
  {
    what: 'something taken away that servers of the last release use',
    because:
      'They go on while the new ones start; `static readonly contracts` names the release that no longer uses it.',
    found: (migration, isNew) => takesAway(migration, isNew) && migration.contracts === undefined,
    refused: transaction('alter table "customer" drop column "n"'),
    accepted: { ...transaction('alter table "customer" drop column "n"'), contracts: '0.1.0' },
  },
];

/** What a class of a migration does, upwards. */
export function migratingOf(Class: new (...args: never[]) => Migration): Migrating {
  const migration = new Class(undefined as never, undefined as never);
  void migration.up();
  return {
    statements: migration.getQueries().map(String),
    isTransactional: migration.isTransactional(),
    contracts: (Class as { contracts?: string }).contracts,
  };
}

/** The rules that a migration breaks. Tables that it makes itself are empty, and nobody uses them yet. */
export function brokenBy(migration: Migrating): string[] {
  const made = new Set(
    migration.statements.flatMap((statement) =>
      [...statement.matchAll(/\bcreate (?:unlogged )?table (?:if not exists )?"?(\w+)"?/gi)].map(([, name]) => name!),
    ),
  );
  return rules.filter(({ found }) => found(migration, (name) => made.has(name))).map(({ what }) => what);
}
