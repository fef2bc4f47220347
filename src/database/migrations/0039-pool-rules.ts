import { Migration } from '@mikro-orm/migrations';
import { tenantTables } from './tenant-tables.v2.js';

/** Rules that take customers and leads into pools, on which day they take which of them, and the work on these days. */
export class PoolRules extends Migration {
  override up(): void {
    for (const statement of tenantTables(tables, owned, grants)) this.addSql(statement);
    for (const table of held) {
      this.addSql(`alter table "${table}" add "recycle_on" date null, add "recycle_rule_id" uuid null`);
      this.addSql(
        `alter table "${table}" add constraint "${table}_tenant_id_recycle_rule_id_foreign" foreign key ("tenant_id", "recycle_rule_id") references "pool_rule" ("tenant_id", "id") on update no action on delete no action not valid`,
      );
    }
  }

  override down(): void {
    for (const table of held) this.addSql(`alter table "${table}" drop "recycle_on", drop "recycle_rule_id"`);
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const held = ['customer', 'lead'];

const owned = ['pool_rule', 'recycling_run', 'recycle_reminder'];

const grants = [
  'grant select, insert, update on "pool_rule", "recycling_run" to crm_server',
  'grant select, insert, delete on "recycle_reminder" to crm_server',
];

const tables = `
create table "pool_rule" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "pool_id" uuid not null, "name" text collate "name_order" not null, "position" int not null default 0, "enabled" boolean not null default true, "trigger" text not null, "days" int not null, "exemptions" text[] not null, "tiers" text[] not null, "customer_statuses" text[] not null, "customer_kinds" text[] not null, "sizes" text[] not null, "sources" text[] not null, "regions" text[] not null, "industries" text[] not null, "lead_statuses" text[] not null, "lead_sources" text[] not null, "reminder_days" int[] not null, primary key ("tenant_id", "id"));
create index "pool_rule_by_created_at" on "pool_rule" ("tenant_id", "created_at");
create index "pool_rule_by_pool" on "pool_rule" ("tenant_id", "pool_id");
alter table "pool_rule" add constraint "pool_rule_number" unique ("tenant_id", "number");

create table "recycling_run" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "kind" text not null, "status" text not null default 'RUNNING', "day" date null, "total" int not null, "done" int not null default 0, "recycled" int not null default 0, "reminded" int not null default 0, "updated_at" timestamptz(3) not null default now(), "finished_at" timestamptz(3) null, "part" text not null default 'CUSTOMER', "last_record" uuid null, "held_until" timestamptz(3) null, primary key ("tenant_id", "id"));
create index "recycling_run_by_created_at" on "recycling_run" ("tenant_id", "created_at");
create unique index "recycling_run_of_day" on "recycling_run" ("tenant_id", "day") where kind = 'RECYCLE';
create unique index "recycling_run_computing" on "recycling_run" ("tenant_id") where kind = 'COMPUTE' and status = 'RUNNING';
alter table "recycling_run" add constraint "recycling_run_number" unique ("tenant_id", "number");

create table "recycle_reminder" ("tenant_id" uuid not null, "record_id" uuid not null, "rule_id" uuid not null, "remind_on" date not null, primary key ("tenant_id", "record_id", "rule_id", "remind_on"));

alter table "pool_rule" add constraint "pool_rule_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "pool_rule" add constraint "pool_rule_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "pool_rule" add constraint "pool_rule_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "pool_rule" add constraint "pool_rule_tenant_id_pool_id_foreign" foreign key ("tenant_id", "pool_id") references "pool" ("tenant_id", "id") on update no action on delete no action;
alter table "recycling_run" add constraint "recycling_run_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "recycle_reminder" add constraint "recycle_reminder_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
`;
