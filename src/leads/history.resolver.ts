import { childList, rootFields } from '../graphql/fields.js';
import { leadOwnerChanges } from './history.inputs.js';
import { Lead } from './lead.entity.js';

const Queries = rootFields(
  leadOwnerChanges,
  { one: 'leadOwnerChange', many: 'leadOwnerChanges' },
  {
    one: "One change of a lead's owner; null if there is none that the caller may see.",
    many: 'Changes of owner of the leads that the caller may see, newest first.',
  },
);

const OfLead = childList(Lead, 'ownerChanges', leadOwnerChanges, 'Who followed the lead when, newest first.', 'lead');

export const leadHistoryResolvers = [Queries, OfLead];
