import { command, type Change, type Stored } from '../write/command.js';
import { staysAsItIs } from '../write/fixed.js';
import { constraintMeans } from '../write/constraints.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { newId, parseKey } from '../core/id.js';
import { log } from '../core/log.js';
import { checked, inOrder } from '../write/validation.js';
import { findTenant } from '../tenants/tenant.service.js';
import { Customer } from '../customers/customer.entity.js';
import { permit } from '../core/needs.js';
import { CustomerTenant } from './tenant-link.entity.js';
import type { CustomerTenantInput } from './tenant-link.inputs.js';
import { tenantLinkActions as can } from './tenant-link.policy.js';
import './tenant-link.events.js';

constraintMeans('customer_tenant_customer_linked_tenant_relation_type', 'ALREADY_LINKED', ['tenant']);

const required = ['relationType', 'primary'];

/**
 * Links a customer of this tenant to a tenant. The other tenant's mirror is written first: if the link is then refused,
 * or the server dies in between, a mirror without a link is left, which grants nothing.
 * Refuses FORBIDDEN, REQUIRED, UNKNOWN_REFERENCE, ALREADY_LINKED, DATES_REVERSED and invalid fields.
 */
export async function create(ctx: Context, input: CustomerTenantInput): Promise<string> {
  permit(ctx.rights, 'customerTenantCreate');
  const values = checked(CustomerTenant, { ...input }, { create: false, required: ['customer', ...required] });
  for (const field of ['customer', 'tenant'] as const) if (!input[field]) throw refuse('REQUIRED', [field]);
  inOrder('startsOn', 'endsOn', { ...input }, values);
  const linked = await tenantNamed(ctx, input.tenant!);
  const id = newId();
  await ctx.database.read(linked, {
    text: 'insert into customer_tenant_mirror (tenant_id, id, owner_tenant_id) values ($1, $2, $3)',
    values: [linked, id, ctx.tenant.id],
  });
  try {
    return await command(ctx, 'customerTenant.create', async (change) => {
      const customer = await lockedCustomer(change, input.customer!);
      if (values['primary']) await demote(change, customer, String(values['relationType'] ?? 'CLIENT'));
      return change.insert(CustomerTenant, { ...values, id, customer, linkedTenant: linked } as never);
    });
  } catch (error) {
    await forget(ctx, linked, id);
    throw error;
  }
}

/** The tenant that a text names. Refuses UNKNOWN_REFERENCE. */
async function tenantNamed({ database }: Context, text: string): Promise<string> {
  const found = await findTenant(database, text, false);
  if (!found) throw refuse('UNKNOWN_REFERENCE', ['tenant']);
  return found.id;
}

/** Changes a link; its two sides stay: INVALID for another one. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, ALREADY_LINKED, UNKNOWN_REFERENCE, DATES_REVERSED and invalid fields. */
export function update(ctx: Context, id: string, input: CustomerTenantInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'customerTenant.update', async (change) => {
    const values = checked(CustomerTenant, { ...input, customer: undefined }, { create: false, required }) as Partial<
      Stored<CustomerTenant>
    >;
    const { customer, linkedTenant } = await change.get(CustomerTenant, id, { lock: false });
    await staysAsItIs(change, Customer, input.customer, customer, 'customer');
    if (input.tenant !== undefined && (!input.tenant || (await tenantNamed(ctx, input.tenant)) !== linkedTenant))
      throw refuse('INVALID', ['tenant']);
    await lockedCustomer(change, customer!);
    const link = await change.get(CustomerTenant, id, { version });
    const next = { ...link, ...values };
    inOrder('startsOn', 'endsOn', { ...input }, next);
    if (next.primary && (!link.primary || next.relationType !== link.relationType))
      await demote(change, customer!, next.relationType, link.id);
    change.update(CustomerTenant, link, values);
    return link.id;
  });
}

/** Makes a link the main one of its type. Refuses FORBIDDEN, NOT_FOUND. */
export const setPrimary = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  update(ctx, id, { primary: true }, version);

/** Removes a link for good; the other tenant reads the customer no longer. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT. */
export async function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  const link = await command(ctx, 'customerTenant.delete', async (change) => {
    const found = await change.get(CustomerTenant, id, { version });
    change.remove(CustomerTenant, found);
    return found;
  });
  await forget(ctx, String(link.linkedTenant), link.id);
  return link.id;
}

/** Removes a mirror. One that stays because this fails grants nothing, so the caller's own work does not fail with it. */
async function forget(ctx: Context, linkedTenant: string, id: string): Promise<void> {
  try {
    await ctx.database.read(linkedTenant, {
      text: 'delete from customer_tenant_mirror where tenant_id = $1 and id = $2',
      values: [linkedTenant, id],
    });
  } catch (error) {
    log.warn(
      { event: 'tenantLink.mirrorLeft', error: (error as Error).message },
      'the mirror of a deleted tenant link could not be removed',
    );
  }
}

/** Whoever changes the links of a customer holds its row: two requests cannot both make a main one. */
async function lockedCustomer(change: Change, key: string): Promise<string> {
  const customer = await change.find(Customer, parseKey(key));
  if (!customer) throw refuse('UNKNOWN_REFERENCE', ['customer']);
  return customer.id;
}

async function demote(
  change: Change,
  customer: string,
  relationType: string,
  except: string | null = null,
): Promise<void> {
  const rows = await change.query(
    'select id from customer_tenant where tenant_id = $1 and customer_id = $2 and relation_type = $3 and "primary" and id is distinct from $4::uuid',
    [change.ctx.tenant.id, customer, relationType, except],
  );
  for (const [id] of rows) {
    const link = await change.find(CustomerTenant, { id: id! });
    if (link) change.update(CustomerTenant, link, { primary: false });
  }
}
