import 'reflect-metadata';
import {
  getNullableType,
  isInputObjectType,
  isListType,
  lexicographicSortSchema,
  printSchema,
  type GraphQLSchema,
} from 'graphql';
import { attachBounds } from '../model/bounds.js';
import { isOneOfInput } from '../model/inputs.js';
import { setVisibility } from '../write/lookup.js';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';
import { apiKeyResolvers } from '../api-keys/api-key.resolver.js';
import { auditResolvers } from '../audit/audit.resolver.js';
import { campaignResolvers } from '../campaigns/campaign.resolver.js';
import { activityResolvers } from '../activities/activity.resolver.js';
import { analyticsResolvers } from '../analytics/analytics.resolver.js';
import { behaviorResolvers } from '../analytics/behavior.resolver.js';
import { momentResolvers } from '../analytics/moment.resolver.js';
import { pipelineChangeResolvers } from '../analytics/pipeline-change.resolver.js';
import { salesResolvers } from '../analytics/sales.resolver.js';
import { valueResolvers } from '../analytics/value.resolver.js';
import { caseResolvers } from '../cases/case.resolver.js';
import { satisfactionResolvers } from '../cases/satisfaction.resolver.js';
import { contactResolvers } from '../contacts/contact.resolver.js';
import { contractResolvers } from '../contracts/contract.resolver.js';
import { paymentResolvers } from '../contracts/payment.resolver.js';
import { receivablesResolvers } from '../contracts/receivables.resolver.js';
import { creditAssessmentResolvers } from '../customers/credit-assessment.resolver.js';
import { customerResolvers } from '../customers/customer.resolver.js';
import { historyResolvers } from '../customers/history.resolver.js';
import { relationResolvers } from '../customers/relation.resolver.js';
import { statisticsResolvers } from '../customers/statistics.resolver.js';
import { tagResolvers } from '../customers/tag.resolver.js';
import { linkedStatisticsResolvers } from '../sharing/statistics.resolver.js';
import { tenantLinkResolvers } from '../sharing/tenant-link.resolver.js';
import { tenantResolvers } from '../tenants/tenant.resolver.js';
import { timelineResolvers } from '../customers/timeline.resolver.js';
import { administrationResolvers } from '../departments/administration.resolver.js';
import { departmentResolvers } from '../departments/department.resolver.js';
import { directoryResolvers } from '../departments/directory.resolver.js';
import { fileResolvers } from '../files/file.resolver.js';
import { feedResolvers } from '../events/feed.resolver.js';
import { webhookResolvers } from '../events/webhook.resolver.js';
import { endpointUseResolvers } from '../endpoint-uses/endpoint-use.resolver.js';
import { revocationResolvers } from '../identity/revocation.resolver.js';
import { roleReachResolvers } from '../identity/role-reach.resolver.js';
import { memberResolvers } from '../customers/member.resolver.js';
import { UserQueries } from '../identity/user.resolver.js';
import { IdentityQueries } from '../identity/identity.resolver.js';
import { leadHistoryResolvers } from '../leads/history.resolver.js';
import { handOverResolvers } from '../hand-over/hand-over.resolver.js';
import { leadResolvers } from '../leads/lead.resolver.js';
import { opportunityResolvers } from '../opportunities/opportunity.resolver.js';
import { holdingLimitResolvers } from '../ownership/holding-limit.resolver.js';
import { ownershipResolvers } from '../ownership/ownership.resolver.js';
import { poolResolvers } from '../pools/pool.resolver.js';
import { poolRuleResolvers } from '../ownership/pool-rule.resolver.js';
import { pipelineResolvers } from '../opportunities/pipeline.resolver.js';
import { dueResolvers } from '../success/due.resolver.js';
import { searchResolvers } from '../search/search.resolver.js';
import { healthResolvers } from '../success/health.resolver.js';
import { successTaskResolvers } from '../success/success-task.resolver.js';
import { usageResolvers } from '../success/usage.resolver.js';
import { attachResolvers } from '../read/plain.js';
import { changeableRows, ownRows, visibleRows } from '../read/conditions.js';
import { LabelQueries } from './labels.resolver.js';
import { NodeQueries } from './node.resolver.js';
import { liveReportResolvers } from '../graphql/reports.js';
import { attachLists } from '../read/schema-names.js';
import { listsOfKinds } from '../views/saved-view.entity.js';
import { savedViewResolvers } from '../views/saved-view.resolver.js';
import { attachHidden, hiddenFields } from '../graphql/hidden.js';
import { attachPaths } from '../graphql/paths.js';
import { attachTopics } from '../graphql/topics.js';
import { attachZones } from '../graphql/zoned.js';

/** Every resolver of the graph. What is not in this list is not in the graph. */
const resolvers: NonEmptyArray<new () => object> = [
  IdentityQueries,
  ...tenantResolvers,
  ...revocationResolvers,
  ...roleReachResolvers,
  ...memberResolvers,
  UserQueries,
  ...departmentResolvers,
  ...administrationResolvers,
  ...directoryResolvers,
  ...endpointUseResolvers,
  ...apiKeyResolvers,
  NodeQueries,
  LabelQueries,
  ...poolResolvers,
  ...customerResolvers,
  ...historyResolvers,
  ...creditAssessmentResolvers,
  ...tagResolvers,
  ...relationResolvers,
  ...statisticsResolvers,
  ...tenantLinkResolvers,
  ...linkedStatisticsResolvers,
  ...contactResolvers,
  ...opportunityResolvers,
  ...pipelineResolvers,
  ...contractResolvers,
  ...paymentResolvers,
  ...receivablesResolvers,
  ...campaignResolvers,
  ...leadResolvers,
  ...leadHistoryResolvers,
  ...ownershipResolvers,
  ...holdingLimitResolvers,
  ...poolRuleResolvers,
  ...activityResolvers,
  ...caseResolvers,
  ...satisfactionResolvers,
  ...timelineResolvers,
  ...fileResolvers,
  ...healthResolvers,
  ...successTaskResolvers,
  ...dueResolvers,
  ...usageResolvers,
  ...handOverResolvers,
  ...savedViewResolvers,
  ...analyticsResolvers,
  ...momentResolvers,
  ...pipelineChangeResolvers,
  ...salesResolvers,
  ...valueResolvers,
  ...behaviorResolvers,
  ...searchResolvers,
  ...feedResolvers,
  ...webhookResolvers,
  ...liveReportResolvers,
];

/** TypeGraphQL asks for one where there are subscriptions; ours read the committed events instead (see `live/`). */
const unusedPubSub: PubSub = {
  publish: () => {
    throw new Error('Events are published by commands only.');
  },
  subscribe: () => {
    throw new Error('Subscriptions read committed events.');
  },
};

/** Builds the graph's schema. The model must be loaded before (see `database/orm.ts`). */
export function buildGraph(): GraphQLSchema {
  setVisibility({ visible: visibleRows, changeable: changeableRows, own: ownRows });
  const schema = buildSchemaSync({
    resolvers: [...resolvers, ...hiddenFields(), ...auditResolvers()] as never,
    validate: false,
    pubSub: unusedPubSub,
    skipCheck: true,
  });
  describeRoots(schema);
  describeListsOfFilters(schema);
  markOneOf(schema);
  attachBounds(schema);
  attachHidden(schema);
  attachResolvers(schema);
  attachTopics(schema);
  attachZones(schema);
  attachPaths(schema);
  attachLists(schema, Object.values(listsOfKinds));
  return schema;
}

/** TypeGraphQL knows no inputs of which exactly one field is given. */
function markOneOf(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap()))
    if (isInputObjectType(type) && isOneOfInput(type.name)) type.isOneOf = true;
}

/** Says of every list in a filter what an empty one means. */
function describeListsOfFilters(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap()))
    if (isInputObjectType(type) && type.name.endsWith('Filter'))
      for (const field of Object.values(type.getFields()))
        if (isListType(getNullableType(field.type))) field.description += ' An empty list finds nothing.';
}

/** TypeGraphQL makes the root types without a description. */
function describeRoots(schema: GraphQLSchema): void {
  schema.getQueryType()!.description =
    'What can be read. Every answer holds only what the caller may see: a field that is refused is null, with an error of its own beside the others.';
  schema.getMutationType()!.description =
    'What can be done. Each mutation is one transaction: it happens as a whole, or its `userErrors` say why not.';
  schema.getSubscriptionType()!.description =
    'What can be listened to: changes in the tenant of the caller, as they are committed.';
}

/** The schema as text, sorted, as kept in `schema.graphql`. */
export const printGraph = (schema: GraphQLSchema): string => `${printSchema(lexicographicSortSchema(schema))}\n`;
