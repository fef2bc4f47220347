import { actions, inState, States, toState, restore } from '../model/actions.js';
import { referenceIsVisible, type Scope } from '../model/fields.js';
import { access } from '../read/access.js';
import { isFree, isFreeToChange } from '../pools/pool.sql.js';
import { LeadOwnerChange } from './history.entity.js';
import { Lead, LeadStatus } from './lead.entity.js';

const isOwner = (lead: Scope): string => `${lead.col('owner')} = ${lead.me()}`;

/** As with customers: sales see their own leads and those that nobody follows; contact data of their own is unmasked. */
access(Lead, {
  visible: (lead) => `${isOwner(lead)} or ${isFree(lead)}`,
  changeable: (lead) => `${isOwner(lead)} or ${isFreeToChange(lead)}`,
  own: isOwner,
});

/** Who followed a lead is seen by whoever sees the lead. */
access(LeadOwnerChange, { visible: (row) => referenceIsVisible(row, 'lead') });

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
