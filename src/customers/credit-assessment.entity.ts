import { Exact, OnDay, Text, To, Whole } from '../model/columns.js';
import { Owned, Table } from '../model/entity.js';
import { type Money, MoneyOf } from '../model/fields.js';
import { User } from '../identity/user.entity.js';
import { Customer } from './customer.entity.js';

/** History: an assessment is never changed; a later one takes its place. */
@Table({
  description: 'A judgement on how much credit a customer deserves.',
  indexes: [['customer', 'assessedOn']],
  orders: ['assessedOn', 'createdAt', 'score'],
})
export class CreditAssessment extends Owned {
  @To(() => Customer, { belongs: true, description: 'The customer; null if it is deleted or hidden from the caller.' })
  customer!: Customer;

  @OnDay({ description: 'Day of the assessment.' })
  assessedOn!: string;

  @Text({ max: 100, description: 'Who assessed, as text: a person or an agency.' })
  assessor!: string;

  @Whole({ range: [0, 100], description: 'Score, 0 to 100, the more the better.' })
  score!: number;

  @Exact({
    hidden: true,
    nullable: true,
    mask: 'amount',
    range: [0, 9_999_999_999_999],
    description: "Credit limit that it grants; it becomes the customer's. Left out, the customer's stays.",
  })
  creditLimit?: string | null;

  @MoneyOf('creditLimit', {
    description: 'Credit limit that it granted; null if it left the limit alone or if hidden from the caller.',
  })
  limit?: Money | null;

  @Text({ hidden: true, max: 3, format: 'currency', description: 'Currency of the limit.', default: 'CNY' })
  currency!: string;

  @Text({ max: 2000, nullable: true, description: 'Remarks on the assessment, free text.' })
  remarks?: string | null;

  @To(() => User, { nullable: true, description: 'Who entered it; null if the server did.' })
  enteredBy?: User | null;
}
