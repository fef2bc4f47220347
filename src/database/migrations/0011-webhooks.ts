import { Migration } from '@mikro-orm/migrations';
import { protectedTables } from './tenant-tables.v1.js';

/** Webhooks, what they are signed with, and what they could not be told at once. */
export class Webhooks extends Migration {
  override up(): void {
    for (const statement of protectedTables(tables, owned, grants)) this.addSql(statement);
    this.addSql('alter table "feed_reader" add column "paused" boolean not null default false');
  }

  override down(): void {
    this.addSql('alter table "feed_reader" drop column "paused"');
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const owned = ['webhook_secret', 'webhook_delivery', 'webhook'];

const grants = [
  'grant select, insert, update on "webhook" to crm_server',
  'grant select, insert, update, delete on "webhook_delivery", "webhook_secret" to crm_server',
];

const tables = `
create table "webhook" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "url" text not null, "description" text null, "types" text[] not null, "status" text not null default 'ENABLED', "disabled_reason" text null, primary key ("tenant_id", "id"));
create index "webhook_by_created_at" on "webhook" ("tenant_id", "created_at");
alter table "webhook" add constraint "webhook_number" unique ("tenant_id", "number");

create table "webhook_delivery" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "webhook_id" uuid not null, "seq" bigint not null, "event" text not null, "type" text not null, "subject" text not null, "body" text not null, "status" text not null default 'WAITING', "attempts" int not null default 0, "first_attempt_at" timestamptz(3) null, "next_attempt_at" timestamptz(3) null, "last_error" text null, primary key ("tenant_id", "id"));
create index "webhook_delivery_by_webhook_status_subject_seq" on "webhook_delivery" ("tenant_id", "webhook_id", "status", "subject", "seq");
create index "webhook_delivery_by_created_at" on "webhook_delivery" ("tenant_id", "created_at");
alter table "webhook_delivery" add constraint "webhook_delivery_number" unique ("tenant_id", "number");
alter table "webhook_delivery" add constraint "webhook_delivery_webhook_seq" unique ("tenant_id", "webhook_id", "seq");

create table "webhook_secret" ("tenant_id" uuid not null, "webhook_id" uuid not null, "id" uuid not null, "secret" text not null, "expires_at" timestamptz(3) null, primary key ("tenant_id", "webhook_id", "id"));

alter table "webhook" add constraint "webhook_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "webhook" add constraint "webhook_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "webhook" add constraint "webhook_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "webhook_delivery" add constraint "webhook_delivery_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "webhook_delivery" add constraint "webhook_delivery_tenant_id_webhook_id_foreign" foreign key ("tenant_id", "webhook_id") references "webhook" ("tenant_id", "id") on update no action on delete no action;
alter table "webhook_secret" add constraint "webhook_secret_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
`;
