import { ReflectMetadataProvider } from '@mikro-orm/decorators/legacy';
import type { EntityMetadata } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig } from '@mikro-orm/postgresql';
import 'reflect-metadata';
import { Activity } from './src/activities/activity.entity.js';
import { ApiKey, ApiKeySecret } from './src/api-keys/api-key.entity.js';
import { AuditEntry } from './src/audit/audit-entry.entity.js';
import { RecordVersion } from './src/audit/record-version.entity.js';
import { Case, CaseComment } from './src/cases/case.entity.js';
import { Campaign } from './src/campaigns/campaign.entity.js';
import { Contact, ContactNgram, CustomerContact } from './src/contacts/contact.entity.js';
import { Contract } from './src/contracts/contract.entity.js';
import { Payment } from './src/contracts/payment.entity.js';
import { ContractRenewal } from './src/contracts/renewal.entity.js';
import { CreditAssessment } from './src/customers/credit-assessment.entity.js';
import { Customer, CustomerNgram } from './src/customers/customer.entity.js';
import { OwnerChange, StatusChange } from './src/customers/history.entity.js';
import { CustomerRelation } from './src/customers/relation.entity.js';
import { CustomerTag } from './src/customers/tag.entity.js';
import { CustomerTenant, CustomerTenantMirror } from './src/sharing/tenant-link.entity.js';
import { Department, DepartmentPath } from './src/departments/department.entity.js';
import { migrations } from './src/database/migrations/index.js';
import { EndpointUse } from './src/endpoint-uses/endpoint-use.entity.js';
import { OutboxRelay } from './src/events/outbox-relay.entity.js';
import { IdempotencyKey } from './src/events/idempotency-key.entity.js';
import { FeedHead, OutboxEvent, Series } from './src/events/outbox.entity.js';
import { Webhook, WebhookDelivery, WebhookSecret } from './src/events/webhook.entity.js';
import { File } from './src/files/file.entity.js';
import { TokenRevocation } from './src/identity/revocation.entity.js';
import { RoleReach } from './src/identity/role-reach.entity.js';
import { CustomerMember } from './src/customers/member.entity.js';
import { ServerSecret } from './src/identity/server-secret.entity.js';
import { User } from './src/identity/user.entity.js';
import { LeadOwnerChange } from './src/leads/history.entity.js';
import { Lead } from './src/leads/lead.entity.js';
import { Opportunity, OpportunityNgram, StageChange } from './src/opportunities/opportunity.entity.js';
import { HoldingLimit } from './src/ownership/holding-limit.entity.js';
import { PoolRule } from './src/ownership/pool-rule.entity.js';
import { PoolReveal } from './src/pools/pool-reveal.entity.js';
import { RecycleReminder } from './src/ownership/recycle-reminder.entity.js';
import { RecyclingRun } from './src/ownership/recycling-run.entity.js';
import { Pool, PoolMember } from './src/pools/pool.entity.js';
import { HealthRun } from './src/success/health-run.entity.js';
import { HealthScore } from './src/success/health-score.entity.js';
import { SuccessTask } from './src/success/success-task.entity.js';
import { UsageEvent } from './src/success/usage-event.entity.js';
import { SavedView, SavedViewDefault } from './src/views/saved-view.entity.js';
import { Tenant } from './src/tenants/tenant.entity.js';

/** Entities and migrations are listed by hand: what is not in these lists does not exist. */
export const entities = [
  Tenant,
  User,
  Department,
  DepartmentPath,
  ServerSecret,
  TokenRevocation,
  RoleReach,
  CustomerMember,
  ApiKey,
  ApiKeySecret,
  EndpointUse,
  Pool,
  PoolMember,
  Customer,
  CustomerNgram,
  Contact,
  ContactNgram,
  CustomerContact,
  Opportunity,
  OpportunityNgram,
  StageChange,
  Contract,
  Activity,
  Case,
  CaseComment,
  File,
  StatusChange,
  OwnerChange,
  CreditAssessment,
  CustomerTag,
  CustomerRelation,
  CustomerTenant,
  CustomerTenantMirror,
  Payment,
  ContractRenewal,
  Campaign,
  Lead,
  LeadOwnerChange,
  HoldingLimit,
  PoolRule,
  RecyclingRun,
  RecycleReminder,
  PoolReveal,
  HealthScore,
  HealthRun,
  SuccessTask,
  UsageEvent,
  SavedView,
  SavedViewDefault,
  AuditEntry,
  RecordVersion,
  FeedHead,
  OutboxEvent,
  OutboxRelay,
  Webhook,
  WebhookDelivery,
  WebhookSecret,
  Series,
  IdempotencyKey,
];

/** The condition of every table's policy: the row belongs to the tenant of the transaction. */
const tenantCondition = 'tenant_id = app_tenant()';

/** What decorators cannot say of every entity, said so that a comparison of entities and database (`npm run db:check`) covers it. */
function describe(meta: EntityMetadata): void {
  if (meta.properties['tenant' as never]) {
    meta.rowLevelSecurity = 'force';
    meta.policies = [{ name: 'tenant', using: tenantCondition, check: tenantCondition }];
  }
  // MikroORM finds identity columns in the database as columns that count up by themselves
  for (const property of meta.props) if (property.generated === 'identity') property.autoincrement = true;
}

export default defineConfig({
  entities,
  metadataProvider: ReflectMetadataProvider,
  dbName: 'crm',
  extensions: [Migrator],
  forceUtcTimezone: true,
  discovery: { warnWhenNoEntities: false, onMetadata: describe },
  migrations: {
    tableName: 'schema_migration',
    migrationsList: migrations,
    transactional: true,
    // a lock is held until its own migration ends, not until all have
    allOrNothing: false,
    disableForeignKeys: false,
    snapshot: false,
  },
  schemaGenerator: {
    createForeignKeyConstraints: true,
    disableForeignKeys: false,
    ignoreRoutines: true,
    // written and read by the library that counts requests, by no entity
    skipTables: ['rate_count'],
  },
});
