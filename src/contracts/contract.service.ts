import { bringBack } from '../write/restore.js';
import { command, type Change, type Stored } from '../write/command.js';
import { SeriesNumber } from '../write/insert.js';
import { dayIn } from '../core/clock.js';
import { constraintMeans } from '../write/constraints.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { permit } from '../core/needs.js';
import { check } from '../model/actions.js';
import { parseCurrency } from '../model/currency.js';
import { amountIn, currencyIn, isMoney, keepCurrency, placesOf } from '../write/amounts.js';
import { datedOnes, type DatedRecords } from '../write/dated.js';
import { checked, inOrder } from '../write/validation.js';
import { Customer } from '../customers/customer.entity.js';
import * as customers from '../customers/customer.service.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';
import * as opportunities from '../opportunities/opportunity.service.js';
import { Contract, type ContractStatus } from './contract.entity.js';
import type { ContractInput } from './contract.inputs.js';
import { lookAgain } from './overdue.service.js';
import { ContractRenewal } from './renewal.entity.js';
import type { ContractRenewInput } from './renewal.inputs.js';
import { contractActions as can, contractStates } from './contract.policy.js';
import './contract.events.js';

constraintMeans('contract_living_code_key', 'NUMBER_TAKEN', ['code']);

/** Where a contract stands on a day: what is in force has expired behind its last day, whether that is written already or not. */
const statusOn = ({ status, endsOn }: Pick<Stored<Contract>, 'status' | 'endsOn'>, day: string): ContractStatus =>
  status === 'IN_FORCE' && isOver(endsOn, day) ? 'EXPIRED' : (status as ContractStatus);

const isOver = (endsOn: string | null | undefined, today: string): boolean =>
  endsOn !== null && endsOn !== undefined && endsOn < today;

const required = ['code', 'name', 'customer', 'kind', 'renewal', 'noticeDays', 'currency'];

/** Creates a contract. Refuses REQUIRED, NUMBER_TAKEN, DATES_REVERSED, UNKNOWN_REFERENCE and invalid fields. */
export function create(ctx: Context, input: ContractInput): Promise<string> {
  permit(ctx.rights, 'contractCreate');
  return command(ctx, 'contract.create', async (change) => {
    const values = await prepared(change, input, true);
    const day = dayIn(ctx.tenant.timeZone).replaceAll('-', '');
    inOrder('startsOn', 'endsOn', { ...input }, values);
    return change.insert(Contract, {
      currency: ctx.tenant.currency,
      ...values,
      status: input.status ?? 'DRAFT',
      code: values.code ?? new SeriesNumber(`contract ${day}`, `CONT-${day}-`, 4),
    } as never);
  });
}

/** Changes fields of a contract; a state moves it there. Refuses NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT, NUMBER_TAKEN, DATES_REVERSED and invalid fields. */
export function update(ctx: Context, id: string, input: ContractInput, version?: number | null): Promise<string> {
  can.update.demand(ctx.rights);
  return command(ctx, 'contract.update', async (change) => {
    const contract = await change.get(Contract, id, { version });
    const values = await prepared(change, input, false);
    if (values.currency !== undefined && values.currency !== contract.currency)
      keepCurrency(contract.currency, values.currency, await hasMoney(change, contract), 'amount.currency');
    inOrder('startsOn', 'endsOn', { ...input }, { ...contract, ...values });
    if (Number(values.agreedAmount ?? 0) > Number(contract.agreedAmount ?? 0)) await lookAgain(change, contract);
    // what has expired only because of a last day that is put right has not
    const today = dayIn(ctx.tenant.timeZone);
    const isBack =
      contract.status === 'EXPIRED' &&
      isOver(contract.endsOn, today) &&
      !isOver(values.endsOn === undefined ? contract.endsOn : values.endsOn, today);
    if (isBack)
      change.update(
        Contract,
        contract,
        { ...values, status: 'IN_FORCE' },
        { data: { fromStatus: 'EXPIRED', toStatus: 'IN_FORCE' } },
      );
    else change.update(Contract, contract, values);
    if (input.status) await moveTo(change, contract, input.status, null);
    return contract.id;
  });
}

/** Moves a contract to another state; into force as `sign` does. Refuses NOT_FOUND, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT. */
export function changeStatus(
  ctx: Context,
  id: string,
  status: ContractStatus,
  reason?: string | null,
  version?: number | null,
): Promise<string> {
  can.changeStatus.demand(ctx.rights);
  return command(ctx, { operation: 'contract.changeStatus', reason }, async (change) => {
    const contract = await change.get(Contract, id, { version });
    await moveTo(change, contract, status, reason ?? null);
    return contract.id;
  });
}

async function moveTo(
  change: Change,
  contract: Stored<Contract>,
  status: ContractStatus,
  reason: string | null,
): Promise<void> {
  if (status === 'IN_FORCE') await putInForce(change, contract);
  else move(change, contract, status, {}, reason);
}

type Signed = {
  contract: string;
  customer: string | null;
  opportunity: string | null;
};

/** Signs a draft: it is in force, its opportunity won, its customer active, all or nothing. Of what is in force already, the day of signature changes if another one is given. Refuses NOT_FOUND, INVALID, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT. */
export function sign(ctx: Context, id: string, signedOn?: string | null, version?: number | null): Promise<Signed> {
  can.sign.demand(ctx.rights);
  checked(Contract, { signedOn }, { create: false, required: [] });
  return command(ctx, 'contract.sign', async (change) => {
    const contract = await change.get(Contract, id, { version });
    await putInForce(change, contract, signedOn ?? undefined);
    return { contract: contract.id, customer: contract.customer, opportunity: contract.opportunity ?? null };
  });
}

/** As `sign`, inside a change that is under way. */
export async function putInForce(change: Change, contract: Stored<Contract>, signedOn?: string): Promise<void> {
  const today = dayIn(change.ctx.tenant.timeZone);
  if (!move(change, contract, 'IN_FORCE', { signedOn: signedOn ?? contract.signedOn ?? today })) {
    if (signedOn) change.update(Contract, contract, { signedOn });
    return;
  }
  const opportunity = contract.opportunity ? await change.find(Opportunity, { id: contract.opportunity }) : null;
  if (opportunity && opportunity.stage !== 'CLOSED_WON')
    await opportunities.move(
      change,
      opportunity,
      'CLOSED_WON',
      contract.agreedAmount && contract.currency === opportunity.currency ? { wonAmount: contract.agreedAmount } : {},
      contract.code,
    );
  const customer = await change.find(Customer, { id: contract.customer! });
  if (customer) customers.write(change, customer, { status: 'ACTIVE' }, contract.code);
}

/** Opens a new term of a contract, with its own amount and due day, and keeps what the former one was; one that has expired is in force again. Refuses NOT_FOUND, REQUIRED, DATES_REVERSED, TRANSITION_NOT_ALLOWED, VERSION_CONFLICT and wrong fields. */
export function renew(
  ctx: Context,
  id: string,
  input: ContractRenewInput,
  version?: number | null,
): Promise<{ contract: string; contractRenewal: string }> {
  can.renew.demand(ctx.rights);
  return command(ctx, 'contract.renew', async (change) => {
    const { endsOn } = input;
    const contract = await change.get(Contract, id, { version });
    const from = statusOn(contract, dayIn(ctx.tenant.timeZone));
    can.renew.check(from);
    if (endsOn <= (contract.endsOn ?? contract.startsOn ?? '')) throw refuse('DATES_REVERSED', ['endsOn']);
    const { currency, place } = currencyIn({ amount: input.amount });
    const { agreedAmount, dueOn } = checked(
      Contract,
      { agreedAmount: amountIn(input.amount) ?? undefined, dueOn: input.dueOn, currency },
      { create: false, required: [], named: placesOf({ agreedAmount: 'amount' }, place) },
    );
    if (currency) keepCurrency(contract.currency, parseCurrency(currency), true, place);
    const amount = (agreedAmount as string | undefined) ?? contract.agreedAmount ?? null;
    const { terms } = checked(ContractRenewal, { terms: input.terms }, { create: false, required: [] });
    const contractRenewal = change.note(ContractRenewal, {
      contract: contract.id,
      fromEndsOn: contract.endsOn,
      toEndsOn: endsOn,
      fromDueOn: contract.dueOn,
      // a former term is not published again, and the new one is, even if it is due on the same day
      checkedDueOn: contract.checkedDueOn === contract.dueOn ? contract.dueOn : null,
      toDueOn: dueOn ?? null,
      oldAmount: contract.agreedAmount,
      newAmount: amount,
      currency: contract.currency,
      terms,
      renewedBy: ctx.user.id,
    } as never);
    change.update(
      Contract,
      contract,
      {
        endsOn,
        agreedAmount: amount,
        dueOn: (dueOn ?? null) as string | null,
        term: contract.term + 1,
        status: 'IN_FORCE',
      },
      { event: 'renewed', data: { fromStatus: from, toStatus: 'IN_FORCE' } },
    );
    if (dueOn && dueOn === contract.checkedDueOn)
      await change.query('update contract set checked_due_on = null where tenant_id = $1 and id = $2', [
        ctx.tenant.id,
        contract.id,
      ]);
    return { contract: contract.id, contractRenewal };
  });
}

/** Whether there are amounts in the currency of a contract: its own, those of its renewals, or payments. */
async function hasMoney(change: Change, contract: Stored<Contract>): Promise<boolean> {
  if (isMoney(contract.agreedAmount) || contract.term > 1) return true;
  const [row] = await change.query(
    'select exists (select 1 from payment where tenant_id = $1 and contract_id = $2 and deleted_at is null)',
    [change.ctx.tenant.id, contract.id],
  );
  return row![0] === 't';
}

/** Contracts that have expired and are not marked so yet. */
export const ended: DatedRecords = {
  entity: Contract,
  open: `t.status = 'IN_FORCE'`,
  day: 'endsOn',
  from: 'the day after',
};

/**
 * Marks contracts in force as expired whose last day lies before today in the tenant's time zone, at most 500; returns
 * how many. Those that were changed within so many seconds are left for later, and those that somebody else has in hand.
 */
export function expire(ctx: Context, untouchedFor = 0): Promise<number> {
  permit(ctx.rights, 'contractsExpire');
  return command(ctx, 'contract.expire', async (change) => {
    let count = 0;
    for (const contract of await datedOnes(change, Contract, ended, untouchedFor)) {
      count += 1;
      change.update(
        Contract,
        contract,
        { status: 'EXPIRED' },
        { event: eventOf.EXPIRED, data: { fromStatus: 'IN_FORCE', toStatus: 'EXPIRED', reason: null } },
      );
    }
    return count;
  });
}

const eventOf: Record<ContractStatus, string> = {
  DRAFT: 'updated',
  IN_FORCE: 'signed',
  EXPIRED: 'expired',
  TERMINATED: 'terminated',
};

/** The one place where a contract changes its state without being renewed: asks the table, says so to the world. A move to where it stands is none: false. */
function move(
  change: Change,
  contract: Stored<Contract>,
  status: ContractStatus,
  values: { signedOn?: string } = {},
  reason: string | null = null,
): boolean {
  const from = statusOn(contract, dayIn(change.ctx.tenant.timeZone));
  if (from === status) return false;
  check(contractStates.refusal(from, status));
  return change.update(
    Contract,
    contract,
    { ...values, status },
    { event: eventOf[status], data: { fromStatus: from, toStatus: status, reason } },
  );
}

/** Hides a contract; its number becomes free. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'contract.delete', async (change) => {
    const contract = await change.get(Contract, id, { version });
    change.hide(Contract, contract);
    return contract.id;
  });
}

/** Brings a deleted contract back, changed as `input` says. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, UNKNOWN_REFERENCE, wrong fields, and NUMBER_TAKEN if its number was given away meanwhile. */
export function restore(ctx: Context, id: string, input: ContractInput = {}, version?: number | null): Promise<string> {
  can.restore.demand(ctx.rights);
  return command(ctx, 'contract.restore', async (change) => {
    const contract = await change.get(Contract, id, { deleted: true, version });
    const values = await prepared(change, input, false);
    inOrder('startsOn', 'endsOn', { ...input }, { ...contract, ...values });
    change.update(Contract, contract, values);
    await bringBack(change, Contract, contract);
    if (input.status) await moveTo(change, contract, input.status, null);
    return contract.id;
  });
}

async function prepared(change: Change, input: ContractInput, creating: boolean): Promise<Partial<Stored<Contract>>> {
  const { amount, ...fields } = input as ContractInput & Record<string, unknown>;
  const { currency, place } = currencyIn({ amount });
  const values = checked(
    Contract,
    { ...fields, status: undefined, agreedAmount: amountIn(amount), currency },
    {
      create: creating,
      required: creating ? required.filter((field) => field !== 'code') : required,
      named: placesOf({ agreedAmount: 'amount' }, place),
    },
  );
  const customer = await change.reference(Customer, input.customer, ['customer']);
  if (customer) values['customer'] = customer;
  const opportunity = await change.reference(Opportunity, input.opportunity, ['opportunity']);
  if (opportunity !== undefined) values['opportunity'] = opportunity;
  return values as Partial<Stored<Contract>>;
}
