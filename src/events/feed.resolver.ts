import { Arg, Ctx, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import type { Context } from '../core/context.js';
import { DateTime } from '../model/scalars.js';
import { changesAfter, cloudEvent, maxEvents, recordTypeOf, defaultEvents } from './feed.service.js';

@ObjectType({ description: 'Something that happened to a record, as it was committed.' })
class ChangeEvent {
  @Field(() => String, { description: 'Opaque id of the event; the same however often it is delivered.' })
  id!: string;

  @Field(() => String, { description: 'Place of the event in the feed; hand it to `after` to go on behind it.' })
  cursor!: string;

  @Field(() => String, { description: 'What happened, e.g. `crm.customer.created`.' })
  type!: string;

  @Field(() => String, { description: 'Graph type of the record.' })
  recordType!: string;

  @Field(() => String, { description: 'Opaque id of the record.' })
  recordId!: string;

  @Field(() => DateTime, { description: 'When it happened.' })
  at!: string;

  @Field(() => String, { description: 'Id of the request that did it.' })
  requestId!: string;

  @Field(() => String, { description: 'The event as JSON in the form of CloudEvents 1.0.' })
  cloudEvent!: string;
}

@ObjectType({ description: 'A page of the feed of changes.' })
class ChangePage {
  @Field(() => [ChangeEvent], {
    description: 'What happened to records that the caller may see, in the order of the commits.',
  })
  events!: ChangeEvent[];

  @Field(() => String, { description: 'Where the next page begins: hand it to `after`.' })
  cursor!: string;

  @Field(() => Boolean, { description: 'True if there is more to read at once.' })
  hasMore!: boolean;
}

@Resolver()
class FeedQueries {
  @Query(() => ChangePage, {
    nullable: true,
    description:
      "The feed of changes: whoever goes on with each page's cursor gets every change once, none left out. Kept for a week unless configured otherwise. Fails with CURSOR_INVALID, CURSOR_EXPIRED, OUT_OF_RANGE.",
  })
  async changes(
    @Ctx() ctx: Context,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor of an event or of a page; without it the page begins at the oldest event that is kept.',
    })
    after?: string | null,
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: defaultEvents,
      description: `Most events of the page: 1 to ${maxEvents}.`,
    })
    first?: number | null,
  ): Promise<ChangePage> {
    const { events, cursor, hasMore } = await changesAfter(ctx, after, first);
    return {
      cursor,
      hasMore,
      events: events.map((event) => ({
        id: event.id,
        cursor: String(event.seq),
        type: event.type,
        recordType: recordTypeOf(event),
        recordId: event.subject,
        at: event.at,
        requestId: event.traceId,
        cloudEvent: JSON.stringify(cloudEvent(ctx, event)),
      })),
    };
  }
}

export const feedResolvers = [FeedQueries];
