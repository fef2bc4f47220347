import { Migration } from '@mikro-orm/migrations';
import { tenantTables } from './tenant-tables.v2.js';

/** Each change of a customer, an opportunity or a contract writes the version of it that it ends. */
export class Versions extends Migration {
  override up(): void {
    for (const statement of tenantTables(tables, owned, grants)) this.addSql(statement);
    this.addSql('alter table "tenant" add "versions_since" timestamptz(3) null default now()');
  }

  override down(): void {
    this.addSql('alter table "tenant" drop "versions_since"');
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const owned = ['record_version'];

const grants = ['grant select, insert on "record_version" to crm_server'];

const tables = `
create table "record_version" ("tenant_id" uuid not null, "record" uuid not null, "valid_until" timestamptz(3) not null, "valid_from" timestamptz(3) not null, "record_type" text not null, "reconstructed" boolean not null default false, "data" jsonb null, primary key ("tenant_id", "record", "valid_until"));
create index "record_version_by_end" on "record_version" ("tenant_id", "record_type", "valid_until");
create index "record_version_deleted" on "record_version" ("tenant_id", "record") where data is null;

alter table "record_version" add constraint "record_version_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
`;
