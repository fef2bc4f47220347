import { Field, ObjectType, Resolver, Root, Subscription } from 'type-graphql';
import type { DomainEvent } from '../core/bus.js';
import type { Context } from '../core/context.js';
import { enumeration } from '../core/enumeration.js';
import { DateTime } from '../core/scalars.js';
import { eventsFor } from '../graphql/topics.js';
import { Opportunity, OpportunityStage } from './opportunity.entity.js';

const PipelineAct = enumeration('PipelineAct', 'What happened to a deal in the pipeline.', {
  CREATED: 'It was created.',
  MOVED: 'It moved to another open stage.',
  WON: 'It was won.',
  LOST: 'It was lost.',
});

@ObjectType({ description: 'A deal was created, moved, won or lost. Sent after the change was committed.' })
class PipelineEvent {
  @Field(() => String, { description: 'Opaque id of the event; the same however often it is delivered.' })
  id!: string;

  @Field(() => PipelineAct, { description: 'What happened.' })
  act!: string;

  @Field(() => Opportunity, { nullable: true, description: 'The deal as it is now; null if it is deleted or hidden from the subscriber meanwhile.' })
  opportunity?: string;

  @Field(() => OpportunityStage, { nullable: true, description: 'The stage before; null for a new deal.' })
  fromStage?: OpportunityStage | null;

  @Field(() => OpportunityStage, { description: 'The stage after.' })
  toStage!: OpportunityStage;

  @Field(() => DateTime, { description: 'When.' })
  at!: string;
}

const isMove = ({ type, data }: DomainEvent): boolean => type.startsWith('crm.opportunity.') && data['toStage'] !== undefined;

function actOf({ type, data }: DomainEvent): keyof typeof PipelineAct {
  if (type === 'crm.opportunity.created') return 'CREATED';
  if (data['toStage'] === 'CLOSED_WON') return 'WON';
  return data['toStage'] === 'CLOSED_LOST' ? 'LOST' : 'MOVED';
}

@Resolver()
class PipelineSubscription {
  @Subscription(() => PipelineEvent, {
    subscribe: ({ context }: { context: Context }) => eventsFor(context, { record: 'Opportunity', matches: isMove }),
    description: 'Deals created, moved, won or lost in the tenant, through whatever face; only those that the subscriber may see.',
  })
  pipelineChanged(@Root() event: DomainEvent): PipelineEvent {
    return { id: event.id, act: actOf(event), opportunity: event.subject, fromStage: (event.data['fromStage'] ?? null) as never, toStage: event.data['toStage'] as never, at: event.at };
  }
}

export const pipelineResolvers = [PipelineSubscription];
