import { Exact, OnDay, OneOf, Text, To, Whole } from '../model/columns.js';
import { Editable, Table } from '../model/entity.js';
import { Computed, embedded, Money, MoneyOf, moneyOf } from '../model/fields.js';
import { enumeration } from '../model/enumeration.js';
import { Percent } from '../model/scalars.js';
import { User } from '../identity/user.entity.js';

export const CampaignKind = enumeration('CampaignKind', 'By what means a campaign reaches people.', {
  EMAIL: 'By e-mail.',
  SOCIAL: 'In social media.',
  EVENT: 'With an event.',
  ADVERTISEMENT: 'With advertisements.',
});
export type CampaignKind = keyof typeof CampaignKind;

export const CampaignStatus = enumeration('CampaignStatus', 'Where a campaign stands.', {
  PLANNING: 'Being planned, until its first day in the time zone of the tenant.',
  ACTIVE: 'Running.',
  COMPLETED: 'Over: from the day after its last one on, in the time zone of the tenant.',
  CANCELLED: 'Called off.',
});
export type CampaignStatus = keyof typeof CampaignStatus;

const maxCounted = 2_147_483_647;
const maxMoney = 9_999_999_999_999;

@Table({
  description: 'An effort to win or keep customers, with what it cost and what came of it.',
  unique: [['code']],
  indexesWhere: {
    campaign_ending: [['endsOn'], "status = 'ACTIVE' and deleted_at is null"],
    campaign_beginning: [['startsOn'], "status = 'PLANNING' and deleted_at is null"],
  },
  indexes: [['status', 'startsOn'], ['startsOn'], ['name', 'number']],
  orders: ['createdAt', 'updatedAt', 'startsOn', 'endsOn', 'plannedBudget'],
})
export class Campaign extends Editable {
  @Text({ max: 32, description: 'Campaign number, e.g. `CMP001`; given by the server, unique in the tenant.' })
  code!: string;

  @Text({ input: true, max: 200, sorted: true, description: 'What the campaign is called.' })
  name!: string;

  @OneOf(CampaignKind, { input: true, description: 'By what means it reaches people.' })
  kind!: CampaignKind;

  @OneOf(CampaignStatus, {
    description:
      'Where it stands today: the server starts what is planned on its first day, and completes what is active behind its last one.',
    default: 'PLANNING',
    // who has touched it since may still be at it: that is left to the server
    asOfNow: (row) => {
      const touchedOn = `(${row.col('updatedAt')} at time zone ${row.zone()})::date`;
      const hasBegun = `${row.col('status')} = 'PLANNING' and ${row.col('startsOn')} <= ${row.today()} and ${touchedOn} < ${row.col('startsOn')}`;
      const isOver = `${row.col('endsOn')} < ${row.today()}`;
      return `case when ${row.col('status')} = 'ACTIVE' and ${isOver} and ${touchedOn} <= ${row.col('endsOn')} or ${hasBegun} and ${isOver} then 'COMPLETED' when ${hasBegun} then 'ACTIVE' else ${row.col('status')} end`;
    },
  })
  status!: CampaignStatus;

  @To(() => User, { input: true, nullable: true, description: 'Who runs it; null if nobody does.' })
  owner?: User | null;

  @Text({ input: true, max: 5000, nullable: true, description: 'Details, free text.' })
  description?: string | null;

  @Text({ input: true, max: 500, nullable: true, description: 'Whom it is for, free text.' })
  targetAudience?: string | null;

  @OnDay({ input: true, nullable: true, description: 'First day.' })
  startsOn?: string | null;

  @OnDay({ input: true, nullable: true, description: 'Last day.' })
  endsOn?: string | null;

  @Exact({ compared: true, hidden: true, nullable: true, mask: 'amount', range: [0, maxMoney], description: 'Budget.' })
  plannedBudget?: string | null;

  @Exact({ hidden: true, nullable: true, mask: 'amount', range: [0, maxMoney], description: 'What it cost.' })
  spentAmount?: string | null;

  @Exact({ hidden: true, nullable: true, mask: 'amount', range: [0, maxMoney], description: 'Revenue it brought.' })
  earnedAmount?: string | null;

  @MoneyOf('plannedBudget', { description: 'Budget; null if none was set or if hidden from the caller.' })
  budget?: Money | null;

  @MoneyOf('spentAmount', { description: 'What it cost so far; null if not known or if hidden from the caller.' })
  actualCost?: Money | null;

  @MoneyOf('earnedAmount', {
    description: 'Revenue it brought, as recorded; null if not known or if hidden from the caller.',
  })
  revenue?: Money | null;

  @Text({ hidden: true, max: 3, format: 'currency', description: 'Currency of the amounts.', default: 'CNY' })
  currency!: string;

  @Whole({ nullable: true, range: [0, maxCounted], description: 'How often it was shown; null while not recorded.' })
  impressions?: number | null;

  @Whole({
    nullable: true,
    range: [0, maxCounted],
    description: 'How often somebody followed it; null while not recorded.',
  })
  clicks?: number | null;

  @Whole({
    nullable: true,
    range: [0, maxCounted],
    description: 'How often somebody did what it was for; null while not recorded.',
  })
  conversions?: number | null;

  @Computed(() => Percent, {
    nullable: true,
    description: 'Conversions per click; null while there are no clicks.',
    sql: (row) => `round(${row.col('conversions')} * 100.0 / nullif(${row.col('clicks')}, 0), 2)`,
  })
  conversionRate?: number | null;

  @embedded(() => Money, 'Cost per click; null while there are no clicks or if hidden from the caller.', {
    kind: 'embed',
    ...moneyOf((row) => `round(${row.shown('spentAmount')} / nullif(${row.col('clicks')}, 0), 2)`),
  })
  costPerClick?: Money | null;

  @Computed(() => Percent, {
    nullable: true,
    description: 'Revenue of the budget; null while there is no budget or if hidden from the caller.',
    sql: (row) => `round(${row.shown('earnedAmount')} * 100 / nullif(${row.shown('plannedBudget')}, 0), 2)`,
  })
  returnOnInvestment?: number | null;
}
