import { Migration } from '@mikro-orm/migrations';
import { tenantTables } from './tenant-tables.v2.js';

/** Tokens that no longer work although they have not ended. */
export class RevokedTokens extends Migration {
  override up(): void {
    for (const statement of tenantTables(tables, owned, grants)) this.addSql(statement);
  }

  override down(): void {
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const owned = ['token_revocation'];

const grants = ['grant select, insert, update, delete on "token_revocation" to crm_server'];

const tables = `
create table "token_revocation" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "jti" text null, "user_id" uuid null, "subject" text null, "issued_until" timestamptz(3) null, "reason" text null, "expires_at" timestamptz(3) null, "revoked_by_id" uuid not null, primary key ("tenant_id", "id"));
create index "token_revocation_by_created_at" on "token_revocation" ("tenant_id", "created_at");
create index "token_revocation_by_user" on "token_revocation" ("tenant_id", "user_id");
alter table "token_revocation" add constraint "token_revocation_number" unique ("tenant_id", "number");

alter table "token_revocation" add constraint "token_revocation_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "token_revocation" add constraint "token_revocation_tenant_id_user_id_foreign" foreign key ("tenant_id", "user_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "token_revocation" add constraint "token_revocation_tenant_id_revoked_by_id_foreign" foreign key ("tenant_id", "revoked_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
`;
