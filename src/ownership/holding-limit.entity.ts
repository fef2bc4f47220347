import { Flag, OneOf, SomeOf, To, Whole } from '../model/columns.js';
import { Editable, Table } from '../model/entity.js';
import { CustomerStatus, CustomerTier } from '../customers/customer.entity.js';
import { Department } from '../departments/department.entity.js';
import { User } from '../identity/user.entity.js';
import { LeadStatus } from '../leads/lead.entity.js';
import { PoolKind } from '../pools/pool.entity.js';

@Table({
  description:
    'How many customers or leads somebody may look after at once: of several that apply that of the user, else that of the nearest department. Leads that have been converted never count.',
  uniqueActive: [
    ['kind', 'user'],
    ['kind', 'department'],
  ],
})
export class HoldingLimit extends Editable {
  @OneOf(PoolKind, { filter: true, input: true, description: 'What is limited; never changes.' })
  kind!: PoolKind;

  @To(() => User, {
    nullable: true,
    filter: true,
    input: true,
    description: 'Whose records are limited; never changes.',
  })
  user?: User | null;

  @To(() => Department, {
    nullable: true,
    filter: true,
    input: true,
    description: 'Each of whose members is limited so, those of departments below it included; never changes.',
  })
  department?: Department | null;

  @Whole({ input: true, range: [0, 1_000_000], description: 'How many at once.' })
  max!: number;

  @SomeOf(CustomerTier, { description: 'Customers of these tiers do not count.' })
  uncountedTiers!: CustomerTier[];

  @SomeOf(CustomerStatus, { description: 'Customers in these states do not count.' })
  uncountedStatuses!: CustomerStatus[];

  @SomeOf(LeadStatus, { description: 'Leads in these states do not count.' })
  uncountedLeadStatuses!: LeadStatus[];

  @Flag({ input: true, default: false, description: 'True if customers with a contract in force do not count.' })
  uncountedInForce!: boolean;
}
