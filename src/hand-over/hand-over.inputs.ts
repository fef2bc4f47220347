import { Field, InputType } from 'type-graphql';
import { enumeration } from '../model/enumeration.js';
import { AssignTo } from '../ownership/ownership.inputs.js';
import type { HandOverKind } from './hand-over.sql.js';

export const HandOverKinds = enumeration<HandOverKind>('HandOverKind', 'What somebody looks after and can hand over.', {
  CUSTOMER: 'Customers whose owner they are.',
  LEAD: 'Leads whose owner they are, and that have not been converted.',
  OPPORTUNITY: 'Opportunities whose owner they are, and that are neither won nor lost.',
  ACTIVITY: 'Activities of theirs that are planned.',
  SUCCESS_TASK: 'Success tasks that are assigned to them, and neither done nor cancelled.',
  CASE: 'Cases that are assigned to them, and not closed.',
  CAMPAIGN: 'Campaigns whose owner they are, and that are not over.',
  SAVED_VIEW: 'Saved views of theirs that are shared with others.',
  DEPARTMENT: 'Departments that they lead.',
  REPORT:
    'Users who report to them; who would report to themselves or to somebody below them goes to the manager above instead.',
});

export const OverLimit = enumeration(
  'OverLimit',
  'What becomes of customers and leads beyond the holding limits of receivers.',
  {
    REFUSE: 'Nothing is handed over: the whole is refused with HOLDING_LIMIT.',
    LEAVE:
      'Records beyond a limit stay with whoever looks after them; everything else is handed over, with what hangs on it.',
  },
);
export type OverLimit = keyof typeof OverLimit;

@InputType({ description: 'What is handed over, and to whom.' })
export class HandOverInput {
  @Field(() => AssignTo, {
    description: 'Who gets it: one user, or several of whom each gets as much of each kind as the others, or one more.',
  })
  to!: AssignTo;

  @Field(() => [HandOverKinds], {
    nullable: true,
    description: 'What is handed over; everything where this is left out. An empty list hands nothing over.',
  })
  kinds?: HandOverKind[] | null;

  @Field(() => OverLimit, {
    defaultValue: 'REFUSE',
    description: 'What becomes of customers and leads beyond the holding limits of those who are to get them.',
  })
  overLimit!: OverLimit;
}
