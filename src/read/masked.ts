import type { Mask } from '../model/columns.js';

/** What those see of a value with a mask who may not see the value (SQL). */
export function maskedForm(plain: string, mask: Mask, sqlType: string): string {
  if (mask === 'phone') return `mask_phone(${plain})`;
  if (mask === 'email') return `mask_email(${plain})`;
  return `null::${sqlType}`;
}
