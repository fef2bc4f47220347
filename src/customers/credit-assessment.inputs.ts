import { Field, ID, InputType, Int } from 'type-graphql';
import { inputFrom, written } from '../model/inputs.js';
import { MoneyInput } from '../model/money.js';
import { Day } from '../model/scalars.js';
import { atLeast, atMost, Where } from '../read/filter.js';
import { refersTo } from '../read/references.js';
import { filterFrom } from '../read/column-filter.js';
import { list } from '../read/list.js';
import { CreditAssessment } from './credit-assessment.entity.js';
import { Customer } from './customer.entity.js';
import './customer.policy.js';

@InputType({ description: 'Conditions on credit assessments; all given ones hold.' })
export class CreditAssessmentFilter extends filterFrom('CreditAssessmentColumnFilter', CreditAssessment) {
  @Where(refersTo('customer', Customer), () => [ID], 'Of one of these customers.')
  customer?: string[];

  @Where(atLeast('score', 'int'), () => Int, 'Score of at least this.')
  scoreMin?: number;

  @Where(atMost('score', 'int'), () => Int, 'Score of at most this.')
  scoreMax?: number;

  @Where(atLeast('assessedOn', 'date'), () => Day, 'On this day or later.')
  assessedFrom?: string;

  @Where(atMost('assessedOn', 'date'), () => Day, 'On this day or earlier.')
  assessedUntil?: string;
}

export const creditAssessments = list(CreditAssessment, {
  filter: CreditAssessmentFilter,
  order: {
    assessedOn: 'The day of the assessment.',
    createdAt: 'When it was entered.',
    number: 'The integer `number`.',
    score: 'Score of the assessment.',
  },
  defaultOrder: [['ASSESSED_ON', 'DESC']],
});

@InputType({ description: 'A credit assessment to record.' })
export class CreditAssessmentInput extends inputFrom(
  'CreditAssessmentFields',
  CreditAssessment,
  [...written(CreditAssessment), 'customer', 'assessedOn', 'assessor', 'score', 'remarks'],
  'Fields of a credit assessment that are written as they are. If left out, the day is today and the assessor the caller.',
  { required: ['customer', 'score'] },
) {
  @Field(() => MoneyInput, {
    nullable: true,
    description:
      "Credit limit that the assessment grants, in the currency of the customer; it becomes the customer's. If left out, the customer's stays.",
  })
  creditLimit?: MoneyInput | null;
}
