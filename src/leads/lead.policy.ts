import { actions, inState, States, toState, restore } from '../model/actions.js';
import { exists, referenceIsVisible, type Scope } from '../model/fields.js';
import { access, isFoundByAny, type Way } from '../read/access.js';
import { isWithinReach, waysWithinReach } from '../identity/reach.sql.js';
import { andFree, isHiddenInPool } from '../pools/pool.sql.js';
import { LeadOwnerChange } from './history.entity.js';
import { Lead, LeadStatus } from './lead.entity.js';

const waysToSee = (lead: Scope): Way[] => andFree(lead, 'lead', waysWithinReach(lead, 'lead', lead.rights.asked));

/** As with customers: who sees some leads only sees those that nobody follows as well; contact data is unmasked within reach. */
access(Lead, {
  visible: (lead) => isFoundByAny(lead, waysToSee(lead)),
  found: waysToSee,
  own: (lead) => isWithinReach(lead, 'lead', 'own'),
  hides: (lead, property) => (isWithinReach(lead, 'lead', 'see') === 'true' ? 'false' : isHiddenInPool(lead, property)),
});

/** The row hangs on a lead that the caller may see. */
export const onVisibleLead = (row: Scope): string => referenceIsVisible(row, 'lead');

/** The row hangs on a lead that is the caller's own. */
export const onOwnLead = (row: Scope): string =>
  exists(row, Lead, (lead) => `${lead.col('id')} = ${row.col('lead')} and (${isWithinReach(lead, 'lead', 'own')})`);

/** Who followed a lead is seen by whoever sees the lead. */
access(LeadOwnerChange, { visible: onVisibleLead, shows: ['lead'] });

/** Where a lead may go from where; what was converted stays so. */
const states = new States<LeadStatus>('LeadStatus', 'status', {
  NEW: ['QUALIFIED', 'UNQUALIFIED', 'CONVERTED'],
  QUALIFIED: ['UNQUALIFIED', 'CONVERTED'],
  UNQUALIFIED: ['QUALIFIED'],
  CONVERTED: [],
});

export const leadActions = actions(Lead, {
  update: {},
  assign: { gives: 'owner' },
  // a lead is converted by its own mutation, and once
  changeStatus: toState(states, LeadStatus, (from, to) =>
    to === 'CONVERTED' && from !== to ? states.refused(from, to) : states.refusal(from, to),
  ),
  convert: inState(states, (from) =>
    from === 'CONVERTED' ? states.refused(from, 'CONVERTED') : states.refusal(from, 'CONVERTED'),
  ),
  undoConversion: inState(states, (from) => (from === 'CONVERTED' ? undefined : states.refused(from, 'NEW'))),
  delete: {},
  restore,
});
