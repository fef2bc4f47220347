import { Ctx, Field, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { Id, Input } from '../graphql/arguments.js';
import { addField } from '../graphql/fields.js';
import { answer, payload } from '../graphql/payload.js';
import { User } from '../identity/user.entity.js';
import { HandOverInput, HandOverKinds } from './hand-over.inputs.js';
import * as handOver from './hand-over.service.js';
import { handOverCounts } from './hand-over.sql.js';

@ObjectType({ description: 'How much of one kind somebody looks after.' })
class HandOverCount {
  @Field(() => HandOverKinds, { description: 'What is counted.' })
  kind!: string;

  @Field(() => Int, { description: 'How many there are.' })
  count!: number;
}

@ObjectType({ description: 'How much of one kind was handed over.' })
class HandedOverCount {
  @Field(() => HandOverKinds, { description: 'What is counted.' })
  kind!: string;

  @Field(() => Int, { description: 'How many have gone to somebody else.' })
  count!: number;

  @Field(() => Int, {
    description:
      'How many have stayed because nobody of the receivers may look after more; 0 unless `overLimit` is LEAVE.',
  })
  left!: number;
}

const Preview = addField(
  User,
  'handOverPreview',
  () => [HandOverCount],
  {
    description:
      'What `userHandOver` would hand over now, kind by kind; empty for callers who do not administer the tenant.',
  },
  { kind: 'listed', of: handOverCounts },
  { kinds: [() => [HandOverKinds], 'What is counted; everything where this is left out.', 'optional'] },
);

const UserHandOverPayload = payload('UserHandOverPayload', {
  user: [() => User, 'The user who looked after it; null if nothing was done.'],
});
Field(() => [HandedOverCount], { description: 'What was handed over, kind by kind; empty if nothing was done.' })(
  UserHandOverPayload.prototype as object,
  'counts',
);

@Resolver()
class Mutations {
  @Mutation(() => UserHandOverPayload, {
    nullable: true,
    description:
      'Hands over what a user looks after, all of it or nothing unless `overLimit` leaves some, to one user or evenly among several; histories, events and the audit log say so of each record. `User.handOverPreview` counts it before. Only for those who administer the tenant. Fails with FORBIDDEN, NOT_FOUND, OUT_OF_RANGE, UNKNOWN_REFERENCE, INVALID, HOLDING_LIMIT.',
  })
  userHandOver(
    @Ctx() ctx: Context,
    @Id() id: string,
    @Input(() => HandOverInput, 'What is handed over, and to whom.') input: HandOverInput,
  ): Promise<object> {
    return answer(ctx, async () => ({ ...(await handOver.handOver(ctx, id, input)) })).then((answered) => ({
      counts: [],
      ...answered,
    }));
  }
}

export const handOverResolvers = [Preview, Mutations];
