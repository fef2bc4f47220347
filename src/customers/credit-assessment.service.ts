import { command } from '../write/command.js';
import { dayIn } from '../core/clock.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import { permit } from '../core/needs.js';
import { amountIn, currencyIn, keepCurrency, placesOf } from '../write/amounts.js';
import { checked } from '../write/validation.js';
import { CreditAssessment } from './credit-assessment.entity.js';
import type { CreditAssessmentInput } from './credit-assessment.inputs.js';
import { Customer } from './customer.entity.js';
import { write } from './customer.service.js';
import './customer.events.js';

/** Records a credit assessment and moves the customer's credit limit to the one it grants. Refuses UNKNOWN_REFERENCE, REQUIRED, CURRENCY_FIXED and wrong fields. */
export function create(
  ctx: Context,
  input: CreditAssessmentInput,
): Promise<{ customer: string; creditAssessment: string }> {
  permit(ctx.rights, 'creditAssessmentCreate');
  return command(ctx, 'creditAssessment.create', async (change) => {
    const { currency, place } = currencyIn({ creditLimit: input.creditLimit });
    const values = checked(
      CreditAssessment,
      { ...input, customer: undefined, creditLimit: amountIn(input.creditLimit), currency },
      { create: true, required: ['score'], named: placesOf({ creditLimit: 'creditLimit' }, place) },
    );
    const customer = await change.find(Customer, parseKey(String(input.customer)));
    if (!customer) throw refuse('UNKNOWN_REFERENCE', ['customer']);
    keepCurrency(customer.currency, values['currency'], true, place);
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
