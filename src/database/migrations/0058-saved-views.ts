import { Migration } from '@mikro-orm/migrations';
import { tenantTables } from './tenant-tables.v2.js';

/** Lists of the graph saved under a name, and with which of them a user opens a list. */
export class SavedViews extends Migration {
  override up(): void {
    for (const statement of tenantTables(tables, owned, grants)) this.addSql(statement);
  }

  override down(): void {
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const owned = ['saved_view', 'saved_view_default'];

const grants = [
  'grant select, insert, update on "saved_view" to crm_server',
  'grant select, insert, update, delete on "saved_view_default" to crm_server',
];

const tables = `
create table "saved_view" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "kind" text not null, "name" text collate "name_order" not null, "owner_id" uuid not null, "sharing" text not null default 'PRIVATE', "department_id" uuid null, "filter" text not null default '{}', "order_by" text null, "columns" text[] not null, "default_for" text[] not null, "uses" text[] not null, primary key ("tenant_id", "id"));
alter table "saved_view" add constraint "saved_view_number" unique ("tenant_id", "number");
create index "saved_view_by_owner" on "saved_view" ("tenant_id", "owner_id");
create index "saved_view_by_kind_sharing" on "saved_view" ("tenant_id", "kind", "sharing");

create table "saved_view_default" ("tenant_id" uuid not null, "user_id" uuid not null, "kind" text not null, "view_id" uuid not null, primary key ("tenant_id", "user_id", "kind"));

alter table "saved_view" add constraint "saved_view_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "saved_view" add constraint "saved_view_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "saved_view" add constraint "saved_view_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "saved_view" add constraint "saved_view_tenant_id_owner_id_foreign" foreign key ("tenant_id", "owner_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "saved_view" add constraint "saved_view_tenant_id_department_id_foreign" foreign key ("tenant_id", "department_id") references "department" ("tenant_id", "id") on update no action on delete no action;
alter table "saved_view_default" add constraint "saved_view_default_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
`;
