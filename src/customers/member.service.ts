import { command, type Change } from '../write/command.js';
import { constraintMeans } from '../write/constraints.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { permit } from '../core/needs.js';
import { checked } from '../write/validation.js';
import { changeableWhere } from '../read/conditions.js';
import { isWithinReach } from '../identity/reach.sql.js';
import { User } from '../identity/user.entity.js';
import { Customer } from './customer.entity.js';
import { memberActions as can } from './customer.policy.js';
import { CustomerMember } from './member.entity.js';
import type { CustomerMemberChange, CustomerMemberInput } from './member.inputs.js';
import './customer.events.js';

constraintMeans('customer_member_customer_user', 'ALREADY_LINKED', ['user']);

/** Makes somebody a collaborator of a customer. Refuses FORBIDDEN to whoever is only a collaborator, REQUIRED, UNKNOWN_REFERENCE, ALREADY_LINKED for whoever is one already, and wrong fields. */
export function create(ctx: Context, input: CustomerMemberInput): Promise<string> {
  permit(ctx.rights, 'customerMemberCreate');
  return command(ctx, 'customerMember.create', async (change) => {
    const values = checked(CustomerMember, input as Record<string, unknown>, {
      create: true,
      required: ['customer', 'user', 'access'],
    });
    const customer = await change.reference(Customer, input.customer, ['customer']);
    await demandReach(change, customer!);
    const user = await change.reference(User, input.user, ['user'], 'login');
    return change.insert(CustomerMember, { ...values, customer, user, addedBy: change.ctx.user.id } as never, {
      event: 'added',
      data: { customer, user },
    });
  });
}

/** Changes what a collaborator may do, and until when. Refuses FORBIDDEN to whoever is only a collaborator, NOT_FOUND, REQUIRED. */
export function update(ctx: Context, id: string, input: CustomerMemberChange): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'customerMember.update', async (change) => {
    const member = await change.get(CustomerMember, id);
    await demandReach(change, member.customer!);
    const values = checked(CustomerMember, input as Record<string, unknown>, { create: false, required: ['access'] });
    change.update(CustomerMember, member, values as never);
    return member.id;
  });
}

/** Takes a collaborator off a customer: whoever may change it does, and everybody themselves. Refuses FORBIDDEN, NOT_FOUND. */
export function remove(ctx: Context, id: string): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'customerMember.delete', async (change) => {
    const member = await change.get(CustomerMember, id);
    if (member.user !== ctx.user.id) await demandReach(change, member.customer!);
    change.remove(CustomerMember, member);
    return member.id;
  });
}

/** Refuses FORBIDDEN where the caller may change the customer as a collaborator only: they do not let others in. */
async function demandReach(change: Change, customer: string): Promise<void> {
  const values: unknown[] = [change.ctx.tenant.id, customer];
  const reached = changeableWhere(
    change.ctx,
    (row) => `(${isWithinReach(row, 'customer', 'write')} or ${row.col('owner')} is null)`,
  );
  const condition = reached(Customer, 't', values);
  const [row] = await change.query(
    `select 1 from customer t where t.tenant_id = $1 and t.id = $2 and ${condition}`,
    values,
  );
  if (!row) throw refuse('FORBIDDEN');
}
