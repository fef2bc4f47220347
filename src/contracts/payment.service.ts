import { command, type Change, type Stored } from '../write/command.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import { mayWrite } from '../core/rights.js';
import { checked } from '../write/validation.js';
import { Contract } from './contract.entity.js';
import { Payment } from './payment.entity.js';
import type { PaymentInput } from './payment.inputs.js';
import './contract.policy.js';

/**
 * Enters a payment for a contract. More than the contract's amount is taken only with `allowOverpayment`; a contract
 * without an amount takes any. Refuses REQUIRED, OUT_OF_RANGE, UNKNOWN_REFERENCE, OVERPAYMENT and invalid fields.
 */
export function pay(ctx: Context, input: PaymentInput, allowOverpayment = false): Promise<string> {
  mayWrite(ctx.rights);
  return command(ctx, 'payment.create', async (change) => {
    const values = checked(
      Payment,
      { ...input, paidAmount: input.amount, paidAt: input.paidAt ?? undefined },
      { create: true, required: ['contract', 'paidAmount'], named: { paidAmount: 'amount' } },
    );
    // the lock on the contract makes payments of one contract wait for each other: together they cannot exceed it
    const contract = await change.find(Contract, parseKey(String(input.contract)));
    if (!contract) throw refuse('UNKNOWN_REFERENCE', ['contract']);
    if (!allowOverpayment && (await exceeds(change, contract, String(values['paidAmount']))))
      throw refuse('OVERPAYMENT', ['amount']);
    return change.insert(Payment, { ...values, contract: contract.id, currency: contract.currency } as never, {
      data: { contract: contract.id },
    });
  });
}

/** Hides a payment that was entered by mistake; it no longer counts. Refuses NOT_FOUND, VERSION_CONFLICT. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  mayWrite(ctx.rights);
  return command(ctx, 'payment.delete', async (change) => {
    const payment = await change.get(Payment, id, { version });
    change.hide(Payment, payment);
    return payment.id;
  });
}

async function exceeds(change: Change, contract: Stored<Contract>, amount: string): Promise<boolean> {
  if (contract.agreedAmount === null || contract.agreedAmount === undefined) return false;
  const [row] = await change.query(
    'select coalesce(sum(paid_amount), 0) + round($3::numeric, 2) > $4::numeric from payment where tenant_id = $1 and contract_id = $2 and deleted_at is null',
    [change.ctx.tenant.id, contract.id, amount, contract.agreedAmount],
  );
  return row![0] === 't';
}
