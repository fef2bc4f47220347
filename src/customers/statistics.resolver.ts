import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { rootField } from '../graphql/fields.js';
import { deletedArgument } from '../read/list.js';
import { linkedStatistics } from './linked-customer.service.js';
import { CustomerBreakdown, LinkedCustomerBreakdown } from './statistics.inputs.js';
import { breakdown } from './statistics.service.js';
import { LinkedCustomerFilter } from './tenant-link.inputs.js';

const StatisticsField = rootField('customerStatistics', () => CustomerBreakdown, { description: 'How many customers the caller may see, by state, kind, tier and size.' }, { kind: 'report', of: breakdown }, { deleted: [() => Boolean, deletedArgument, 'optional'] });

@Resolver()
class LinkedStatistics {
  @Query(() => LinkedCustomerBreakdown, { description: 'How many customers tenants have linked to this one; only for those who administer this tenant.' })
  linkedCustomerStatistics(
    @Ctx() ctx: Context,
    @Arg('filter', () => LinkedCustomerFilter, { nullable: true, description: 'Only customers that meet all of these conditions.' }) filter?: LinkedCustomerFilter | null,
  ): Promise<object> {
    return linkedStatistics(ctx, filter ?? {});
  }
}

export const statisticsResolvers = [StatisticsField, LinkedStatistics];
