import type { ColumnSpec } from './columns.js';

/** Invisible characters: what Unicode calls ignorable, and control characters. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/gu;

/** The text in one width and Unicode form, without invisible characters and white space around it. */
export const plain = (text: string): string =>
  text.replace(/\s/gu, ' ').replace(invisible, '').normalize('NFKC').trim();

/** Whether nothing of a text is seen: white space, marks of writing direction, characters of no width. */
export const isBlank = (text: string): boolean => /^[\s\p{Z}\u2800]*$/u.test(text.replace(invisible, ''));

/** One phone: digits in groups, perhaps with the country before and an extension behind. */
const phone = /^[+(]*\d[\d\s()./–—-]*(?:(?:x|ext\.?|#|转|分机)\s*\d{1,6})?$/i;

/** Digits behind a point that is no separator of a phone: `13800138000.0`, as spreadsheets write numbers. */
const fraction = /\d\.\d{0,2}$/;

/** Whether a text can be a phone, or several of them with commas, semicolons or slashes between: each of at least three digits. */
export function isPhone(text: string): boolean {
  return plain(text)
    .split(/[,;、]|\s\/\s/)
    .map((part) => part.trim())
    .every((part) => phone.test(part) && part.replace(/\D/g, '').length >= 3 && !fraction.test(part));
}

/** Whether a text that is looked for may be (a part of) a phone: at least four digits with what stands between them. */
export const isDialled = (text: string): boolean => {
  const sought = plain(text);
  return /^[\d\s+()./–—-]+$/.test(sought) && sought.replace(/\D/g, '').length >= 4;
};

/** Whether such a text is all digits, without what is dialled before a number: it is looked for as it is. */
export const isNumberAlone = (text: string): boolean => /^(?!86)[1-9]\d*$/.test(text.trim());

/** What stands in a value instead of what is hidden, by the kind of its mask. */
const hidden = { phone: /[*•●∗×]/u, email: /[*•●∗×]/u, contact: /[*•●∗×]{2}/u };

/** Whether a text for a column looks like the masked form of a value, whosever. */
export const isMasked = (text: string, mask: ColumnSpec['mask']): boolean =>
  mask !== undefined && mask !== 'amount' && hidden[mask].test(plain(text));
