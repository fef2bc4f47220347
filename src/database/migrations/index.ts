import { Initial } from './0001-initial.js';
import { Activities } from './0002-activities.js';
import { Business } from './0003-business.js';
import { Success } from './0004-success.js';
import { Repetition } from './0005-repetition.js';
import { Entering } from './0006-entering.js';
import { Search } from './0007-search.js';
import { Readers } from './0010-readers.js';
import { Webhooks } from './0011-webhooks.js';
import { Due } from './0012-due.js';
import { Order } from './0020-order.js';
import { Health } from './0021-health.js';
import { EntityTags } from './0022-entity-tags.js';
import { Money } from './0023-money.js';
import { Endings } from './0024-endings.js';
import { NormalForm } from './0025-normal-form.js';
import { Reasons } from './0026-reasons.js';
import { Closed } from './0027-closed.js';
import { Words } from './0028-words.js';
import { Deletion } from './0029-deletion.js';
import { Overdue } from './0030-overdue.js';
import { ApiKeys } from './0031-api-keys.js';
import { Rates } from './0032-rates.js';
import { Tenants } from './0033-tenants.js';
import { RevokedTokens } from './0034-revoked-tokens.js';
import { ServerSecrets } from './0035-server-secrets.js';
import { EndpointUses } from './0036-endpoint-uses.js';
import { Departments } from './0037-departments.js';
import { Pools } from './0038-pools.js';
import { PoolRules } from './0039-pool-rules.js';
import { HeldSince } from './0040-held-since.js';
import { Reaches } from './0041-reaches.js';
import { ReachIndexes } from './0042-reach-indexes.js';
import { RecycleOn } from './0043-recycle-on.js';
import { UserReferences } from './0044-user-references.js';

/**
 * Every migration, in order. A released one is never changed; a new one is added at the end with the next number. The
 * gaps below 0021 are numbers that were never given.
 */
export const migrations = [
  { name: '0001-initial', class: Initial },
  { name: '0002-activities', class: Activities },
  { name: '0003-business', class: Business },
  { name: '0004-success', class: Success },
  { name: '0005-repetition', class: Repetition },
  { name: '0006-entering', class: Entering },
  { name: '0007-search', class: Search },
  { name: '0010-readers', class: Readers },
  { name: '0011-webhooks', class: Webhooks },
  { name: '0012-due', class: Due },
  { name: '0020-order', class: Order },
  { name: '0021-health', class: Health },
  { name: '0022-entity-tags', class: EntityTags },
  { name: '0023-money', class: Money },
  { name: '0024-endings', class: Endings },
  { name: '0025-normal-form', class: NormalForm },
  { name: '0026-reasons', class: Reasons },
  { name: '0027-closed', class: Closed },
  { name: '0028-words', class: Words },
  { name: '0029-deletion', class: Deletion },
  { name: '0030-overdue', class: Overdue },
  { name: '0031-api-keys', class: ApiKeys },
  { name: '0032-rates', class: Rates },
  { name: '0033-tenants', class: Tenants },
  { name: '0034-revoked-tokens', class: RevokedTokens },
  { name: '0035-server-secrets', class: ServerSecrets },
  { name: '0036-endpoint-uses', class: EndpointUses },
  { name: '0037-departments', class: Departments },
  { name: '0038-pools', class: Pools },
  { name: '0039-pool-rules', class: PoolRules },
  { name: '0040-held-since', class: HeldSince },
  { name: '0041-reaches', class: Reaches },
  { name: '0042-reach-indexes', class: ReachIndexes },
  { name: '0043-recycle-on', class: RecycleOn },
  { name: '0044-user-references', class: UserReferences },
];
