import { Exact, OnDay, OneOf, Text, To, Whole } from '../model/columns.js';
import { Editable, Table } from '../model/entity.js';
import { type Money, MoneyOf } from '../model/fields.js';
import { enumeration } from '../model/enumeration.js';
import { Customer } from '../customers/customer.entity.js';
import { Opportunity } from '../opportunities/opportunity.entity.js';

export const ContractKind = enumeration('ContractKind', 'What a contract is about.', {
  SERVICE: 'Services.',
  PURCHASE: 'Purchase of goods.',
  FRAMEWORK: 'Frame for later orders.',
});
export type ContractKind = keyof typeof ContractKind;

export const ContractStatus = enumeration('ContractStatus', 'Where a contract stands.', {
  DRAFT: 'Not in force yet.',
  IN_FORCE: 'Binding.',
  EXPIRED: 'The term has ended: from the day after its last one on, in the time zone of the tenant.',
  TERMINATED: 'Ended before its term.',
});
export type ContractStatus = keyof typeof ContractStatus;

export const RenewalKind = enumeration('RenewalKind', 'How a contract is renewed.', {
  MANUAL: 'By hand.',
  AUTOMATIC: 'By itself unless somebody objects.',
});
export type RenewalKind = keyof typeof RenewalKind;

@Table({
  description: 'An agreement with a customer.',
  kept: true,
  indexesWhere: {
    contract_ending: [['endsOn'], "status = 'IN_FORCE' and deleted_at is null"],
    contract_deleted: [['id'], 'deleted_at is not null'],
    contract_due: [
      ['dueOn'],
      "status in ('IN_FORCE', 'EXPIRED') and checked_due_on is distinct from due_on and deleted_at is null",
    ],
  },
  uniqueActive: [['codeKey']],
  indexes: [['customer'], ['opportunity'], ['endsOn'], ['dueOn'], ['name', 'number']],
  orders: ['createdAt', 'updatedAt', 'code', 'agreedAmount', 'startsOn', 'endsOn', 'dueOn'],
})
export class Contract extends Editable {
  @Text({
    input: true,
    max: 64,
    alike: true,
    description:
      'Contract number, e.g. `CONT-20260301-0001`; given by the server unless it was named; unique among the contracts of the tenant that are not deleted.',
  })
  code!: string;

  @To(() => Customer, {
    input: true,
    belongs: true,
    description: 'With whom; null if the customer is deleted or hidden from the caller.',
  })
  customer!: Customer;

  @To(() => Opportunity, { input: true, nullable: true, description: 'The opportunity it came from.' })
  opportunity?: Opportunity | null;

  @Text({ input: true, max: 200, sorted: true, description: 'Title.' })
  name!: string;

  @OneOf(ContractKind, { input: true, description: 'What it is about.', default: 'SERVICE' })
  kind!: ContractKind;

  @OneOf(ContractStatus, {
    description: 'Where it stands today.',
    default: 'DRAFT',
    asOfNow: (row) =>
      `case when ${row.col('status')} = 'IN_FORCE' and ${row.col('endsOn')} < ${row.today()} then 'EXPIRED' else ${row.col('status')} end`,
  })
  status!: ContractStatus;

  @Exact({
    compared: true,
    hidden: true,
    nullable: true,
    mask: 'amount',
    range: [0, 9_999_999_999_999],
    description: 'Amount agreed.',
  })
  agreedAmount?: string | null;

  @MoneyOf('agreedAmount', { description: 'Amount agreed; null if none was or if hidden from the caller.' })
  amount?: Money | null;

  @Text({ hidden: true, max: 3, format: 'currency', description: 'Currency of the amount.', default: 'CNY' })
  currency!: string;

  @OnDay({ input: true, nullable: true, description: 'First day of its term.' })
  startsOn?: string | null;

  @OnDay({ input: true, nullable: true, description: 'Last day of its term.' })
  endsOn?: string | null;

  @OnDay({ input: true, nullable: true, description: 'Day of signature; null while unsigned.' })
  signedOn?: string | null;

  @OnDay({
    input: true,
    nullable: true,
    description: 'Day by which it is to be paid in full; null if none was agreed.',
  })
  dueOn?: string | null;

  @OnDay({
    hidden: true,
    nullable: true,
    description: 'The due day for which it has been looked whether it is overdue.',
  })
  checkedDueOn?: string | null;

  @Whole({ description: 'Which term the contract is in, counted from 1: each renewal opens the next one.', default: 1 })
  term!: number;

  @OneOf(RenewalKind, { input: true, description: 'How it is renewed.', default: 'MANUAL' })
  renewal!: RenewalKind;

  @Whole({
    input: true,
    range: [1, 365],
    description: 'How many days before its end somebody should be reminded, 1 to 365.',
    default: 90,
  })
  noticeDays!: number;

  @Text({ input: true, max: 200, nullable: true, description: 'Agreed terms of payment, free text.' })
  paymentTerms?: string | null;

  @Text({ input: true, max: 100, nullable: true, description: 'Agreed level of service, free text.' })
  serviceLevel?: string | null;

  @Text({ input: true, max: 500, nullable: true, description: 'Where the document is kept.' })
  fileUrl?: string | null;
}
