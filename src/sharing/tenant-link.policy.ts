import { belongsToCustomer } from '../customers/customer.policy.js';
import { access } from '../read/query.js';
import { CustomerTenant } from './tenant-link.entity.js';

access(CustomerTenant, belongsToCustomer);
