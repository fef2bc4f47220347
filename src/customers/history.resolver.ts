import { childList, rootFields } from '../graphql/fields.js';
import { Customer } from './customer.entity.js';
import { ownerChanges, statusChanges } from './history.inputs.js';

const StatusQueries = rootFields(
  statusChanges,
  { one: 'statusChange', many: 'statusChanges' },
  {
    one: "One change of a customer's state; null if there is none that the caller may see.",
    many: 'Changes of state of the customers that the caller may see, newest first.',
  },
);
const OwnerQueries = rootFields(
  ownerChanges,
  { one: 'ownerChange', many: 'ownerChanges' },
  {
    one: "One change of a customer's owner; null if there is none that the caller may see.",
    many: 'Changes of owner of the customers that the caller may see, newest first.',
  },
);

const StatusChangesOfCustomer = childList(
  Customer,
  'statusChanges',
  statusChanges,
  "How the customer's state changed, newest first.",
  'customer',
);
const OwnerChangesOfCustomer = childList(
  Customer,
  'ownerChanges',
  ownerChanges,
  'Who looked after the customer when, newest first.',
  'customer',
);

export const historyResolvers = [StatusQueries, OwnerQueries, StatusChangesOfCustomer, OwnerChangesOfCustomer];
