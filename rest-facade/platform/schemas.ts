import type { Dialect } from '../engine/types.js';
import { Customer, Record, Item, Created, Statistics } from './customers.js';
import { Relation as MemberRelation, Member, CustomerOf, Behind as MemberLink } from './members.js';
import {
  Link as TenantLink,
  Relation as TenantRelation,
  Viewed as ViewedCustomer,
  Behind as TenantRelationLink,
} from './tenants.js';

/** The schemas of records and reports in the document of the dialect, by name. */
export const schemas: NonNullable<Dialect['schemas']> = {
  Customer,
  CustomerRecord: Record,
  CustomerItem: Item,
  CreatedCustomer: Created,
  CustomerStatistics: Statistics,
  MemberRelation,
  Member,
  CustomerOfMember: CustomerOf,
  MemberLink,
  TenantLink,
  TenantRelation,
  ViewedCustomer,
  TenantRelationLink,
};
