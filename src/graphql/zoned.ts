import { isIntrospectionType, isObjectType, type GraphQLSchema } from 'graphql';
import type { Context } from '../core/context.js';
import { inZone } from '../model/zoned.js';
import { answer } from './payload.js';

/** Hands resolvers their arguments as they are meant in the tenant's time zone. To be called when the schema has its resolvers. */
export function attachZones(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type) || type === schema.getSubscriptionType()) continue;
    const isMutation = type === schema.getMutationType();
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      if (!resolve || field.args.length === 0) continue;
      field.resolve = (source, given: object, ctx: Context, info): unknown => {
        let args: object;
        try {
          args = inZone(field, given, ctx.tenant.timeZone);
        } catch (error) {
          if (!isMutation) throw error;
          // what the caller can put right is part of a mutation's answer; one over many items shows what came of each
          return answer(ctx, () => Promise.reject(error as Error)).then((said) => ({
            results: [],
            ...said,
          }));
        }
        return resolve(source, args, ctx, info);
      };
    }
  }
}
