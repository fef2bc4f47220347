import { Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Input } from '../graphql/arguments.js';
import { childList, rootFields } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { CreditAssessment } from './credit-assessment.entity.js';
import { CreditAssessmentInput, creditAssessments } from './credit-assessment.inputs.js';
import * as assessments from './credit-assessment.service.js';
import { Customer } from './customer.entity.js';

const Queries = rootFields(
  creditAssessments,
  { one: 'creditAssessment', many: 'creditAssessments' },
  {
    one: 'One credit assessment; null if there is none that the caller may see.',
    many: 'Credit assessments of the customers that the caller may see, the latest day first.',
  },
);
const OfCustomer = childList(
  Customer,
  'creditAssessments',
  creditAssessments,
  'Credit assessments of the customer, the latest day first.',
  'customer',
);

const CreditAssessmentCreatePayload = payload('CreditAssessmentCreatePayload', {
  customer: [() => Customer, 'The customer after the change.'],
  creditAssessment: [() => CreditAssessment, 'The assessment as it was recorded.'],
});

@Resolver()
class Mutations {
  @Mutation(() => CreditAssessmentCreatePayload, {
    nullable: true,
    description:
      "Records a credit assessment; the limit it grants becomes the customer's credit limit. Fails with UNKNOWN_REFERENCE, REQUIRED, INVALID, TOO_LONG, OUT_OF_RANGE, CURRENCY_FIXED.",
  })
  creditAssessmentCreate(
    @Ctx() ctx: Context,
    @Input(() => CreditAssessmentInput, 'What to store.') input: CreditAssessmentInput,
  ): Promise<object> {
    return answer(ctx, () => assessments.create(ctx, input));
  }
}

export const creditAssessmentResolvers = [Queries, OfCustomer, Mutations];
