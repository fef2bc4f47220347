import { Migration } from '@mikro-orm/migrations';
import { tenantTables } from './tenant-tables.v2.js';

/** What pools hide of records is shown to their members, of so many records on a day; of none in pools that were made before. */
export class PoolReveals extends Migration {
  override up(): void {
    this.addSql(`alter table "pool" add "daily_view_limit" int null default 0`);
    for (const statement of tenantTables(tables, owned, grants)) this.addSql(statement);
  }

  override down(): void {
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
    this.addSql(`alter table "pool" drop "daily_view_limit"`);
  }
}

const owned = ['pool_reveal'];

const grants = ['grant select, insert, delete on "pool_reveal" to crm_server'];

const tables = `
create table "pool_reveal" ("tenant_id" uuid not null, "user_id" uuid not null, "day" date not null, "record_id" uuid not null, "pool_id" uuid not null, primary key ("tenant_id", "user_id", "day", "record_id"));

alter table "pool_reveal" add constraint "pool_reveal_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
`;
