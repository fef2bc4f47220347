import { refuse } from '../core/errors.js';
import type { MoneyInput } from '../model/money.js';
import { isBlank } from '../model/texts.js';

/** Amounts of an input by the names that it has for them; left out, null to clear, or given. */
export type AmountsIn = Record<string, MoneyInput | null | undefined>;

/** An amount of an input as a column: undefined leaves it alone, null clears it. */
export const amountIn = (money: MoneyInput | null | undefined): string | null | undefined =>
  money === undefined ? undefined : (money?.amount ?? null);

/**
 * The one currency that the amounts of an input name, or its field `currency`, and where it does: a record has one for
 * all its amounts. Refuses REQUIRED for one that is blank, INVALID for a second one.
 */
export function currencyIn(amounts: AmountsIn, own?: string | null): { currency: string | undefined; place: string } {
  const named = Object.entries({ '': { currency: own }, ...amounts }).flatMap(([name, money]) =>
    isSaid(money) ? [{ currency: money.currency, place: name === '' ? 'currency' : `${name}.currency` }] : [],
  );
  const blank = named.find(({ currency }) => isBlank(currency));
  if (blank) throw refuse('REQUIRED', blank.place.split('.'));
  const other = named.find(({ currency }) => currency.trim().toUpperCase() !== named[0]!.currency.trim().toUpperCase());
  if (other) throw refuse('INVALID', other.place.split('.'));
  return named[0] ?? { currency: undefined, place: `${Object.keys(amounts)[0]}.currency` };
}

const isSaid = <M extends { currency?: string | null | undefined }>(
  money: M | null | undefined,
): money is M & { currency: string } => money?.currency !== undefined && money.currency !== null;

/** What checked values call their places in an input: each amount with its currency. */
export const placesOf = (amounts: Record<string, string>, place: string): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(amounts).map(([column, name]) => [column, `${name}.amount`])),
  currency: place,
});

/** Whether there is an amount that a currency says something of: nought is nought in every currency. */
export const isMoney = (amount: unknown): boolean => amount !== null && amount !== undefined && Number(amount) !== 0;

/** Refuses CURRENCY_FIXED where another currency is given for a record that has money in its own. */
export function keepCurrency(stored: string, given: unknown, hasMoney: boolean, place: string): void {
  if (given === undefined || given === null || given === stored || !hasMoney) return;
  throw refuse('CURRENCY_FIXED', place.split('.'), { currency: stored });
}
