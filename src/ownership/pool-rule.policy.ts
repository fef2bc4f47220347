import { actions } from '../model/actions.js';
import { PoolRule } from './pool-rule.entity.js';

/** Rules are for all to see, since everybody wants to know what takes a record from them; who administers the tenant makes them. */
export const poolRuleActions = actions(PoolRule, {
  update: {},
  delete: {},
});
