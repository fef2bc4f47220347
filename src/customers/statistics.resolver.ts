import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { deletedArgument } from '../read/list.js';
import { CustomerFilter } from './customer.inputs.js';
import { linkedStatistics } from './linked-customer.service.js';
import { customerStatistics } from './statistics.service.js';
import { CustomerStatistics, LinkedCustomerStatistics } from './statistics.inputs.js';
import { LinkedCustomerFilter } from './tenant-link.inputs.js';

@Resolver()
class StatisticsQueries {
  @Query(() => CustomerStatistics, { description: 'How many customers the caller may see, by state, kind, tier and size.' })
  customerStatistics(
    @Ctx() ctx: Context,
    @Arg('filter', () => CustomerFilter, { nullable: true, description: 'Only customers that meet all of these conditions.' }) filter?: CustomerFilter | null,
    @Arg('deleted', () => Boolean, { nullable: true, description: deletedArgument }) deleted?: boolean | null,
  ): Promise<object> {
    return customerStatistics(ctx, filter ?? null, deleted ?? null);
  }

  @Query(() => LinkedCustomerStatistics, { description: 'How many customers tenants have linked to this one; only for those who administer this tenant.' })
  linkedCustomerStatistics(
    @Ctx() ctx: Context,
    @Arg('filter', () => LinkedCustomerFilter, { nullable: true, description: 'Only customers that meet all of these conditions.' }) filter?: LinkedCustomerFilter | null,
  ): Promise<object> {
    return linkedStatistics(ctx, filter ?? {});
  }
}

export const statisticsResolvers = [StatisticsQueries];
