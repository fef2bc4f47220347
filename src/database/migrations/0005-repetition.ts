import { Migration } from '@mikro-orm/migrations';
import { protect } from './tenant-tables.v1.js';

/** Answers under the keys that requests carry, so that none is carried out twice. */
export class Repetition extends Migration {
  override up(): void {
    this.addSql(
      `create table "idempotency_key" ("tenant_id" uuid not null, "key" text not null, "sender" text not null, "content" text not null, "status" int not null default 0, "answer" text not null default '', "at" timestamptz(3) not null default now(), "expires_at" timestamptz(3) not null, primary key ("tenant_id", "key"))`,
    );
    this.addSql('create index "idempotency_key_by_expires_at" on "idempotency_key" ("tenant_id", "expires_at")');
    this.addSql(
      'alter table "idempotency_key" add constraint "idempotency_key_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action',
    );
    for (const statement of protect('idempotency_key')) this.addSql(statement);
    this.addSql('grant select, insert, update, delete on "idempotency_key" to crm_server');
  }

  override down(): void {
    this.addSql('drop table if exists "idempotency_key" cascade');
  }
}
