import { At, OneOf, Text, To, Whole } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { enumeration } from '../model/enumeration.js';
import { Customer } from '../customers/customer.entity.js';

export const UsageKind = enumeration('UsageKind', 'What somebody at a customer did with our product.', {
  LOGIN: 'Logged in.',
  FEATURE: 'Used a feature.',
  SESSION: 'Ended a session, which had a length.',
});
export type UsageKind = keyof typeof UsageKind;

/** Written once, many at a time, never changed. */
@Table({
  description: 'Something that somebody at a customer did with our product.',
  indexes: [['customer', 'at']],
  audited: false,
  orders: ['at'],
})
export class UsageEvent extends Owned {
  @To(() => Customer, {
    belongs: true,
    description: 'Whose people it was; null if the customer is deleted or hidden from the caller.',
  })
  customer!: Customer;

  @Text({ max: 200, nullable: true, description: 'Who, as our product knows them.' })
  person?: string | null;

  @OneOf(UsageKind, { description: 'What they did.' })
  kind!: UsageKind;

  @Text({ max: 200, nullable: true, description: 'Which feature; required for FEATURE.' })
  feature?: string | null;

  @At({ description: 'When it was used.', default: 'now()' })
  at!: string;

  @Whole({ nullable: true, range: [0, 31_536_000], description: 'How long, in seconds.' })
  durationSeconds?: number | null;
}
