import { Migration } from '@mikro-orm/migrations';
import { protectedTables } from './tenant-tables.v1.js';

/** Health scores and their calculation, success tasks, usage events. */
export class Success extends Migration {
  override up(): void {
    for (const statement of protectedTables(tables, owned, grants)) this.addSql(statement);
  }

  override down(): void {
    for (const table of owned) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const owned = ['health_run', 'usage_event', 'success_task', 'health_score'];

/** A score may be computed again on its day; what people did with our product is never changed. */
const grants = [
  'grant select, insert, update on "health_run", "success_task", "health_score" to crm_server',
  'grant select, insert on "usage_event" to crm_server',
];

const tables = `
create table "health_run" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "status" text not null default 'RUNNING', "total" int not null, "scored" int not null default 0, "tasks_created" int not null default 0, "last_customer" text null, "finished_at" timestamptz(3) null, primary key ("tenant_id", "id"));
create index "health_run_by_created_at" on "health_run" ("tenant_id", "created_at");
alter table "health_run" add constraint "health_run_number" unique ("tenant_id", "number");
create unique index "health_run_running" on "health_run" ("tenant_id") where status = 'RUNNING';

create table "usage_event" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "customer_id" uuid not null, "person" text null, "kind" text not null, "feature" text null, "at" timestamptz(3) not null default now(), "duration_seconds" int null, primary key ("tenant_id", "id"));
create index "usage_event_by_customer_at" on "usage_event" ("tenant_id", "customer_id", "at");
create index "usage_event_by_at" on "usage_event" ("tenant_id", "at");
alter table "usage_event" add constraint "usage_event_number" unique ("tenant_id", "number");

create table "success_task" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "customer_id" uuid not null, "title" text not null, "description" text null, "kind" text not null, "priority" text not null default 'MEDIUM', "status" text not null default 'PENDING', "assignee_id" uuid null, "due_at" timestamptz(3) null, "completed_at" timestamptz(3) null, "result" text null, "effectiveness" numeric(2,1) null, "auto_generated" boolean not null default false, "trigger" text null, primary key ("tenant_id", "id"));
create index "success_task_by_customer_created_at" on "success_task" ("tenant_id", "customer_id", "created_at");
create index "success_task_by_assignee_status" on "success_task" ("tenant_id", "assignee_id", "status");
create index "success_task_by_status_due_at" on "success_task" ("tenant_id", "status", "due_at");
create index "success_task_by_created_at" on "success_task" ("tenant_id", "created_at");
alter table "success_task" add constraint "success_task_number" unique ("tenant_id", "number");
create unique index "success_task_automatic" on "success_task" ("tenant_id", "customer_id", "kind") where auto_generated and status in ('PENDING', 'IN_PROGRESS') and deleted_at is null;

create table "health_score" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "customer_id" uuid not null, "scored_on" date not null, "overall" numeric(4,1) not null, "satisfaction" numeric(4,1) not null, "activity" numeric(4,1) not null, "financial" numeric(4,1) not null, "contract" numeric(4,1) not null, "risk_level" text not null, "churn_probability" numeric(4,3) not null, "positive_factors" text[] not null, "negative_factors" text[] not null, "recommendations" text[] not null, primary key ("tenant_id", "id"));
create index "health_score_by_scored_on" on "health_score" ("tenant_id", "scored_on");
create index "health_score_by_created_at" on "health_score" ("tenant_id", "created_at");
alter table "health_score" add constraint "health_score_number" unique ("tenant_id", "number");
alter table "health_score" add constraint "health_score_customer_scored_on" unique ("tenant_id", "customer_id", "scored_on");

alter table "health_run" add constraint "health_run_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "health_run" add constraint "health_run_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "health_run" add constraint "health_run_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "usage_event" add constraint "usage_event_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "usage_event" add constraint "usage_event_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "success_task" add constraint "success_task_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "success_task" add constraint "success_task_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "success_task" add constraint "success_task_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "success_task" add constraint "success_task_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "success_task" add constraint "success_task_tenant_id_assignee_id_foreign" foreign key ("tenant_id", "assignee_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "health_score" add constraint "health_score_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "health_score" add constraint "health_score_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
`;
