import { actions, inState, States } from '../model/actions.js';
import { access } from '../read/access.js';
import { ApiKey, type ApiKeyStatus } from './api-key.entity.js';

/** Keys are for administrators of the tenant. */
access(ApiKey, { only: 'administer' });

const states = new States<ApiKeyStatus>('ApiKeyStatus', 'status', { ACTIVE: ['REVOKED'], REVOKED: [] });

export const apiKeyActions = actions(ApiKey, {
  rotate: {
    ...inState(states, (from) => (from === 'ACTIVE' ? undefined : states.refusal(from, 'ACTIVE'))),
  },
  revoke: {},
});
