import { Migration } from '@mikro-orm/migrations';
import { tenantTables } from './tenant-tables.v2.js';

/** Keys that programs sign in with, and hashes of their secrets. */
export class ApiKeys extends Migration {
  override up(): void {
    for (const statement of tenantTables(tables, owned, grants)) this.addSql(statement);
  }

  override down(): void {
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const owned = ['api_key_secret', 'api_key'];

const grants = [
  'grant select, insert, update on "api_key" to crm_server',
  'grant select, insert, update, delete on "api_key_secret" to crm_server',
];

const tables = `
create table "api_key" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "name" text not null, "prefix" text not null, "status" text not null default 'ACTIVE', "role" text not null default 'SERVICE', "scopes" text[] not null, "user_id" uuid not null, "owner_id" uuid not null, "expires_at" timestamptz(3) null, "rotated_at" timestamptz(3) null, "revoked_at" timestamptz(3) null, "revoked_reason" text null, primary key ("tenant_id", "id"));
create index "api_key_by_created_at" on "api_key" ("tenant_id", "created_at");
create index "api_key_by_owner" on "api_key" ("tenant_id", "owner_id");
create index "api_key_by_user" on "api_key" ("tenant_id", "user_id");
alter table "api_key" add constraint "api_key_number" unique ("tenant_id", "number");

create table "api_key_secret" ("tenant_id" uuid not null, "api_key_id" uuid not null, "id" uuid not null, "hash" text not null, "created_at" timestamptz(3) not null default now(), "expires_at" timestamptz(3) null, "last_used_at" timestamptz(3) null, primary key ("tenant_id", "api_key_id", "id"));

alter table "api_key" add constraint "api_key_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "api_key" add constraint "api_key_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "api_key" add constraint "api_key_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "api_key" add constraint "api_key_tenant_id_user_id_foreign" foreign key ("tenant_id", "user_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "api_key" add constraint "api_key_tenant_id_owner_id_foreign" foreign key ("tenant_id", "owner_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "api_key_secret" add constraint "api_key_secret_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
`;
