import { actions, restore } from '../model/actions.js';
import { Pool } from './pool.entity.js';

/** Pools and who works with them are known to all, so that everybody knows where a record can be given back to. */
export const poolActions = actions(Pool, {
  update: {},
  setMembers: {},
  delete: {},
  restore,
});
