import { childList } from '../graphql/fields.js';
import { Customer } from './customer.entity.js';
import { timeline } from './timeline.inputs.js';

const OfCustomer = childList(
  Customer,
  'timeline',
  timeline,
  'What happened with the customer, newest first: every record of the capabilities that the caller may see.',
  'customer',
);

export const timelineResolvers = [OfCustomer];
