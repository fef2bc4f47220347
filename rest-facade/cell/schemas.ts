import type { Dialect } from '../engine/types.js';
import { AuditLog } from './audit.js';
import { Contact, ContactOfCustomer } from './contacts.js';
import { Contract, Payment } from './contracts.js';
import { Customer } from './customers.js';
import { FollowUp } from './follow-ups.js';
import { Opportunity } from './opportunities.js';
import { Relationship, Case, Summary, Overview } from './overview.js';

/** The schemas of records and reports in the document of the dialect, by name. */
export const schemas: NonNullable<Dialect['schemas']> = {
  AuditLog,
  Contact,
  CustomerContact: ContactOfCustomer,
  Contract,
  Payment,
  Customer,
  FollowUp,
  Opportunity,
  Relationship,
  Case,
  CustomerSummary: Summary,
  CustomerOverview: Overview,
};
