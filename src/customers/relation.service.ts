import { command } from '../write/command.js';
import { constraintMeans } from '../write/constraints.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { permit } from '../core/needs.js';
import { checked } from '../write/validation.js';
import { Customer } from './customer.entity.js';
import { CustomerRelation } from './relation.entity.js';
import type { CustomerRelationInput } from './relation.inputs.js';
import { relationActions as can } from './customer.policy.js';
import './customer.events.js';

constraintMeans('customer_relation_from_to_kind', 'ALREADY_LINKED', ['to']);

/** Enters a relation. Refuses REQUIRED, INVALID (with itself), ALREADY_LINKED (the same kind again), UNKNOWN_REFERENCE and invalid fields. */
export function relate(ctx: Context, input: CustomerRelationInput): Promise<string> {
  permit(ctx.rights, 'customerRelationCreate');
  return command(ctx, 'customerRelation.create', async (change) => {
    const values = checked(CustomerRelation, input as Record<string, unknown>, {
      create: true,
      required: ['from', 'to', 'kind'],
    });
    const from = await change.reference(Customer, input.from, ['from']);
    const to = await change.reference(Customer, input.to, ['to']);
    if (from === to) throw refuse('INVALID', ['to']);
    return change.insert(CustomerRelation, { ...values, from, to, addedBy: ctx.user.id } as never);
  });
}

/** Removes a relation for good. Refuses NOT_FOUND. */
export function remove(ctx: Context, id: string): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'customerRelation.delete', async (change) => {
    const relation = await change.get(CustomerRelation, id);
    change.remove(CustomerRelation, relation);
    return relation.id;
  });
}
