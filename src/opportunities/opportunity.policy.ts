import { actions, inState, States, toState, restore } from '../model/actions.js';
import { referenceIsVisible } from '../model/fields.js';
import { access, eitherOf } from '../read/access.js';
import { isWorkedOnWithinReach, waysToWork } from '../identity/reach.sql.js';
import { onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { Opportunity, OpportunityStage, StageChange } from './opportunity.entity.js';

/** An opportunity is visible to whoever reaches the one who works on it, and to whoever may see its customer. */
access(Opportunity, {
  visible: (row) => eitherOf(isWorkedOnWithinReach(row, 'owner', row.rights.asked), onVisibleCustomer(row)),
  found: (row, seen) => [...waysToWork(row, 'owner', row.rights.asked), seen('customer')],
  own: (row) => `(${eitherOf(isWorkedOnWithinReach(row, 'owner', 'own'), onOwnCustomer(row))})`,
});

access(StageChange, {
  visible: (row) => referenceIsVisible(row, 'opportunity'),
  shows: ['opportunity'],
});

const open = [
  'PROSPECTING',
  'QUALIFICATION',
  'NEEDS_ANALYSIS',
  'PROPOSAL',
  'NEGOTIATION',
] as const satisfies OpportunityStage[];
const closed = ['CLOSED_WON', 'CLOSED_LOST'] as const satisfies OpportunityStage[];

export const isClosed = (stage: OpportunityStage): boolean => (closed as readonly OpportunityStage[]).includes(stage);

/** Where an opportunity may go from where. An open one goes anywhere; a closed one can be taken up again, but not turned into its opposite. */
const stages = new States<OpportunityStage>('OpportunityStage', 'stage', {
  PROSPECTING: [...open, ...closed],
  QUALIFICATION: [...open, ...closed],
  NEEDS_ANALYSIS: [...open, ...closed],
  PROPOSAL: [...open, ...closed],
  NEGOTIATION: [...open, ...closed],
  CLOSED_WON: open,
  CLOSED_LOST: open,
});

/** Why an opportunity may not go to a stage: a closed one is not closed again. */
export const stageRefusal = (from: OpportunityStage, to: OpportunityStage): ReturnType<typeof stages.refusal> =>
  from === to && isClosed(from) ? stages.refused(from, to) : stages.refusal(from, to);

export const opportunityActions = actions(Opportunity, {
  update: {},
  assign: { gives: 'owner' },
  changeStage: toState(stages, OpportunityStage, stageRefusal),
  win: inState(stages, (from) => stageRefusal(from, 'CLOSED_WON')),
  lose: inState(stages, (from) => stageRefusal(from, 'CLOSED_LOST')),
  correct: inState(stages, (from) => (isClosed(from) ? undefined : stages.refused(from, 'CORRECTED'))),
  delete: {},
  restore,
});
