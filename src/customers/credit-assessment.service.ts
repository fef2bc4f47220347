import { command } from '../write/command.js';
import { dayIn } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { mayWrite } from '../core/rights.js';
import { checked } from '../write/validation.js';
import { CreditAssessment } from './credit-assessment.entity.js';
import type { CreditAssessmentInput } from './credit-assessment.inputs.js';
import { Customer } from './customer.entity.js';
import { write } from './customer.service.js';

/** Records a credit assessment and moves the customer's credit limit to the one it grants. Refuses NOT_FOUND, REQUIRED and invalid fields. */
export function assess(
  ctx: Context,
  id: string,
  input: CreditAssessmentInput,
  version?: number | null,
): Promise<{ customer: string; creditAssessment: string }> {
  mayWrite(ctx.rights);
  return command(ctx, 'customer.assessCredit', async (change) => {
    const customer = await change.get(Customer, id, { version });
    const values = checked(CreditAssessment, input as Record<string, unknown>, { create: true, required: ['score'] });
    const creditAssessment = change.insert(CreditAssessment, {
      ...values,
      customer: customer.id,
      assessedOn: values['assessedOn'] ?? dayIn(ctx.tenant.timeZone),
      assessor: values['assessor'] ?? ctx.user.name,
      currency: customer.currency,
      enteredBy: ctx.user.id,
    } as never);
    if (values['creditLimit'] !== undefined && values['creditLimit'] !== null)
      write(change, customer, { creditLimit: String(values['creditLimit']) });
    return { customer: customer.id, creditAssessment };
  });
}
