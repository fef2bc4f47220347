import {
  changed,
  changedFields,
  events,
  happened,
  hiddenAndRestored,
  oneOf,
  orNull,
  recordId,
  sometimes,
  text,
} from '../feed/event-types.js';
import { Case, CaseStatus } from './case.entity.js';

const moves = {
  fromStatus: oneOf(CaseStatus, 'The status before.'),
  toStatus: oneOf(CaseStatus, 'The status after.'),
  reason: sometimes(orNull(text('Why; null where nobody said so.'))),
};

events(Case, {
  created: happened('A case was entered.', { status: oneOf(CaseStatus, 'The status that it was entered with.') }),
  updated: changed('Fields of a case were changed.'),
  started: changed('Somebody began to work on a case.', moves),
  resolved: changed('A case was resolved.', moves),
  closed: changed('A case was closed.', moves),
  reopened: changed('A resolved or closed case was taken up again.', moves),
  rated: changed('The customer said how satisfied they are with our work on a case.'),
  commented: happened('A remark was added to a case.', {
    changed: sometimes(changedFields(Case)),
    comment: recordId('Id of the remark.'),
  }),
  ...hiddenAndRestored,
});
