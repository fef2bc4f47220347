import type { Reach, Rights } from '../core/rights.js';
import type { Mask } from './columns.js';

/** The partial forms that the database functions `mask_phone` and `mask_email` give; tested against them. */
const digits = (phone: string): string => phone.replace(/\D/g, '');

export const maskPhone = (phone: string): string =>
  digits(phone).length < 7 ? '***' : `${digits(phone).slice(0, 3)}****${digits(phone).slice(-4)}`;

export const maskEmail = (email: string): string =>
  email.indexOf('@') < 1 ? '***' : `${email[0]}***${email.slice(email.indexOf('@'))}`;

/**
 * True if a value that was sent is only the masked form of what is stored: its sender could not see more, so it is not
 * a change.
 */
export function isMaskOf(sent: unknown, stored: unknown, mask: string | undefined): boolean {
  if (typeof sent !== 'string' || typeof stored !== 'string' || sent === stored) return false;
  return (mask === 'phone' && sent === maskPhone(stored)) || (mask === 'email' && sent === maskEmail(stored));
}

/** How far the caller sees values with that mask. */
export const reachOf = (rights: Rights, mask: Mask): Reach => (mask === 'amount' ? rights.amounts : rights.contactData);
