import { Migration } from '@mikro-orm/migrations';
import { protectedTables } from './tenant-tables.v1.js';

/** Activities, cases with their comments, and files. */
export class Activities extends Migration {
  override up(): void {
    for (const statement of protectedTables(tables, owned, grants)) this.addSql(statement);
  }

  override down(): void {
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const owned = ['file', 'case_comment', 'service_case', 'activity'];

const grants = [
  'grant select, insert, update on "activity", "service_case", "file" to crm_server',
  'grant select, insert on "case_comment" to crm_server',
];

const tables = `
create table "activity" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "kind" text not null default 'CALL', "kind_word" text null, "status" text not null default 'PLANNED', "customer_id" uuid null, "contact_id" uuid null, "opportunity_id" uuid null, "staff_id" uuid null, "subject" text null, "content" text null, "location" text null, "starts_at" timestamptz(3) null, "ends_at" timestamptz(3) null, "duration_minutes" int null, "direction" text null, "sentiment" text null, "importance" text not null default 'MEDIUM', "priority" text not null default 'MEDIUM', "outcome" text null, "next_action" text null, "next_action_on" date null, "completed_at" timestamptz(3) null, primary key ("tenant_id", "id"));
create index "activity_by_customer_starts_at" on "activity" ("tenant_id", "customer_id", "starts_at");
create index "activity_by_contact" on "activity" ("tenant_id", "contact_id");
create index "activity_by_opportunity_created_at" on "activity" ("tenant_id", "opportunity_id", "created_at");
create index "activity_by_staff_starts_at" on "activity" ("tenant_id", "staff_id", "starts_at");
create index "activity_by_starts_at" on "activity" ("tenant_id", "starts_at");
create index "activity_by_created_at" on "activity" ("tenant_id", "created_at");
alter table "activity" add constraint "activity_number" unique ("tenant_id", "number");

create table "service_case" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "code" text not null, "customer_id" uuid not null, "contact_id" uuid null, "assignee_id" uuid null, "subject" text not null, "description" text null, "kind" text not null default 'QUESTION', "priority" text not null default 'MEDIUM', "status" text not null default 'NEW', "resolution" text null, "responded_at" timestamptz(3) null, "resolved_at" timestamptz(3) null, "closed_at" timestamptz(3) null, "satisfaction" int null, "response_time_rating" int null, "solution_quality_rating" int null, "communication_rating" int null, "professionalism_rating" int null, primary key ("tenant_id", "id"));
create index "service_case_by_customer_created_at" on "service_case" ("tenant_id", "customer_id", "created_at");
create index "service_case_by_contact" on "service_case" ("tenant_id", "contact_id");
create index "service_case_by_assignee_status" on "service_case" ("tenant_id", "assignee_id", "status");
create index "service_case_by_status_created_at" on "service_case" ("tenant_id", "status", "created_at");
create index "service_case_by_created_at" on "service_case" ("tenant_id", "created_at");
alter table "service_case" add constraint "service_case_number" unique ("tenant_id", "number");
alter table "service_case" add constraint "service_case_code" unique ("tenant_id", "code");

create table "case_comment" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "case_id" uuid not null, "content" text not null, "author_id" uuid null, primary key ("tenant_id", "id"));
create index "case_comment_by_case_created_at" on "case_comment" ("tenant_id", "case_id", "created_at");
alter table "case_comment" add constraint "case_comment_number" unique ("tenant_id", "number");

create table "file" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "name" text not null, "media_type" text not null, "bytes" int not null, "sha256" text not null, "activity_id" uuid null, "case_id" uuid null, "contract_id" uuid null, primary key ("tenant_id", "id"));
create index "file_by_activity" on "file" ("tenant_id", "activity_id");
create index "file_by_case" on "file" ("tenant_id", "case_id");
create index "file_by_contract" on "file" ("tenant_id", "contract_id");
create index "file_by_created_at" on "file" ("tenant_id", "created_at");
alter table "file" add constraint "file_number" unique ("tenant_id", "number");

alter table "activity" add constraint "activity_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "activity" add constraint "activity_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "activity" add constraint "activity_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "activity" add constraint "activity_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "activity" add constraint "activity_tenant_id_contact_id_foreign" foreign key ("tenant_id", "contact_id") references "contact" ("tenant_id", "id") on update no action on delete no action;
alter table "activity" add constraint "activity_tenant_id_opportunity_id_foreign" foreign key ("tenant_id", "opportunity_id") references "opportunity" ("tenant_id", "id") on update no action on delete no action;
alter table "activity" add constraint "activity_tenant_id_staff_id_foreign" foreign key ("tenant_id", "staff_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;

alter table "service_case" add constraint "service_case_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "service_case" add constraint "service_case_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "service_case" add constraint "service_case_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "service_case" add constraint "service_case_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "service_case" add constraint "service_case_tenant_id_contact_id_foreign" foreign key ("tenant_id", "contact_id") references "contact" ("tenant_id", "id") on update no action on delete no action;
alter table "service_case" add constraint "service_case_tenant_id_assignee_id_foreign" foreign key ("tenant_id", "assignee_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;

alter table "case_comment" add constraint "case_comment_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "case_comment" add constraint "case_comment_tenant_id_case_id_foreign" foreign key ("tenant_id", "case_id") references "service_case" ("tenant_id", "id") on update no action on delete no action;
alter table "case_comment" add constraint "case_comment_tenant_id_author_id_foreign" foreign key ("tenant_id", "author_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;

alter table "file" add constraint "file_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "file" add constraint "file_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "file" add constraint "file_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "file" add constraint "file_tenant_id_activity_id_foreign" foreign key ("tenant_id", "activity_id") references "activity" ("tenant_id", "id") on update no action on delete no action;
alter table "file" add constraint "file_tenant_id_case_id_foreign" foreign key ("tenant_id", "case_id") references "service_case" ("tenant_id", "id") on update no action on delete no action;
alter table "file" add constraint "file_tenant_id_contract_id_foreign" foreign key ("tenant_id", "contract_id") references "contract" ("tenant_id", "id") on update no action on delete no action;
`;
