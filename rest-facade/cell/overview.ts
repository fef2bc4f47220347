import { one } from '../engine/rows.js';
import { as, decimalNumber, each, object } from '../engine/shapes.js';
import type { Shape } from '../engine/types.js';
import { ContactOfCustomer } from './contacts.js';
import { Contract, Payment } from './contracts.js';
import { Customer, customerMessages } from './customers.js';
import { cents, instant } from './dialect.js';
import { FollowUp } from './follow-ups.js';
import { Opportunity } from './opportunities.js';

export const Relationship: Shape = { fromCustomerId: 'from.id', toCustomerId: 'to.id', relationshipType: 'kind' };

export const Case: Shape = {
  caseId: 'id',
  caseNo: 'code',
  subject: 'subject',
  status: 'status',
  priority: 'priority',
  createdAt: as('createdAt', instant),
  updatedAt: as('updatedAt', instant),
};

/** What a customer comes to, in numbers. */
export const Summary: Shape = {
  contactCount: 'contacts(first: 0).totalCount',
  opportunityCount: 'opportunities(first: 0).totalCount',
  openOpportunityCount: 'openOpportunityCount',
  openAmountCents: as('openOpportunityAmount(sumsIn: TENANT).amount', cents),
  wonAmountCents: as('wonOpportunityAmount(sumsIn: TENANT).amount', cents),
  contractCount: 'contracts(first: 0).totalCount',
  contractAmountCents: as('contractAmount(sumsIn: TENANT).amount', cents),
  receivableCents: as('receivable(sumsIn: TENANT).amount.amount', cents),
  paymentCount: 'payments(first: 0).totalCount',
  followUpCount: 'activities(first: 0).totalCount',
  caseCount: 'cases(first: 0).totalCount',
  lastContactAt: as('lastContactAt', instant),
};

/** All there is about a customer, the latest 100 of each kind. */
export const Overview: Shape = {
  customer: object('', Customer),
  contacts: each('contacts(first: 100).edges', ContactOfCustomer),
  opportunities: each('opportunities(first: 100).nodes', Opportunity),
  relationships: each('relations(first: 100).nodes', Relationship),
  contracts: each('contracts(first: 100).nodes', Contract),
  payments: each('payments(first: 100).nodes', Payment),
  followUps: each('activities(first: 100).nodes', FollowUp),
  cases: each('cases(first: 100).nodes', Case),
  health: object('', { score: as('healthScore', decimalNumber) }),
  summary: object('', Summary),
};

export const overviewRows = [one('GET /customers/:id/360', 'customer', Overview, {}, { messages: customerMessages })];
