import { actions, inState, States, toState, restore } from '../model/actions.js';
import { referenceIsVisible, type Scope } from '../model/fields.js';
import { access, eitherOf } from '../read/access.js';
import type { RightUse } from '../core/rights.js';
import { hasEntered, isWorkedOnWithinReach, waysToWork } from '../identity/reach.sql.js';
import { onOwnCustomer, onVisibleCustomer } from '../customers/customer.policy.js';
import { Case, CaseComment, CaseStatus } from './case.entity.js';

const isInvolved = (row: Scope, use: RightUse | 'own'): string =>
  eitherOf(isWorkedOnWithinReach(row, 'assignee', use), hasEntered(row));

/** A case is visible to whoever reaches the one who works on it, to whoever entered it, and to whoever may see its customer. */
access(Case, {
  visible: (row) => eitherOf(isInvolved(row, row.rights.asked), onVisibleCustomer(row)),
  found: (row, seen) => [...waysToWork(row, 'assignee', row.rights.asked), hasEntered(row), seen('customer')],
  own: (row) => `(${eitherOf(isInvolved(row, 'own'), onOwnCustomer(row))})`,
});

access(CaseComment, {
  visible: (row) => referenceIsVisible(row, 'case'),
  shows: ['case'],
});

/** Where a case may go from where: forward, skipping what was not needed; back only by being taken up again. */
export const caseStates = new States<CaseStatus>('CaseStatus', 'status', {
  NEW: ['IN_PROGRESS', 'RESOLVED', 'CLOSED'],
  IN_PROGRESS: ['RESOLVED', 'CLOSED'],
  RESOLVED: ['CLOSED', 'IN_PROGRESS'],
  CLOSED: ['IN_PROGRESS'],
});

const done: readonly CaseStatus[] = ['RESOLVED', 'CLOSED'];

/** Why a case may not go to a state: a closed one is not closed again. */
const refusal = (from: CaseStatus, to: CaseStatus): ReturnType<typeof caseStates.refusal> =>
  from === 'CLOSED' && to === 'CLOSED' ? caseStates.refused(from, to) : caseStates.refusal(from, to);

export const caseActions = actions(Case, {
  update: {},
  assign: { gives: 'assignee' },
  changeStatus: toState(caseStates, CaseStatus, refusal),
  close: inState(caseStates, (from) => refusal(from, 'CLOSED')),
  reopen: inState(caseStates, (from) => (done.includes(from) ? undefined : caseStates.refused(from, 'IN_PROGRESS'))),
  rate: inState(caseStates, (from) =>
    done.includes(from) ? undefined : caseStates.refused(from, 'RATED', 'satisfaction'),
  ),
  delete: {},
  restore,
});
