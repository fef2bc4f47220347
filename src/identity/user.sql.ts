import type { Scope } from '../model/fields.js';
import { keyPrefix, systemSubject } from './user.entity.js';

/** Whether records can be looked after by a user: neither by the server itself nor by the user of an API key, nor by somebody who has left. */
export function isAssignable(user: Scope): string {
  const subject = user.col('subject');
  return `(${user.col('active')} and ${subject} <> '${systemSubject}' and not starts_with(${subject}, '${keyPrefix}'))`;
}
