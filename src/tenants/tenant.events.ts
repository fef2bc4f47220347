import { changed, events, happened } from '../feed/event-types.js';
import { Tenant } from './tenant.entity.js';

events(Tenant, {
  created: happened('The tenant was created.'),
  updated: changed('Name, time zone, currency, language or activity of the tenant were changed.'),
});
