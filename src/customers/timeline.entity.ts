import { ObjectType } from 'type-graphql';
import { At, OneOf, Text, To } from '../model/columns.js';
import { Node } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { AnyRecord } from '../model/fields.js';
import { User } from '../identity/user.entity.js';
import { Customer } from './customer.entity.js';

export const TimelineKind = enumeration('TimelineKind', 'What happened with a customer.', {
  ACTIVITY: 'An activity took place; when it began.',
  STAGE_CHANGE: 'An opportunity was created or moved from stage to stage.',
  CONTRACT_CREATED: 'A contract was entered.',
  CONTRACT_SIGNED: 'A contract was signed; the beginning of that day in the time zone of the tenant.',
  CASE_OPENED: 'A question, complaint, suggestion or fault was reported.',
  CASE_RESOLVED: 'A case was resolved.',
});
export type TimelineKind = keyof typeof TimelineKind;

/** No table: rows are those of the capabilities that join in (see `timeline.ts`). */
@ObjectType('TimelineEntry', { description: 'One thing that happened with a customer, whatever its kind.' })
export class TimelineEntry {
  @To(() => Customer, { hidden: true, description: 'With whom.' })
  customer!: Customer;

  @At({ description: 'When it happened.' })
  at!: string;

  @OneOf(TimelineKind, { description: 'What happened.' })
  kind!: TimelineKind;

  @Text({ max: 200, nullable: true, description: 'In one line: subject, name or title of the record.' })
  title?: string | null;

  @To(() => User, { nullable: true, description: 'Who did it; null if the server did or nobody is known.' })
  by?: User | null;

  @Text({ hidden: true, max: 60, description: "Name of the record's type." })
  recordType!: string;

  @To(() => Node as never, { hidden: true, description: 'Id of the record.' })
  recordId!: string;

  @AnyRecord({
    description: 'The record itself.',
    type: (row) => row.col('recordType'),
    id: (row) => row.col('recordId'),
  })
  record?: Node | null;
}
