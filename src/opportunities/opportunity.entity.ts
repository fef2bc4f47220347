import { Entity, Property } from '@mikro-orm/decorators/legacy';
import { At, Exact, OnDay, OneOf, Text, To, Whole } from '../model/columns.js';
import { Editable, Owned, Table } from '../model/entity.js';
import { Computed, embedded, Money, MoneyOf, moneyOf } from '../model/fields.js';
import { Day } from '../model/scalars.js';
import { enumeration } from '../model/enumeration.js';
import { NgramRow } from '../model/ngram-index.js';
import { Campaign } from '../campaigns/campaign.entity.js';
import { Customer } from '../customers/customer.entity.js';
import { User } from '../identity/user.entity.js';

export const OpportunityStage = enumeration('OpportunityStage', 'How far an opportunity has come.', {
  PROSPECTING: 'Found, nothing discussed yet; by default 10 % likely.',
  QUALIFICATION: 'Need and budget are being checked; by default 10 % likely.',
  NEEDS_ANALYSIS: 'Requirements are being worked out; by default 20 % likely.',
  PROPOSAL: 'An offer is out; by default 40 % likely.',
  NEGOTIATION: 'Terms are being negotiated; by default 60 % likely.',
  CLOSED_WON: 'Won; 100 %.',
  CLOSED_LOST: 'Lost; 0 %.',
});
export type OpportunityStage = keyof typeof OpportunityStage;

/** How likely an opportunity at a stage is, in percent, where nobody says otherwise; also the weights of the forecast. */
export const likelihood: Record<OpportunityStage, number> = {
  PROSPECTING: 10,
  QUALIFICATION: 10,
  NEEDS_ANALYSIS: 20,
  PROPOSAL: 40,
  NEGOTIATION: 60,
  CLOSED_WON: 100,
  CLOSED_LOST: 0,
};

@Table({
  description: 'An opportunity in the making with a customer.',
  kept: true,
  unique: [['code']],
  indexesWhere: { opportunity_deleted: [['id'], 'deleted_at is not null'] },
  indexes: [
    ['customer'],
    ['owner'],
    ['campaign'],
    ['stage'],
    ['createdAt', 'number'],
    ['name', 'number'],
    ['expectedCloseOn'],
  ],
  orders: [
    'updatedAt',
    'probability',
    'expectedAmount',
    'expectedCloseOn',
    'closedAt',
    ['stage', Object.keys(OpportunityStage)],
  ],
})
export class Opportunity extends Editable {
  @Text({
    max: 32,
    searched: true,
    description: 'Opportunity number, e.g. `OPP001`; given by the server, unique in the tenant.',
  })
  code!: string;

  @To(() => Customer, {
    input: true,
    belongs: true,
    description: 'With whom; null if the customer is deleted or hidden from the caller.',
  })
  customer!: Customer;

  @To(() => User, { input: true, nullable: true, description: 'Who works on it; null if nobody does.' })
  owner?: User | null;

  @To(() => Campaign, { input: true, nullable: true, description: 'The campaign it came from; null if from none.' })
  campaign?: Campaign | null;

  @Text({ input: true, max: 200, searched: true, sorted: true, description: 'What it is about.' })
  name!: string;

  @Text({ input: true, max: 5000, nullable: true, description: 'Details, free text.' })
  description?: string | null;

  @OneOf(OpportunityStage, { description: 'How far it has come.', default: 'PROSPECTING' })
  stage!: OpportunityStage;

  @Whole({
    input: true,
    range: [0, 100],
    percent: true,
    description:
      'Likelihood of winning, 0 to 100, whole. If left out, the one of the stage; 100 when won, 0 when lost.',
    default: 10,
  })
  probability!: number;

  @Exact({
    compared: true,
    hidden: true,
    nullable: true,
    mask: 'amount',
    range: [0, 9_999_999_999_999],
    description: 'Expected amount.',
  })
  expectedAmount?: string | null;

  @Exact({
    hidden: true,
    nullable: true,
    mask: 'amount',
    range: [0, 9_999_999_999_999],
    description: 'Amount it was won with.',
  })
  wonAmount?: string | null;

  @MoneyOf('expectedAmount', { description: 'Expected amount; null if not known yet or hidden from the caller.' })
  amount?: Money | null;

  @MoneyOf('wonAmount', {
    description: 'Amount it was won with; null while it is not won or if hidden from the caller.',
  })
  actualAmount?: Money | null;

  @embedded(() => Money, 'Expected amount times probability; null where `amount` is.', {
    kind: 'embed',
    light: true,
    ...moneyOf((row) => `${row.shown('expectedAmount')} * ${row.col('probability')} / 100`),
  })
  weightedAmount?: Money | null;

  @Text({ hidden: true, max: 3, format: 'currency', description: 'Currency of the amounts.', default: 'CNY' })
  currency!: string;

  @OnDay({ input: true, nullable: true, description: 'Day on which it is expected to close.' })
  expectedCloseOn?: string | null;

  @At({ nullable: true, description: 'When it was won or lost; null while it is open.' })
  closedAt?: string | null;

  @Computed(() => Day, {
    nullable: true,
    description: 'Day on which the opportunity was won or lost, in the time zone of the tenant; null while it is open.',
    sql: (row) => `((${row.col('closedAt')} at time zone ${row.zone()})::date)::text`,
  })
  closedOn?: string | null;

  @Text({ max: 500, nullable: true, description: 'Why it was won or lost.' })
  closeReason?: string | null;
}

/** History: written with each move, never changed. */
@Table({
  description: 'One move of an opportunity from stage to stage.',
  indexes: [['opportunity']],
  orders: ['createdAt'],
})
export class StageChange extends Owned {
  @To(() => Opportunity, {
    belongs: true,
    description: 'The opportunity; null if it is deleted or hidden from the caller.',
  })
  opportunity!: Opportunity;

  @OneOf(OpportunityStage, { nullable: true, description: 'Where it came from; null for its creation.' })
  fromStage?: OpportunityStage | null;

  @OneOf(OpportunityStage, { description: 'Where it went.' })
  toStage!: OpportunityStage;

  @Text({ max: 500, nullable: true, description: 'Why, as far as it was said.' })
  reason?: string | null;

  @To(() => User, { nullable: true, description: 'Who moved it; null if the server did.' })
  changedBy?: User | null;

  /** seconds that it had been at `fromStage`; null for its creation, and where it has yet to be worked out */
  @Property({ type: 'string', columnType: 'numeric(15,3)', nullable: true })
  stayed?: string | null;

  /** it had been at `toStage` before; null for its creation, and where it has yet to be worked out */
  @Property({ type: 'boolean', nullable: true })
  returned?: boolean | null;
}

/** What opportunities are found by. */
@Entity({ tableName: 'opportunity_gram' })
export class OpportunityNgram extends NgramRow {}
