import { Arg, Ctx, ID, Info, Query, Resolver } from 'type-graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../core/context.js';
import { Node } from '../core/entity.js';
import { anyRecord } from '../read/plain.js';

@Resolver()
export class NodeQueries {
  @Query(() => Node, { nullable: true, description: 'Any record by its opaque id; null if there is none that the caller may see.' })
  node(@Ctx() ctx: Context, @Info() info: GraphQLResolveInfo, @Arg('id', () => ID, { description: 'Opaque id.' }) id: string): Promise<object | null> {
    return anyRecord(info.schema, ctx, id);
  }
}
