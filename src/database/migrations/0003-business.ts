import { Migration } from '@mikro-orm/migrations';
import { protectedTables } from './tenant-tables.v1.js';

/** Campaigns and leads; payments and renewals of contracts; histories, credit, tags and relations of customers; links of customers to tenants. */
export class Business extends Migration {
  override up(): void {
    for (const statement of protectedTables(tables, owned, grants)) this.addSql(statement);
  }

  override down(): void {
    this.addSql('alter table "opportunity" drop column "campaign_id"');
    this.addSql('alter table "contract" drop column "due_on"');
    for (const table of owned.toReversed()) this.addSql(`drop table if exists "${table}" cascade`);
  }
}

const owned = [
  'campaign',
  'status_change',
  'owner_change',
  'credit_assessment',
  'customer_tag',
  'customer_relation',
  'customer_tenant',
  'customer_tenant_mirror',
  'payment',
  'contract_renewal',
  'lead',
];

const named = (tables: readonly string[]): string => tables.map((table) => `"${table}"`).join(', ');

/** Rows that are written once and never changed. */
const history = ['status_change', 'owner_change', 'credit_assessment', 'contract_renewal'];
/** Relations: removed for good. */
const removed = ['customer_tag', 'customer_relation', 'customer_tenant', 'customer_tenant_mirror'];

const grants = [
  `grant select, insert on ${named(history)} to crm_server`,
  `grant select, insert, update on ${named(owned.filter((table) => !history.includes(table)))} to crm_server`,
  `grant delete on ${named(removed)} to crm_server`,
];

const tables = `
create table "campaign" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "code" text not null, "name" text not null, "kind" text not null, "status" text not null default 'PLANNING', "owner_id" uuid null, "description" text null, "target_audience" text null, "starts_on" date null, "ends_on" date null, "planned_budget" numeric(18,2) null, "spent_amount" numeric(18,2) null, "earned_amount" numeric(18,2) null, "currency" text not null default 'CNY', "impressions" int null, "clicks" int null, "conversions" int null, primary key ("tenant_id", "id"));
create index "campaign_by_status_starts_on" on "campaign" ("tenant_id", "status", "starts_on");
create index "campaign_by_starts_on" on "campaign" ("tenant_id", "starts_on");
create index "campaign_by_created_at" on "campaign" ("tenant_id", "created_at");
alter table "campaign" add constraint "campaign_number" unique ("tenant_id", "number");
alter table "campaign" add constraint "campaign_code" unique ("tenant_id", "code");
alter table "campaign" enable row level security;
alter table "campaign" force row level security;

create table "status_change" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "customer_id" uuid not null, "from_status" text not null, "to_status" text not null, "reason" text null, "changed_by_id" uuid null, primary key ("tenant_id", "id"));
create index "status_change_by_customer" on "status_change" ("tenant_id", "customer_id");
create index "status_change_by_created_at" on "status_change" ("tenant_id", "created_at");
alter table "status_change" add constraint "status_change_number" unique ("tenant_id", "number");
alter table "status_change" enable row level security;
alter table "status_change" force row level security;

create table "owner_change" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "customer_id" uuid not null, "from_owner_id" uuid null, "to_owner_id" uuid null, "changed_by_id" uuid null, primary key ("tenant_id", "id"));
create index "owner_change_by_customer" on "owner_change" ("tenant_id", "customer_id");
create index "owner_change_by_created_at" on "owner_change" ("tenant_id", "created_at");
alter table "owner_change" add constraint "owner_change_number" unique ("tenant_id", "number");
alter table "owner_change" enable row level security;
alter table "owner_change" force row level security;

create table "credit_assessment" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "customer_id" uuid not null, "assessed_on" date not null, "assessor" text not null, "score" int not null, "credit_limit" numeric(18,2) null, "currency" text not null default 'CNY', "remarks" text null, "entered_by_id" uuid null, primary key ("tenant_id", "id"));
create index "credit_assessment_by_customer_assessed_on" on "credit_assessment" ("tenant_id", "customer_id", "assessed_on");
alter table "credit_assessment" add constraint "credit_assessment_number" unique ("tenant_id", "number");
alter table "credit_assessment" enable row level security;
alter table "credit_assessment" force row level security;

create table "customer_tag" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "customer_id" uuid not null, "name" text not null, "kind" text not null default 'MANUAL', "category" text null, "value" text null, "confidence" numeric(5,4) null, "added_by_id" uuid null, primary key ("tenant_id", "id"));
create index "customer_tag_by_name" on "customer_tag" ("tenant_id", "name");
alter table "customer_tag" add constraint "customer_tag_number" unique ("tenant_id", "number");
alter table "customer_tag" add constraint "customer_tag_customer_name" unique ("tenant_id", "customer_id", "name");
alter table "customer_tag" enable row level security;
alter table "customer_tag" force row level security;

create table "customer_relation" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "from_id" uuid not null, "to_id" uuid not null, "kind" text not null, "remarks" text null, "added_by_id" uuid null, primary key ("tenant_id", "id"));
create index "customer_relation_by_to" on "customer_relation" ("tenant_id", "to_id");
alter table "customer_relation" add constraint "customer_relation_number" unique ("tenant_id", "number");
alter table "customer_relation" add constraint "customer_relation_from_to_kind" unique ("tenant_id", "from_id", "to_id", "kind");
alter table "customer_relation" enable row level security;
alter table "customer_relation" force row level security;

create table "customer_tenant" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "customer_id" uuid not null, "linked_tenant_id" uuid not null, "relation_type" text not null default 'CLIENT', "primary" boolean not null default false, "contract_number" text null, "starts_on" date null, "ends_on" date null, "description" text null, primary key ("tenant_id", "id"));
create index "customer_tenant_by_linked_tenant" on "customer_tenant" ("tenant_id", "linked_tenant_id");
alter table "customer_tenant" add constraint "customer_tenant_number" unique ("tenant_id", "number");
alter table "customer_tenant" add constraint "customer_tenant_customer_linked_tenant_relation_type" unique ("tenant_id", "customer_id", "linked_tenant_id", "relation_type");
create unique index "customer_tenant_primary" on "customer_tenant" ("tenant_id", "customer_id", "relation_type") where "primary";
alter table "customer_tenant" enable row level security;
alter table "customer_tenant" force row level security;

create table "customer_tenant_mirror" ("tenant_id" uuid not null, "id" uuid not null, "owner_tenant_id" uuid not null, primary key ("tenant_id", "id"));
alter table "customer_tenant_mirror" enable row level security;
alter table "customer_tenant_mirror" force row level security;

create table "payment" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "contract_id" uuid not null, "paid_amount" numeric(18,2) not null, "currency" text not null default 'CNY', "paid_at" timestamptz(3) not null default now(), "method" text null, "remark" text null, primary key ("tenant_id", "id"));
create index "payment_by_contract_paid_at" on "payment" ("tenant_id", "contract_id", "paid_at");
create index "payment_by_paid_at" on "payment" ("tenant_id", "paid_at");
create index "payment_by_created_at" on "payment" ("tenant_id", "created_at");
alter table "payment" add constraint "payment_number" unique ("tenant_id", "number");
alter table "payment" enable row level security;
alter table "payment" force row level security;

create table "contract_renewal" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "contract_id" uuid not null, "from_ends_on" date null, "to_ends_on" date not null, "old_amount" numeric(18,2) null, "new_amount" numeric(18,2) null, "currency" text not null default 'CNY', "terms" text null, "renewed_by_id" uuid null, primary key ("tenant_id", "id"));
create index "contract_renewal_by_contract" on "contract_renewal" ("tenant_id", "contract_id");
create index "contract_renewal_by_created_at" on "contract_renewal" ("tenant_id", "created_at");
alter table "contract_renewal" add constraint "contract_renewal_number" unique ("tenant_id", "number");
alter table "contract_renewal" enable row level security;
alter table "contract_renewal" force row level security;

create table "lead" ("tenant_id" uuid not null, "id" uuid not null, "number" int generated always as identity not null, "created_at" timestamptz(3) not null default now(), "version" int not null default 1, "created_by_id" uuid null, "updated_at" timestamptz(3) not null default now(), "updated_by_id" uuid null, "deleted_at" timestamptz(3) null, "name" text not null, "company" text null, "contact_person" text null, "phone" text null, "email" text null, "source" text not null default 'OTHER', "status" text not null default 'NEW', "status_reason" text null, "description" text null, "campaign_id" uuid null, "owner_id" uuid null, "customer_id" uuid null, "contact_id" uuid null, "opportunity_id" uuid null, "converted_at" timestamptz(3) null, primary key ("tenant_id", "id"));
create index "lead_by_status_created_at" on "lead" ("tenant_id", "status", "created_at");
create index "lead_by_owner" on "lead" ("tenant_id", "owner_id");
create index "lead_by_campaign" on "lead" ("tenant_id", "campaign_id");
create index "lead_by_created_at" on "lead" ("tenant_id", "created_at");
alter table "lead" add constraint "lead_number" unique ("tenant_id", "number");
alter table "lead" enable row level security;
alter table "lead" force row level security;

alter table "opportunity" add "campaign_id" uuid null;
alter table "contract" add "due_on" date null;
create index "opportunity_by_campaign" on "opportunity" ("tenant_id", "campaign_id");
create index "contract_by_due_on" on "contract" ("tenant_id", "due_on");

alter table "customer_tenant_mirror" add constraint "customer_tenant_mirror_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "customer_tenant_mirror" add constraint "customer_tenant_mirror_owner_tenant_id_foreign" foreign key ("owner_tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "status_change" add constraint "status_change_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "status_change" add constraint "status_change_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "status_change" add constraint "status_change_tenant_id_changed_by_id_foreign" foreign key ("tenant_id", "changed_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "owner_change" add constraint "owner_change_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "owner_change" add constraint "owner_change_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "owner_change" add constraint "owner_change_tenant_id_from_owner_id_foreign" foreign key ("tenant_id", "from_owner_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "owner_change" add constraint "owner_change_tenant_id_to_owner_id_foreign" foreign key ("tenant_id", "to_owner_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "owner_change" add constraint "owner_change_tenant_id_changed_by_id_foreign" foreign key ("tenant_id", "changed_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_tenant" add constraint "customer_tenant_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "customer_tenant" add constraint "customer_tenant_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_tenant" add constraint "customer_tenant_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_tenant" add constraint "customer_tenant_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_tenant" add constraint "customer_tenant_linked_tenant_id_foreign" foreign key ("linked_tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "customer_tag" add constraint "customer_tag_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "customer_tag" add constraint "customer_tag_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_tag" add constraint "customer_tag_tenant_id_added_by_id_foreign" foreign key ("tenant_id", "added_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_relation" add constraint "customer_relation_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "customer_relation" add constraint "customer_relation_tenant_id_from_id_foreign" foreign key ("tenant_id", "from_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_relation" add constraint "customer_relation_tenant_id_to_id_foreign" foreign key ("tenant_id", "to_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "customer_relation" add constraint "customer_relation_tenant_id_added_by_id_foreign" foreign key ("tenant_id", "added_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "credit_assessment" add constraint "credit_assessment_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "credit_assessment" add constraint "credit_assessment_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "credit_assessment" add constraint "credit_assessment_tenant_id_entered_by_id_foreign" foreign key ("tenant_id", "entered_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "campaign" add constraint "campaign_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "campaign" add constraint "campaign_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "campaign" add constraint "campaign_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "campaign" add constraint "campaign_tenant_id_owner_id_foreign" foreign key ("tenant_id", "owner_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "payment" add constraint "payment_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "payment" add constraint "payment_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "payment" add constraint "payment_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "payment" add constraint "payment_tenant_id_contract_id_foreign" foreign key ("tenant_id", "contract_id") references "contract" ("tenant_id", "id") on update no action on delete no action;
alter table "contract_renewal" add constraint "contract_renewal_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "contract_renewal" add constraint "contract_renewal_tenant_id_contract_id_foreign" foreign key ("tenant_id", "contract_id") references "contract" ("tenant_id", "id") on update no action on delete no action;
alter table "contract_renewal" add constraint "contract_renewal_tenant_id_renewed_by_id_foreign" foreign key ("tenant_id", "renewed_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "lead" add constraint "lead_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on update no action on delete no action;
alter table "lead" add constraint "lead_tenant_id_created_by_id_foreign" foreign key ("tenant_id", "created_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "lead" add constraint "lead_tenant_id_updated_by_id_foreign" foreign key ("tenant_id", "updated_by_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "lead" add constraint "lead_tenant_id_campaign_id_foreign" foreign key ("tenant_id", "campaign_id") references "campaign" ("tenant_id", "id") on update no action on delete no action;
alter table "lead" add constraint "lead_tenant_id_owner_id_foreign" foreign key ("tenant_id", "owner_id") references "user_account" ("tenant_id", "id") on update no action on delete no action;
alter table "lead" add constraint "lead_tenant_id_customer_id_foreign" foreign key ("tenant_id", "customer_id") references "customer" ("tenant_id", "id") on update no action on delete no action;
alter table "lead" add constraint "lead_tenant_id_contact_id_foreign" foreign key ("tenant_id", "contact_id") references "contact" ("tenant_id", "id") on update no action on delete no action;
alter table "lead" add constraint "lead_tenant_id_opportunity_id_foreign" foreign key ("tenant_id", "opportunity_id") references "opportunity" ("tenant_id", "id") on update no action on delete no action;
alter table "opportunity" add constraint "opportunity_tenant_id_campaign_id_foreign" foreign key ("tenant_id", "campaign_id") references "campaign" ("tenant_id", "id") on update no action on delete no action;
`;
