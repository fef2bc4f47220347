import { restoreRecord } from '../write/restore.js';
import { command, type Change, type Stored } from '../write/command.js';
import type { Context } from '../core/context.js';
import { refuse } from '../core/errors.js';
import { parseKey } from '../core/id.js';
import { permit } from '../core/needs.js';
import { amountIn, currencyIn, keepCurrency, placesOf } from '../write/amounts.js';
import { checked } from '../write/validation.js';
import { Contract } from './contract.entity.js';
import { lookAgain } from './overdue.service.js';
import { Payment } from './payment.entity.js';
import type { PaymentInput } from './payment.inputs.js';
import { paymentActions as can } from './contract.policy.js';
import './contract.events.js';

/**
 * Enters a payment for a contract, or a refund. More than what the contract owes is taken only with `allowOverpayment`; a
 * contract without an amount takes any. A refund gives back no more than was received. Refuses REQUIRED, OUT_OF_RANGE,
 * UNKNOWN_REFERENCE, OVERPAYMENT, REFUND_TOO_LARGE, CURRENCY_FIXED and wrong fields.
 */
export function pay(ctx: Context, input: PaymentInput, allowOverpayment = false): Promise<string> {
  permit(ctx.rights, 'paymentCreate');
  return command(ctx, 'payment.create', async (change) => {
    const { currency, place } = currencyIn({ amount: input.amount });
    const values = checked(
      Payment,
      {
        ...input,
        kind: input.kind ?? undefined,
        paidAmount: amountIn(input.amount),
        paidAt: input.paidAt ?? undefined,
        currency,
      },
      {
        create: true,
        required: ['contract', 'paidAmount'],
        named: placesOf({ paidAmount: 'amount' }, place),
      },
    );
    // the lock on the contract makes payments of one contract wait for each other: together they cannot exceed it
    const contract = await change.find(Contract, parseKey(String(input.contract)));
    if (!contract) throw refuse('UNKNOWN_REFERENCE', ['contract']);
    keepCurrency(contract.currency, values['currency'], true, place);
    const isRefund = values['kind'] === 'REFUND';
    if (isRefund || !allowOverpayment) {
      const { short, over } = await balance(change, contract, String(values['paidAmount']));
      if (isRefund && short) throw refuse('REFUND_TOO_LARGE', ['amount', 'amount']);
      if (!isRefund && over) throw refuse('OVERPAYMENT', ['amount', 'amount']);
    }
    if (isRefund) await lookAgain(change, contract);
    return change.insert(Payment, { ...values, contract: contract.id, currency: contract.currency } as never, {
      data: { contract: contract.id, kind: values['kind'] ?? 'PAYMENT' },
    });
  });
}

/** Hides a payment that was entered by mistake; it no longer counts. Refuses NOT_FOUND, VERSION_CONFLICT, and REFUND_TOO_LARGE where more has been paid back than the others come to. */
export function remove(ctx: Context, id: string, version?: number | null): Promise<string> {
  can.delete.demand(ctx.rights);
  return command(ctx, 'payment.delete', async (change) => {
    const payment = await change.get(Payment, id, { version });
    const contract = payment.kind === 'PAYMENT' && (await change.find(Contract, { id: payment.contract! }));
    if (contract) {
      if ((await balance(change, contract, payment.paidAmount)).short) throw refuse('REFUND_TOO_LARGE');
      await lookAgain(change, contract);
    }
    change.hide(Payment, payment);
    return payment.id;
  });
}

/** Brings a deleted payment or refund back. Refuses FORBIDDEN, NOT_FOUND, VERSION_CONFLICT, UNKNOWN_REFERENCE, OVERPAYMENT, REFUND_TOO_LARGE. */
export const restore = (ctx: Context, id: string, version?: number | null): Promise<string> =>
  restoreRecord(ctx, can.restore, id, version, async (change, payment) => {
    const contract = await change.find(Contract, { id: payment.contract! });
    if (!contract) return;
    const isRefund = payment.kind === 'REFUND';
    const { short, over } = await balance(change, contract, payment.paidAmount);
    if (isRefund && short) throw refuse('REFUND_TOO_LARGE', ['amount']);
    if (!isRefund && over) throw refuse('OVERPAYMENT', ['amount']);
    if (isRefund) await lookAgain(change, contract);
  });

/** Whether what was received falls `short` of an amount, and whether with it it is `over` what all terms come to. */
async function balance(
  change: Change,
  contract: Stored<Contract>,
  amount: string,
): Promise<{ short: boolean; over: boolean }> {
  const [row] = await change.query(
    `select p.paid < $3::numeric, coalesce(p.paid + $3::numeric > $4::numeric + r.former, false)
      from (select coalesce(sum(case when kind = 'REFUND' then - paid_amount else paid_amount end), 0) paid from payment where tenant_id = $1 and contract_id = $2 and deleted_at is null) p,
        (select coalesce(sum(old_amount), 0) former from contract_renewal where tenant_id = $1 and contract_id = $2) r`,
    [change.ctx.tenant.id, contract.id, amount, contract.agreedAmount ?? null],
  );
  const [short, over] = row!.map((value) => value === 't') as [boolean, boolean];
  return { short, over };
}
