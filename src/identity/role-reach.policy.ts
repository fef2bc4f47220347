import { access } from '../read/access.js';
import { RoleReach } from './role-reach.entity.js';

/** Who administers the tenant decides how far roles reach; everybody may ask how far (`roleReaches`). */
access(RoleReach, { only: 'administer' });
