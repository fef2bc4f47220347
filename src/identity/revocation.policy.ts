import { access } from '../read/access.js';
import { TokenRevocation } from './revocation.entity.js';

/** Revoked tokens are for administrators of the tenant. */
access(TokenRevocation, { only: 'administer' });
