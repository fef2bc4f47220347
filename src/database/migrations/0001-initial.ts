import { Migration } from '@mikro-orm/migrations';
import { protectedTables } from './tenant-tables.v1.js';

/** The first capabilities: tenants, users, customers, contacts, opportunities, contracts; audit, outbox and series. */
export class Initial extends Migration {
  override up(): void {
    this.addSql(functions);
    for (const statement of protectedTables(tables, owned, grants)) this.addSql(statement);
  }

  override down(): void {
    for (const table of [...owned, 'tenant']) this.addSql(`drop table if exists "${table}" cascade`);
    this.addSql('drop function if exists mask_phone(text), mask_email(text), app_tenant()');
  }
}

const owned = [
  'series',
  'outbox',
  'feed_head',
  'audit_entry',
  'customer_contact',
  'contact',
  'contract',
  'stage_change',
  'opportunity',
  'customer',
  'user_account',
];

const functions = `
create function app_tenant() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.tenant_id', true), '')::uuid;

create function mask_phone(phone text) returns text language sql immutable parallel safe
  return case when phone is null then null
    when length(regexp_replace(phone, '\\D', '', 'g')) < 7 then '***'
    else left(regexp_replace(phone, '\\D', '', 'g'), 3) || '****' || right(regexp_replace(phone, '\\D', '', 'g'), 4) end;

create function mask_email(email text) returns text language sql immutable parallel safe
  return case when email is null then null when position('@' in email) < 2 then '***' else left(email, 1) || '***' || substr(email, position('@' in email)) end;
`;

/** What the server's role may do: it reads and writes rows, but never rewrites history and never touches the structure. */
const grants = [
  'grant usage on schema public to crm_server',
  `grant select, insert, update on ${['series', 'feed_head', 'customer_contact', 'contact', 'contract', 'opportunity', 'customer', 'user_account'].map((table) => `"${table}"`).join(', ')} to crm_server`,
  'grant delete on "customer_contact" to crm_server',
  'grant select, insert, update on "tenant" to crm_server',
  'grant select, insert on "audit_entry", "stage_change" to crm_server',
  'grant select, insert, delete on "outbox" to crm_server',
];

const tables = `
create table "tenant" ("id" uuid not null, "number" int generated always as identity not null, "code" text not null, "name" text not null, "time_zone" text not null default 'Asia/Shanghai', "created_at" timestamptz(3) not null default now(), primary key ("id"));
alter table "tenant" add constraint "tenant_number" unique ("number");
alter table "tenant" add constraint "tenant_code" unique ("code");

create table "series" ("tenant_id" uuid not null, "name" text not null, "last" int not null default 0, primary key ("tenant_id", "name"));

create table "outbox" ("tenant_id" uuid not null, "seq" bigint not null, "id" uuid not null, "type" text not null, "subject" text not null, "trace_id" text not null, "at" timestamptz(3) not null default now(), "data" jsonb not null, primary key ("tenant_id", "seq"));

create table "feed_head" ("tenant_id" uuid not null, "seq" bigint not null default '0', primary key ("tenant_id"));

create table "audit_entry" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "at" timestamptz(3) not null default now(), "actor" uuid null, "actor_login" text not null, "face" text not null, "request_id" text not null, "act" text not null, "record_type" text not null, "record" uuid not null, "changes" jsonb not null, primary key ("tenant_id", "id"));
create index "audit_entry_by_at" on "audit_entry" ("tenant_id", "at");
create index "audit_entry_by_record" on "audit_entry" ("tenant_id", "record", "at");

create table "user_account" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "subject" text not null, "login" text not null, "name" text not null, "email" text null, "phone" text null, "active" boolean not null default true, "seen_at" timestamptz(3) not null default now(), primary key ("tenant_id", "id"));
alter table "user_account" add constraint "user_account_number" unique ("tenant_id", "number");
alter table "user_account" add constraint "user_account_subject" unique ("tenant_id", "subject");

create table "customer" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "account_no" text not null, "code" text not null, "name" text not null, "kind" text not null default 'ENTERPRISE', "status" text not null default 'POTENTIAL', "tier" text not null default 'BRONZE', "industry" text null, "region" text null, "size" text null, "scale" text null, "address" text null, "registered_address" text null, "website" text null, "description" text null, "remarks" text null, "source" text null, "contact_person" text null, "phone" text null, "email" text null, "tax_no" text null, "license_no" text null, "registered_capital" text null, "legal_representative" text null, "business_scope" text null, "established_on" date null, "bank_name" text null, "bank_account" text null, "credit_rating" text null, "payment_terms" text null, "special_requirements" text null, "credit_limit" numeric(18,2) null, "currency" text not null default 'CNY', "owner_id" uuid null, "health_score" numeric(4,1) not null default 75, "last_contact_at" timestamptz(3) null, primary key ("tenant_id", "id"));
create index "customer_by_owner" on "customer" ("tenant_id", "owner_id");
create index "customer_by_created_at_id" on "customer" ("tenant_id", "created_at", "id");
create index "customer_by_status_name" on "customer" ("tenant_id", "status", "name");
alter table "customer" add constraint "customer_number" unique ("tenant_id", "number");
alter table "customer" add constraint "customer_account_no" unique ("tenant_id", "account_no");
alter table "customer" add constraint "customer_code" unique ("tenant_id", "code");
create unique index "customer_living_name" on "customer" ("tenant_id", "name") where deleted_at is null;

create table "opportunity" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "code" text not null, "customer_id" uuid not null, "owner_id" uuid null, "name" text not null, "description" text null, "stage" text not null default 'PROSPECTING', "probability" int not null default 10, "expected_amount" numeric(18,2) null, "won_amount" numeric(18,2) null, "currency" text not null default 'CNY', "expected_close_on" date null, "closed_at" timestamptz(3) null, "close_reason" text null, primary key ("tenant_id", "id"));
create index "opportunity_by_customer" on "opportunity" ("tenant_id", "customer_id");
create index "opportunity_by_owner" on "opportunity" ("tenant_id", "owner_id");
create index "opportunity_by_stage" on "opportunity" ("tenant_id", "stage");
create index "opportunity_by_created_at" on "opportunity" ("tenant_id", "created_at");
create index "opportunity_by_expected_close_on" on "opportunity" ("tenant_id", "expected_close_on");
alter table "opportunity" add constraint "opportunity_number" unique ("tenant_id", "number");
alter table "opportunity" add constraint "opportunity_code" unique ("tenant_id", "code");

create table "stage_change" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "opportunity_id" uuid not null, "from_stage" text null, "to_stage" text not null, "reason" text null, "changed_by_id" uuid null, primary key ("tenant_id", "id"));
create index "stage_change_by_opportunity" on "stage_change" ("tenant_id", "opportunity_id");
create index "stage_change_by_created_at" on "stage_change" ("tenant_id", "created_at");
alter table "stage_change" add constraint "stage_change_number" unique ("tenant_id", "number");

create table "contract" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "code" text not null, "customer_id" uuid not null, "opportunity_id" uuid null, "name" text not null, "kind" text not null default 'SERVICE', "status" text not null default 'DRAFT', "agreed_amount" numeric(18,2) null, "currency" text not null default 'CNY', "starts_on" date null, "ends_on" date null, "signed_on" date null, "renewal" text not null default 'MANUAL', "notice_days" int not null default 90, "payment_terms" text null, "service_level" text null, "file_url" text null, primary key ("tenant_id", "id"));
create index "contract_by_customer" on "contract" ("tenant_id", "customer_id");
create index "contract_by_opportunity" on "contract" ("tenant_id", "opportunity_id");
create index "contract_by_ends_on" on "contract" ("tenant_id", "ends_on");
create index "contract_by_created_at" on "contract" ("tenant_id", "created_at");
alter table "contract" add constraint "contract_number" unique ("tenant_id", "number");
create unique index "contract_living_code" on "contract" ("tenant_id", "code") where deleted_at is null;

create table "contact" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "name" text not null, "department" text null, "phone" text null, "mobile" text null, "email" text null, "wechat" text null, "fax" text null, "address" text null, "birthday" date null, "preferences" text null, "contact_preference" text null, "decision_maker" boolean not null default false, "influence" text not null default 'LOW', "last_contact_at" timestamptz(3) null, primary key ("tenant_id", "id"));
create index "contact_by_name" on "contact" ("tenant_id", "name");
create index "contact_by_created_at" on "contact" ("tenant_id", "created_at");
alter table "contact" add constraint "contact_number" unique ("tenant_id", "number");

create table "customer_contact" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "customer_id" uuid not null, "contact_id" uuid not null, "role" text null, "position" text null, "primary" boolean not null default false, "remarks" text null, primary key ("tenant_id", "id"));
create index "customer_contact_by_contact" on "customer_contact" ("tenant_id", "contact_id");
alter table "customer_contact" add constraint "customer_contact_number" unique ("tenant_id", "number");
create unique index "customer_contact_primary" on "customer_contact" ("tenant_id", "customer_id") where "primary";
alter table "customer_contact" add constraint "customer_contact_customer_contact" unique ("tenant_id", "customer_id", "contact_id");

alter table "series" add constraint "series_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;

alter table "outbox" add constraint "outbox_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;

alter table "feed_head" add constraint "feed_head_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;

alter table "audit_entry" add constraint "audit_entry_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;

alter table "user_account" add constraint "user_account_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;

alter table "customer" add constraint "customer_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "customer" add constraint "customer_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "customer" add constraint "customer_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "customer" add constraint "customer_tenant_id_owner_id_foreign" foreign key ("tenant_id", "owner_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;

alter table "opportunity" add constraint "opportunity_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "opportunity" add constraint "opportunity_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "opportunity" add constraint "opportunity_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "opportunity" add constraint "opportunity_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "opportunity" add constraint "opportunity_tenant_id_owner_id_foreign" foreign key ("tenant_id", "owner_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;

alter table "stage_change" add constraint "stage_change_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "stage_change" add constraint "stage_change_tenant_id_opportunity_id_foreign" foreign key ("tenant_id", "opportunity_id") references "opportunity" ("tenant_id", "id") on update no action on delete no action;
alter table "stage_change" add constraint "stage_change_tenant_id_changed_by_id_foreign" foreign key ("tenant_id", "changed_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;

alter table "contract" add constraint "contract_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "contract" add constraint "contract_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "contract" add constraint "contract_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "contract" add constraint "contract_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "contract" add constraint "contract_tenant_id_opportunity_id_foreign" foreign key ("tenant_id", "opportunity_id") references "opportunity" ("tenant_id", "id") on update no action on delete no action;

alter table "contact" add constraint "contact_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "contact" add constraint "contact_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "contact" add constraint "contact_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;

alter table "customer_contact" add constraint "customer_contact_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "customer_contact" add constraint "customer_contact_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_contact" add constraint "customer_contact_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_contact" add constraint "customer_contact_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_contact" add constraint "customer_contact_tenant_id_contact_id_foreign" foreign key ("tenant_id", "contact_id") references "contact" ("tenant_id", "id") on update no action on delete no action;
`;
