import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { linkedStatistics } from './linked-customer.service.js';
import { LinkedCustomerBreakdown } from './statistics.inputs.js';
import { LinkedCustomerFilter } from './tenant-link.inputs.js';

@Resolver()
class LinkedStatistics {
  @Query(() => LinkedCustomerBreakdown, {
    nullable: true,
    description: 'How many customers tenants have linked to this one; only for those who administer this tenant.',
  })
  linkedCustomerStatistics(
    @Ctx() ctx: Context,
    @Arg('filter', () => LinkedCustomerFilter, {
      nullable: true,
      description: 'Only customers that meet all of these conditions.',
    })
    filter?: LinkedCustomerFilter | null,
  ): Promise<object> {
    return linkedStatistics(ctx, filter ?? {});
  }
}

export const linkedStatisticsResolvers = [LinkedStatistics];
