import { Migration } from '@mikro-orm/migrations';
import { protectedTables } from './tenant-tables.v1.js';

/** How far each reader of a tenant's events has come. */
export class Readers extends Migration {
  override up(): void {
    for (const statement of protectedTables(
      tables,
      ['feed_reader'],
      ['grant select, insert, update, delete on "feed_reader" to crm_server'],
    ))
      this.addSql(statement);
  }

  override down(): void {
    this.addSql('drop table if exists "feed_reader" cascade');
  }
}

const tables = `
create table "feed_reader" ("tenant_id" uuid not null, "name" text not null, "seq" bigint not null default '0', "holder" text null, "held_until" timestamptz(3) null, "rest_until" timestamptz(3) null, "wake_at" timestamptz(3) null, "failures" int not null default 0, "failing_since" timestamptz(3) null, "last_error" text null, "last_success_at" timestamptz(3) null, primary key ("tenant_id", "name"));
alter table "feed_reader" add constraint "feed_reader_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
`;
