import { events, happened } from '../feed/event-types.js';
import { TokenRevocation } from './revocation.entity.js';

events(TokenRevocation, { created: happened('A token, or all tokens of a user, were revoked.') });
