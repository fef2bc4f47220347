import { changed, events, happened, removed } from '../feed/event-types.js';
import { CustomerTenant } from './tenant-link.entity.js';

events(CustomerTenant, {
  created: happened('A customer was linked to a tenant.'),
  updated: changed('What a tenant is to a customer was changed.'),
  deleted: removed('A customer was unlinked from a tenant.'),
});
