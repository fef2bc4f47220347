import type { CustomerStatus } from '../customers/customer.entity.js';
import type { ContractStatus } from '../contracts/contract.entity.js';
import type { OpportunityStage } from '../opportunities/opportunity.entity.js';
import type { Random } from './random.js';

type Stage = OpportunityStage;
const open = ['PROSPECTING', 'QUALIFICATION', 'NEEDS_ANALYSIS', 'PROPOSAL', 'NEGOTIATION'] as const satisfies Stage[];

/** Typical values for customers of each state. */
export const byCustomerStatus: Record<
  CustomerStatus,
  {
    share: number;
    health: [number, number];
    tiers: [number, number, number, number];
    first: Partial<Record<Stage, number>>;
    others: Partial<Record<Stage, number>>;
    contract: Partial<Record<ContractStatus, number>>;
  }
> = {
  POTENTIAL: {
    share: 34,
    health: [55, 85],
    tiers: [70, 22, 7, 1],
    first: { PROSPECTING: 30, QUALIFICATION: 25, NEEDS_ANALYSIS: 20, PROPOSAL: 15, NEGOTIATION: 10 },
    others: { PROSPECTING: 40, QUALIFICATION: 25, CLOSED_LOST: 35 },
    contract: { DRAFT: 1 },
  },
  ACTIVE: {
    share: 46,
    health: [60, 99],
    tiers: [35, 35, 20, 10],
    first: { CLOSED_WON: 1 },
    others: {
      PROSPECTING: 18,
      QUALIFICATION: 18,
      NEEDS_ANALYSIS: 16,
      PROPOSAL: 14,
      NEGOTIATION: 12,
      CLOSED_WON: 10,
      CLOSED_LOST: 12,
    },
    contract: { IN_FORCE: 1 },
  },
  INACTIVE: {
    share: 12,
    health: [35, 70],
    tiers: [60, 30, 8, 2],
    first: { CLOSED_WON: 1 },
    others: { PROSPECTING: 30, QUALIFICATION: 10, CLOSED_LOST: 60 },
    contract: { EXPIRED: 1 },
  },
  LOST: {
    share: 8,
    health: [5, 40],
    tiers: [70, 22, 7, 1],
    first: { CLOSED_WON: 1 },
    others: { CLOSED_LOST: 1 },
    contract: { TERMINATED: 2, EXPIRED: 1 },
  },
};

/** About how much an opportunity at a stage is worth: the further it came, the more is known to be in it. */
export const worth: Record<Stage, number> = {
  PROSPECTING: 120_000,
  QUALIFICATION: 150_000,
  NEEDS_ANALYSIS: 190_000,
  PROPOSAL: 240_000,
  NEGOTIATION: 280_000,
  CLOSED_WON: 220_000,
  CLOSED_LOST: 170_000,
};

export const isOpen = (stage: Stage): boolean => (open as readonly Stage[]).includes(stage);

/** The stages that an opportunity went through on its way to `stage`, first and last included; some are passed over, as in life. */
export function wayTo(stage: Stage, random: Random): Stage[] {
  if (stage === 'PROSPECTING') return [stage];
  const reached = isOpen(stage)
    ? (open as readonly Stage[]).indexOf(stage)
    : stage === 'CLOSED_WON'
      ? open.length
      : random.whole(1, open.length);
  return ['PROSPECTING', ...open.slice(1, reached).filter(() => random.chance(0.5)), stage];
}
