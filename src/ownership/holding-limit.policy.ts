import { actions, restore } from '../model/actions.js';
import { access } from '../read/access.js';
import { HoldingLimit } from './holding-limit.entity.js';

/** Limits are for those who administer the tenant. */
access(HoldingLimit, { only: 'administer' });

export const holdingLimitActions = actions(HoldingLimit, {
  update: {},
  delete: {},
  restore,
});
