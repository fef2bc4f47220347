import { command, SeriesNumber, type Change, type Stored } from '../core/command.js';
import { dayIn } from '../core/clock.js';
import { constraintMeans } from '../core/constraints.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { mayWrite } from '../core/rights.js';
import { checked } from '../core/validate.js';
import { Customer } from '../customers/customer.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import { Contract, type ContractStatus } from './contract.entity.js';
import type { ContractInput } from './contract.inputs.js';
import './contract.policy.js';

constraintMeans('contract_living_code', 'NUMBER_TAKEN', ['code']);

/** Where a contract may go from where; nothing leads back. */
export const moves: Record<ContractStatus, readonly ContractStatus[]> = {
  DRAFT: ['IN_FORCE', 'TERMINATED'],
  IN_FORCE: ['EXPIRED', 'TERMINATED'],
  EXPIRED: [],
  TERMINATED: [],
};

const required = ['code', 'name', 'customer', 'kind', 'renewal', 'noticeDays', 'currency'];

/** Creates a contract. Refuses REQUIRED, NUMBER_TAKEN, DATES_REVERSED, UNKNOWN_REFERENCE and wrong members. */
export function create(ctx: Context, input: ContractInput): Promise<string> {
  mayWrite(ctx.rights);
  return command(ctx, 'contract.create', async (change) => {
    const values = await prepared(change, input, true);
    const day = dayIn(ctx.tenant.timeZone).replaceAll('-', '');
    checkTerm(values);
    return change.insert(Contract, { ...values, status: input.status ?? 'DRAFT', code: values.code ?? new SeriesNumber(`contract ${day}`, `CONT-${day}-`, 4) } as never);
  });
}

/** Changes members of a contract, not its state. Refuses NOT_FOUND, VERSION_CONFLICT, NUMBER_TAKEN, DATES_REVERSED and wrong members. */
export function update(ctx: Context, id: string, input: ContractInput, version?: number | null): Promise<string> {
  mayWrite(ctx.rights);
  return command(ctx, 'contract.update', async (change) => {
    const contract = await change.get(Contract, id, { version });
    const values = await prepared(change, input, false);
    checkTerm({ ...contract, ...values });
    change.update(Contract, contract, values);
    return contract.id;
  });
}

/** Moves a contract to another state; signing a draft without a day of signature signs it today. Refuses NOT_FOUND, MOVE_NOT_ALLOWED, VERSION_CONFLICT. */
export function changeStatus(ctx: Context, id: string, status: ContractStatus, reason?: string | null, version?: number | null): Promise<string> {
  mayWrite(ctx.rights);
  return command(ctx, reason ? `contract.changeStatus: ${reason}` : 'contract.changeStatus', async (change) => {
    const contract = await change.get(Contract, id, { version });
    const from = contract.status as ContractStatus;
    if (from === status) return contract.id;
    if (!moves[from].includes(status)) throw refuse('MOVE_NOT_ALLOWED', ['status'], { from, to: status });
    const signedOn = status === 'IN_FORCE' ? (contract.signedOn ?? dayIn(ctx.tenant.timeZone)) : contract.signedOn;
    change.update(Contract, contract, { status, signedOn }, { data: { fromStatus: from, toStatus: status, reason: reason ?? null } });
    return contract.id;
  });
}

/** Hides a contract; its number becomes free. Refuses NOT_FOUND. */
export function remove(ctx: Context, id: string): Promise<string> {
  mayWrite(ctx.rights);
  return command(ctx, 'contract.delete', async (change) => {
    const contract = await change.get(Contract, id);
    change.hide(Contract, contract);
    return contract.id;
  });
}

function checkTerm({ startsOn, endsOn }: { startsOn?: string | null; endsOn?: string | null }): void {
  if (startsOn && endsOn && endsOn < startsOn) throw refuse('DATES_REVERSED', ['endsOn']);
}

async function prepared(change: Change, input: ContractInput, creating: boolean): Promise<Partial<Stored<Contract>>> {
  const { amount, ...members } = input as ContractInput & Record<string, unknown>;
  const values = checked(Contract, { ...members, status: undefined, agreedAmount: amount }, { create: creating, required: creating ? required.filter((member) => member !== 'code') : required, named: { agreedAmount: 'amount' } });
  const customer = await change.reference(Customer, input.customer, ['customer']);
  if (customer) values['customer'] = customer;
  const opportunity = await change.reference(Opportunity, input.opportunity, ['opportunity']);
  if (opportunity !== undefined) values['opportunity'] = opportunity;
  return values as Partial<Stored<Contract>>;
}
