import type { Scope } from '../model/fields.js';
import { Opportunity } from './opportunity.entity.js';

/** SQL condition on an opportunity: neither won nor lost. */
export const isOpen = (opportunity: Scope): string =>
  `${opportunity.col('stage')} not in ('CLOSED_WON', 'CLOSED_LOST')`;

/** SQL condition: won. */
export const isWon = (opportunity: Scope): string => `${opportunity.col('stage')} = 'CLOSED_WON'`;

/** SQL condition: a move of an opportunity with the customer of that id. */
export function isOfCustomer(change: Scope, customer: string, isVisible: boolean): string {
  const { from, where, row: opportunity } = change.rows(Opportunity, false, isVisible ? 'customer' : undefined);
  return `${change.col('opportunity')} in (select ${opportunity.col('id')} from ${from} where ${where} and ${opportunity.col('customer')} = ${customer})`;
}
