import { Migration } from '@mikro-orm/migrations';
import { tenantTables } from './tenant-tables.v2.js';

/** Pools of customers and leads, who works with them, how many records somebody may look after, and by what an owner was changed. */
export class Pools extends Migration {
  override up(): void {
    for (const statement of tenantTables(tables, owned, grants)) this.addSql(statement);
    for (const table of held)
      this.addSql(
        `alter table "${table}" add "pool_id" uuid null, add "pooled_at" timestamptz(3) null, add "held_since" timestamptz(3) null, add "protected_until" date null`,
      );
    this.addSql(
      `alter table "owner_change" add "kind" text not null default 'CHANGE', add "reason" text null, add "pool_id" uuid null`,
    );
    for (const table of [...held, 'owner_change'])
      this.addSql(
        `alter table "${table}" add constraint "${table}_tenant_id_pool_id_foreign" foreign key ("tenant_id", "pool_id") references "pool" ("tenant_id", "id") on update no action on delete no action not valid`,
      );
  }

  override down(): void {
    this.addSql('alter table "owner_change" drop "kind", drop "reason", drop "pool_id"');
    for (const table of held)
      this.addSql(`alter table "${table}" drop "pool_id", drop "pooled_at", drop "held_since", drop "protected_until"`);
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const held = ['customer', 'lead'];

const owned = ['pool', 'pool_member', 'holding_limit', 'lead_owner_change'];

const grants = [
  'grant select, insert, update on "pool", "holding_limit" to crm_server',
  'grant select, insert, update, delete on "pool_member" to crm_server',
  'grant select, insert on "lead_owner_change" to crm_server',
];

const tables = `
create table "pool" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "kind" text not null, "name" text collate "name_order" not null, "name_kept" text null, "name_key" text collate "C" null generated always as (case when name = name_kept then name else text_key(name) end) stored, "position" int not null default 0, "enabled" boolean not null default true, "daily_pick_limit" int null, "former_owner_days" int not null default 0, "rest_hours" int not null default 0, "hides_until_picked" text[] not null, primary key ("tenant_id", "id"));
alter table "pool" add constraint "pool_number" unique ("tenant_id", "number");
create unique index "pool_living_kind_name_key" on "pool" ("tenant_id", "kind", "name_key") where deleted_at is null;

create table "pool_member" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "pool_id" uuid not null, "user_id" uuid null, "department_id" uuid null, "role" text not null default 'MEMBER', primary key ("tenant_id", "id"));
create index "pool_member_by_user" on "pool_member" ("tenant_id", "user_id");
create index "pool_member_by_department" on "pool_member" ("tenant_id", "department_id");
alter table "pool_member" add constraint "pool_member_number" unique ("tenant_id", "number");
alter table "pool_member" add constraint "pool_member_pool_user" unique ("tenant_id", "pool_id", "user_id");
alter table "pool_member" add constraint "pool_member_pool_department" unique ("tenant_id", "pool_id", "department_id");

create table "holding_limit" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "kind" text not null, "user_id" uuid null, "department_id" uuid null, "max" int not null, "uncounted_tiers" text[] not null, "uncounted_statuses" text[] not null, "uncounted_lead_statuses" text[] not null, "uncounted_in_force" boolean not null default false, primary key ("tenant_id", "id"));
alter table "holding_limit" add constraint "holding_limit_number" unique ("tenant_id", "number");
create unique index "holding_limit_living_kind_user" on "holding_limit" ("tenant_id", "kind", "user_id") where deleted_at is null;
create unique index "holding_limit_living_kind_department" on "holding_limit" ("tenant_id", "kind", "department_id") where deleted_at is null;

create table "lead_owner_change" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "lead_id" uuid not null, "from_owner_id" uuid null, "to_owner_id" uuid null, "kind" text not null default 'CHANGE', "reason" text null, "pool_id" uuid null, "changed_by_id" uuid null, primary key ("tenant_id", "id"));
create index "lead_owner_change_pick" on "lead_owner_change" ("tenant_id", "to_owner_id", "created_at") where kind = 'PICK';
create index "lead_owner_change_by_lead" on "lead_owner_change" ("tenant_id", "lead_id");
create index "lead_owner_change_by_created_at" on "lead_owner_change" ("tenant_id", "created_at");
alter table "lead_owner_change" add constraint "lead_owner_change_number" unique ("tenant_id", "number");

alter table "pool" add constraint "pool_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "pool" add constraint "pool_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "pool" add constraint "pool_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "pool_member" add constraint "pool_member_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "pool_member" add constraint "pool_member_tenant_id_pool_id_foreign" foreign key ("tenant_id", "pool_id") references "pool" ("tenant_id", "id") on update no action on delete no action;
alter table "pool_member" add constraint "pool_member_tenant_id_department_id_foreign" foreign key ("tenant_id", "department_id") references "department" ("tenant_id", "id") on update no action on delete no action;
alter table "pool_member" add constraint "pool_member_tenant_id_user_id_foreign" foreign key ("tenant_id", "user_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "holding_limit" add constraint "holding_limit_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "holding_limit" add constraint "holding_limit_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "holding_limit" add constraint "holding_limit_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "holding_limit" add constraint "holding_limit_tenant_id_department_id_foreign" foreign key ("tenant_id", "department_id") references "department" ("tenant_id", "id") on update no action on delete no action;
alter table "holding_limit" add constraint "holding_limit_tenant_id_user_id_foreign" foreign key ("tenant_id", "user_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "lead_owner_change" add constraint "lead_owner_change_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "lead_owner_change" add constraint "lead_owner_change_tenant_id_lead_id_foreign" foreign key ("tenant_id", "lead_id") references "lead" ("tenant_id", "id") on update no action on delete no action;
alter table "lead_owner_change" add constraint "lead_owner_change_tenant_id_from_owner_id_foreign" foreign key ("tenant_id", "from_owner_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "lead_owner_change" add constraint "lead_owner_change_tenant_id_to_owner_id_foreign" foreign key ("tenant_id", "to_owner_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "lead_owner_change" add constraint "lead_owner_change_tenant_id_pool_id_foreign" foreign key ("tenant_id", "pool_id") references "pool" ("tenant_id", "id") on update no action on delete no action;
alter table "lead_owner_change" add constraint "lead_owner_change_tenant_id_changed_by_id_foreign" foreign key ("tenant_id", "changed_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
`;
