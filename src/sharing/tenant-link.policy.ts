import { actions } from '../model/actions.js';
import { belongsToCustomer } from '../customers/customer.policy.js';
import { access } from '../read/access.js';
import { CustomerTenant } from './tenant-link.entity.js';

access(CustomerTenant, belongsToCustomer);

export const tenantLinkActions = actions(CustomerTenant, {
  update: {},
  setPrimary: {},
  delete: {},
});
