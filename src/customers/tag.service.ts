import { command } from '../write/command.js';
import { constraintMeans } from '../write/constraints.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { permit } from '../core/needs.js';
import { checked } from '../write/validation.js';
import { Customer } from './customer.entity.js';
import { CustomerTag } from './tag.entity.js';
import type { CustomerTagInput } from './tag.inputs.js';
import { tagActions as can } from './customer.policy.js';
import './customer.events.js';

constraintMeans('customer_tag_customer_name_key', 'NAME_TAKEN', ['name']);

const plain = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} _-]*$/u;

/** Sets a tag. Refuses REQUIRED, INVALID (special characters), NAME_TAKEN (the customer has it), UNKNOWN_REFERENCE and wrong fields. */
export function create(ctx: Context, input: CustomerTagInput): Promise<string> {
  permit(ctx.rights, 'customerTagCreate');
  return command(ctx, 'customerTag.create', async (change) => {
    const values = checked(CustomerTag, input as Record<string, unknown>, {
      create: true,
      required: ['customer', 'name', 'kind'],
    });
    if (!plain.test(String(values['name']))) throw refuse('INVALID', ['name']);
    const customer = await change.reference(Customer, input.customer, ['customer']);
    return change.insert(CustomerTag, { ...values, customer, addedBy: ctx.user.id } as never, {
      event: 'added',
      data: { customer, name: values['name'] },
    });
  });
}

/** Removes a tag for good; where a customer is named, only one of its tags. Refuses NOT_FOUND. */
export function remove(ctx: Context, id: string, customer?: string | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'customerTag.delete', async (change) => {
    const tag = await change.get(CustomerTag, id);
    if (customer && (await change.get(Customer, customer, { lock: false, field: 'customer' })).id !== tag.customer)
      throw refuse('NOT_FOUND', ['id'], { record: CustomerTag.name });
    change.remove(CustomerTag, tag);
    return tag.id;
  });
}
