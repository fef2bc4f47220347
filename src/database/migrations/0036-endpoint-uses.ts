import { Migration } from '@mikro-orm/migrations';
import { tenantTables } from './tenant-tables.v2.js';

/** Which client has called which endpoint of the REST facade, how often and when last. */
export class EndpointUses extends Migration {
  override up(): void {
    for (const statement of tenantTables(tables, owned, grants)) this.addSql(statement);
  }

  override down(): void {
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const owned = ['endpoint_use'];

const grants = ['grant select, insert, update, delete on "endpoint_use" to crm_server'];

const tables = `
create table "endpoint_use" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "dialect" text not null, "endpoint" text not null, "user_id" uuid not null, "api_key_id" uuid null, "user_agent" text not null, "count" int not null, "last_used_at" timestamptz(3) not null, primary key ("tenant_id", "id"));
create index "endpoint_use_by_api_key" on "endpoint_use" ("tenant_id", "api_key_id");
create index "endpoint_use_by_last_used_at" on "endpoint_use" ("tenant_id", "last_used_at");
alter table "endpoint_use" add constraint "endpoint_use_user_dialect_endpoint_user_agent" unique ("tenant_id", "user_id", "dialect", "endpoint", "user_agent");
alter table "endpoint_use" add constraint "endpoint_use_number" unique ("tenant_id", "number");

alter table "endpoint_use" add constraint "endpoint_use_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "endpoint_use" add constraint "endpoint_use_tenant_id_user_id_foreign" foreign key ("tenant_id", "user_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "endpoint_use" add constraint "endpoint_use_tenant_id_api_key_id_foreign" foreign key ("tenant_id", "api_key_id") references "api_key" ("tenant_id", "id") on update no action on delete no action;
`;
