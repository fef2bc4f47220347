import { Field, Int, ObjectType } from 'type-graphql';
import { enumeration } from '../model/enumeration.js';
import { MoneySum } from '../model/money.js';
import { Day } from '../model/scalars.js';
import { filterOf } from '../graphql/arguments.js';
import { childList, rootField } from '../graphql/fields.js';
import { AsOf, AsOfMoment } from '../read/as-of.js';
import { opportunities } from '../opportunities/opportunity.inputs.js';
import { movedSo, pipelineChange, whenMoved } from './pipeline-change.sql.js';

const hidden = 'null if hidden from the caller';

const PipelineMovementKind = enumeration('PipelineMovementKind', 'By what a pipeline grows or shrinks.', {
  CREATED: 'The opportunity was created.',
  REOPENED: 'A closed opportunity was taken up again.',
  RESTORED: 'A deleted opportunity, or one of a deleted customer, was brought back.',
  PULLED_IN: 'The day of expected close came to lie between `closeFrom` and `closeUntil`.',
  ENTERED: 'The opportunity came to meet the filter otherwise, such as by another owner.',
  INCREASED: 'The expected amount rose.',
  DECREASED: 'The expected amount fell.',
  PUSHED_OUT: 'The day of expected close came to lie outside `closeFrom` and `closeUntil`.',
  LEFT: 'The opportunity came not to meet the filter any more, such as by another owner.',
  DELETED: 'The opportunity, or its customer, was deleted.',
  LOST: 'The opportunity was lost.',
  WON: 'The opportunity was won.',
});

@ObjectType({ description: 'The opportunities that a pipeline holds at one moment.' })
class PipelineLevel {
  @Field(() => Int, { description: 'How many there are.' })
  count!: number;

  @Field(() => MoneySum, {
    nullable: true,
    description: `Sum of the expected amounts, in the currency of the tenant; ${hidden}.`,
  })
  amount?: MoneySum | null;
}

@ObjectType({ description: 'What made a pipeline grow or shrink in one way.' })
class PipelineMovement {
  @Field(() => PipelineMovementKind, { description: 'In which way.' })
  kind!: string;

  @Field(() => Boolean, { description: 'True if it is added to the start, false if it is taken away from it.' })
  adds!: boolean;

  @Field(() => Int, { description: 'How many opportunities there are.' })
  count!: number;

  @Field(() => MoneySum, {
    nullable: true,
    description: `By how much, in the currency of the tenant: the difference of expected amounts where they rose or fell, else the expected amounts themselves, of what was won or lost as they were then; ${hidden}.`,
  })
  amount?: MoneySum | null;
}

@ObjectType({
  description:
    'How a pipeline came from one level to another: `start` and the amounts of all movements that add, less those of the others, are `end`, to the cent and in each currency.',
})
class PipelineChange {
  @Field(() => AsOfMoment, { nullable: true, description: 'The beginning, and how well it is known.' })
  from?: AsOfMoment | null;

  @Field(() => AsOfMoment, { nullable: true, description: 'The end, and how well it is known.' })
  until?: AsOfMoment | null;

  @Field(() => PipelineLevel, { description: 'The pipeline at the beginning.' })
  start!: PipelineLevel;

  @Field(() => [PipelineMovement], {
    description:
      'All ways in which a pipeline grows or shrinks, those without opportunities included. An opportunity that came and was closed meanwhile is in two of them, and so is one whose amount changed before it was closed.',
  })
  movements!: PipelineMovement[];

  @Field(() => PipelineLevel, { description: 'The pipeline at the end.' })
  end!: PipelineLevel;
}

const ChangeField = rootField(
  'pipelineChange',
  () => PipelineChange,
  {
    description:
      'What happened to the pipeline of open opportunities between two moments. Fails with INVALID, UNKNOWN_REFERENCE.',
  },
  { kind: 'report', of: pipelineChange },
  {
    from: [() => AsOf, 'The beginning. INVALID for a moment that has not come.'],
    until: [
      () => AsOf,
      'The end. INVALID for a moment that has not come, or before the beginning. If left out, now.',
      'optional',
    ],
    closeFrom: [() => Day, 'Only while they are expected to close on this day or later.', 'optional'],
    closeUntil: [() => Day, 'Only while they are expected to close on this day or earlier.', 'optional'],
    filter: filterOf(opportunities, 'opportunities', 'the lists of the movements'),
  },
);
const OpportunitiesOfMovement = childList(
  PipelineMovement,
  'opportunities',
  opportunities,
  'The opportunities behind the values, as they were at the end; deleted ones as they were at the beginning.',
  movedSo,
  'kind',
  whenMoved,
);

export const pipelineChangeResolvers = [ChangeField, OpportunitiesOfMovement];
