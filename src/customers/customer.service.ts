import { bulk, type ItemResult } from '../write/bulk.js';
import { command, type Change, type Stored } from '../write/command.js';
import { SeriesNumber } from '../write/insert.js';
import { dayIn } from '../core/clock.js';
import { constraintMeans } from '../write/constraints.js';
import type { Context } from '../core/context.js';
import { permit } from '../core/needs.js';
import { ownsNew } from '../core/rights.js';
import { changeHeld, heldFrom, type HeldRecords } from '../pools/held.service.js';
import { amountIn, currencyIn, isMoney, keepCurrency, placesOf } from '../write/amounts.js';
import { checked, reasonIn } from '../write/validation.js';
import { followOwner } from '../departments/owner-department.js';
import { User } from '../identity/user.entity.js';
import { CompanySize, Customer, type CustomerStatus } from './customer.entity.js';
import { OwnerChange, StatusChange } from './history.entity.js';
import type { CustomerEdit, CustomerInput } from './customer.inputs.js';
import { customerActions as can } from './customer.policy.js';
import './customer.events.js';

followOwner(Customer);

constraintMeans('customer_living_name_key', 'NAME_TAKEN', ['name']);

const required = ['name', 'kind', 'status', 'tier', 'currency'];

/** Sizes as words, for callers who give the size of a company in words. */
const sizeSynonyms: Record<keyof typeof CompanySize, string> = {
  MICRO: '微型',
  SMALL: '小型',
  MEDIUM: '中型',
  LARGE: '大型',
};

/** Customers as records that somebody looks after or that lie in pools. */
export const heldCustomers: HeldRecords<Customer> = {
  entity: Customer,
  kind: 'CUSTOMER',
  history: OwnerChange,
  of: 'customer',
};

/** Creates a customer; a salesperson's new customer is their own unless they say otherwise. Refuses REQUIRED, NAME_TAKEN and invalid fields. */
export function create(ctx: Context, input: CustomerInput): Promise<string> {
  permit(ctx.rights, 'customerCreate');
  return command(ctx, 'customer.create', (change) => add(change, input));
}

/** As `create`, inside a change that is under way. */
export async function add(change: Change, input: CustomerInput, path: string[] = []): Promise<string> {
  const { ctx } = change;
  permit(ctx.rights, 'customerCreate');
  const values = await prepared(change, input, true, path);
  const day = dayIn(ctx.tenant.timeZone).replaceAll('-', '');
  const owner = values.owner === undefined && ownsNew(ctx.rights, 'customer') ? ctx.user.id : values.owner;
  return change.insert(Customer, {
    currency: ctx.tenant.currency,
    ...values,
    owner,
    ...heldFrom(owner),
    accountNo: new SeriesNumber('account', 'ACC', 3),
    code: new SeriesNumber(`customer ${day}`, `CUST-${day}-`, 4),
  } as never);
}

/** Changes fields of a customer. Refuses NOT_FOUND, VERSION_CONFLICT, NAME_TAKEN and invalid fields. */
export function update(ctx: Context, id: string, input: CustomerInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'customer.update', (change) => edit(change, { id, input, version: version ?? null }));
}

/** Changes many customers; what is refused is reported, the rest is kept. */
export const updateMany = (ctx: Context, inputs: readonly CustomerEdit[]): Promise<ItemResult[]> =>
  bulk(ctx, 'customersUpdate', 'customer.update', 'inputs', inputs, edit, (change) =>
    change.lock(
      Customer,
      inputs.map(({ id }) => id),
    ),
  );

async function edit(change: Change, { id, input, version }: CustomerEdit): Promise<string> {
  const customer = await change.get(Customer, id, { version });
  const values = await prepared(change, input, false);
  await checkCurrency(change, customer, values);
  write(change, customer, values);
  return customer.id;
}

/** Moves a customer to another state; the reason is kept in its history. Refuses NOT_FOUND, VERSION_CONFLICT, TOO_LONG. */
export function changeStatus(
  ctx: Context,
  id: string,
  status: CustomerStatus,
  reason?: string | null,
  version?: number | null,
): Promise<string> {
  can.changeStatus.demand(ctx.rights);
  return command(ctx, { operation: 'customer.changeStatus', reason }, async (change) => {
    const customer = await change.get(Customer, id, { version });
    write(change, customer, { status }, reasonIn(reason));
    return customer.id;
  });
}

/** The one place where fields of a stored customer are changed: changes of state and owner go into their histories, and the event says them. */
export function write(
  change: Change,
  customer: Stored<Customer>,
  values: Partial<Stored<Customer>>,
  reason: string | null = null,
): void {
  const fromStatus = customer.status;
  const moves = values.status !== undefined && values.status !== fromStatus;
  changeHeld(change, heldCustomers, customer, values, undefined, {
    data: moves ? { fromStatus, toStatus: values.status, reason } : {},
  });
  if (customer.status !== fromStatus)
    change.note(StatusChange, {
      customer: customer.id,
      fromStatus,
      toStatus: customer.status,
      reason,
      changedBy: change.ctx.user.id,
    });
}

/** Hides a customer; its name becomes free, and it can be restored. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'customer.delete', (change) => hide(change, id, version));
}

/** Hides many customers; what is refused is reported, the rest is hidden. */
export const removeMany = (ctx: Context, ids: readonly string[]): Promise<ItemResult[]> =>
  bulk(
    ctx,
    'customersDelete',
    'customer.delete',
    'ids',
    ids,
    (change, id) => hide(change, id),
    (change) => change.lock(Customer, ids),
  );

async function hide(change: Change, id: string, version?: number | null): Promise<string> {
  const customer = await change.get(Customer, id, { version });
  change.hide(Customer, customer);
  return customer.id;
}

/** Brings a deleted customer back, changed as `input` says. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, invalid fields, and NAME_TAKEN if its name was given away meanwhile. */
export function restore(ctx: Context, id: string, input: CustomerInput = {}, version?: number | null): Promise<string> {
  can.restore.demand(ctx.rights);
  return command(ctx, 'customer.restore', async (change) => {
    const customer = await change.get(Customer, id, { deleted: true, version });
    const values = await prepared(change, input, false);
    await checkCurrency(change, customer, values);
    write(change, customer, values);
    change.update(Customer, customer, { deletedAt: null } as never, { event: 'restored' });
    return customer.id;
  });
}

/** Refuses another currency for a customer where amounts hang on the one it has: its limit, assessments, opportunities or contracts. */
async function checkCurrency(
  change: Change,
  customer: Stored<Customer>,
  values: Partial<Stored<Customer>>,
): Promise<void> {
  if (values.currency === undefined || values.currency === customer.currency) return;
  const ofCustomer = 'tenant_id = $1 and customer_id = $2';
  const payments = 'select 1 from payment where tenant_id = $1 and contract_id = contract.id and deleted_at is null';
  const amounts = {
    credit_assessment: 'credit_limit <> 0',
    opportunity: 'deleted_at is null and (expected_amount <> 0 or won_amount <> 0)',
    contract: `deleted_at is null and (agreed_amount <> 0 or term > 1 or exists (${payments}))`,
  };
  const tests = Object.entries(amounts).map(
    ([table, money]) => `exists (select 1 from ${table} where ${ofCustomer} and ${money})`,
  );
  const [row] = await change.query(`select ${tests.join(' or ')}`, [change.ctx.tenant.id, customer.id]);
  keepCurrency(customer.currency, values.currency, isMoney(customer.creditLimit) || row![0] === 't', 'currency');
}

/** The input as columns: checked, references resolved, the two forms of a company's size brought in line. */
async function prepared(
  change: Change,
  input: CustomerInput,
  creating: boolean,
  path: string[] = [],
): Promise<Partial<Stored<Customer>>> {
  const { currency, place } = currencyIn({ creditLimit: input.creditLimit }, input.currency);
  const values = checked(
    Customer,
    { ...input, creditLimit: amountIn(input.creditLimit), currency: input.currency === null ? null : currency },
    {
      create: creating,
      required,
      path,
      named: placesOf({ creditLimit: 'creditLimit' }, input.currency === null ? 'currency' : place),
    },
  );
  const owner = await change.reference(User, input.owner, [...path, 'owner'], 'login');
  if (owner !== undefined) values['owner'] = owner;
  if (values['size'] && values['scale'] === undefined)
    values['scale'] = sizeSynonyms[values['size'] as keyof typeof CompanySize];
  const sizeName = Object.entries(sizeSynonyms).find(([, word]) => word === values['scale']);
  if (sizeName && values['size'] === undefined) values['size'] = sizeName[0];
  return values as Partial<Stored<Customer>>;
}
