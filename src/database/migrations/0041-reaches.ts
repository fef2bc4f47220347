import { Migration } from '@mikro-orm/migrations';
import { tenantTables } from './tenant-tables.v2.js';

/** How far roles reach, who works on customers that others own, and in which departments owners work. */
export class Reaches extends Migration {
  override up(): void {
    for (const statement of tenantTables(tables, owned, grants)) this.addSql(statement);
    for (const table of withOwner) {
      this.addSql(`alter table "${table}" add column "owner_department_id" uuid null`);
      this.addSql(
        `alter table "${table}" add constraint "${table}_tenant_id_owner_department_id_foreign" foreign key ("tenant_id", "owner_department_id") references "department" ("tenant_id", "id") on update no action on delete no action not valid`,
      );
    }
  }

  override down(): void {
    for (const table of withOwner) this.addSql(`alter table "${table}" drop column "owner_department_id"`);
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const withOwner = ['customer', 'lead'];

const owned = ['role_reach', 'customer_member'];

const grants = [
  'grant select, insert, update on "role_reach" to crm_server',
  'grant select, insert, update, delete on "customer_member" to crm_server',
];

const tables = `
create table "role_reach" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "role" text not null, "record" text not null, "use" text not null, "reach" text not null, primary key ("tenant_id", "id"));
create table "customer_member" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "customer_id" uuid not null, "user_id" uuid not null, "access" text not null default 'READ', "until" date null, "added_by_id" uuid null, primary key ("tenant_id", "id"));
alter table "role_reach" add constraint "role_reach_role_record_use" unique ("tenant_id", "role", "record", "use");
alter table "role_reach" add constraint "role_reach_number" unique ("tenant_id", "number");
create index "customer_member_by_user" on "customer_member" ("tenant_id", "user_id");
alter table "customer_member" add constraint "customer_member_customer_user" unique ("tenant_id", "customer_id", "user_id");
alter table "customer_member" add constraint "customer_member_number" unique ("tenant_id", "number");

alter table "role_reach" add constraint "role_reach_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "customer_member" add constraint "customer_member_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "customer_member" add constraint "customer_member_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_member" add constraint "customer_member_tenant_id_user_id_foreign" foreign key ("tenant_id", "user_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_member" add constraint "customer_member_tenant_id_added_by_id_foreign" foreign key ("tenant_id", "added_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
`;
