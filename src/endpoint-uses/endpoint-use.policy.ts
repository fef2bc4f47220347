import { access } from '../read/access.js';
import { EndpointUse } from './endpoint-use.entity.js';

/** Who calls what is for administrators of the tenant. */
access(EndpointUse, { only: 'administer' });
