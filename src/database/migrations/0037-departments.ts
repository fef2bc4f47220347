import { Migration } from '@mikro-orm/migrations';
import { tenantTables } from './tenant-tables.v2.js';

/** Departments as a tree, and where users work in it and who they report to. */
export class Departments extends Migration {
  override up(): void {
    for (const statement of tenantTables(tables, owned, grants)) this.addSql(statement);
    this.addSql(
      'alter table "user_account" add column "department_id" uuid null, add column "manager_id" uuid null, add column "version" int not null default 1, add column "updated_at" timestamptz(3) not null default now(), add column "updated_by_id" uuid null',
    );
    for (const [column, table] of references)
      this.addSql(
        `alter table "user_account" add constraint "user_account_tenant_id_${column}_foreign" foreign key ("tenant_id", "${column}") references "${table}" ("tenant_id", "id") on update no action on delete no action not valid`,
      );
  }

  override down(): void {
    this.addSql(
      'alter table "user_account" drop column "department_id", drop column "manager_id", drop column "version", drop column "updated_at", drop column "updated_by_id"',
    );
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const references = [
  ['department_id', 'department'],
  ['manager_id', 'user_account'],
  ['updated_by_id', 'user_account'],
] as const;

const owned = ['department', 'department_path'];

const grants = [
  'grant select, insert, update on "department" to crm_server',
  'grant select, insert, update, delete on "department_path" to crm_server',
];

const tables = `
create table "department" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "name" text collate "name_order" not null, "name_kept" text null, "name_key" text collate "C" null generated always as (case when name = name_kept then name else text_key(name) end) stored, "code" text null, "parent_id" uuid null, "leader_id" uuid null, "position" int not null default 0, primary key ("tenant_id", "id"));
create table "department_path" ("tenant_id" uuid not null, "ancestor_id" uuid not null, "descendant_id" uuid not null, "depth" int not null, primary key ("tenant_id", "ancestor_id", "descendant_id"));
create index "department_by_leader" on "department" ("tenant_id", "leader_id");
create unique index "department_active_top_name_key" on "department" ("tenant_id", "name_key") where deleted_at is null and parent_id is null;
create unique index "department_living_parent_name_key" on "department" ("tenant_id", "parent_id", "name_key") where deleted_at is null;
create unique index "department_living_code" on "department" ("tenant_id", "code") where deleted_at is null;
alter table "department" add constraint "department_number" unique ("tenant_id", "number");
create index "department_path_by_descendant" on "department_path" ("tenant_id", "descendant_id");

alter table "department" add constraint "department_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "department" add constraint "department_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "department" add constraint "department_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "department" add constraint "department_tenant_id_parent_id_foreign" foreign key ("tenant_id", "parent_id") references "department" ("tenant_id", "id") on update no action on delete no action;
alter table "department" add constraint "department_tenant_id_leader_id_foreign" foreign key ("tenant_id", "leader_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "department_path" add constraint "department_path_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
`;
