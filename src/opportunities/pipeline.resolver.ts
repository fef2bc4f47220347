import { Field, ObjectType } from 'type-graphql';
import type { DomainEvent } from '../feed/bus.js';
import { enumeration } from '../model/enumeration.js';
import { DateTime } from '../model/scalars.js';
import { filterArgument, oneOf } from '../graphql/changes.js';
import { subscription } from '../graphql/topics.js';
import { Opportunity, OpportunityStage } from './opportunity.entity.js';
import { OpportunityFilter, opportunities } from './opportunity.inputs.js';

const PipelineChangeKind = enumeration('PipelineChangeKind', 'What happened to an opportunity in the pipeline.', {
  CREATED: 'The opportunity was created.',
  MOVED: 'The opportunity moved to another open stage.',
  WON: 'The opportunity was won.',
  LOST: 'The opportunity was lost.',
});

@ObjectType({ description: 'An opportunity was created, moved, won or lost. Sent after the change was committed.' })
class PipelineEvent {
  @Field(() => String, { description: 'Opaque id of the event; the same however often it is delivered.' })
  id!: string;

  @Field(() => String, {
    description: 'Place of the event in the feed of changes; hand it to `after` to go on behind it.',
  })
  cursor!: string;

  @Field(() => PipelineChangeKind, { description: 'What happened.' })
  kind!: string;

  @Field(() => Opportunity, {
    nullable: true,
    description: 'The opportunity as it is now; null if it is deleted or hidden from the subscriber meanwhile.',
  })
  opportunity?: string;

  @Field(() => OpportunityStage, { nullable: true, description: 'The stage before; null for a new opportunity.' })
  fromStage?: OpportunityStage | null;

  @Field(() => OpportunityStage, { description: 'The stage after.' })
  toStage!: OpportunityStage;

  @Field(() => DateTime, { description: 'When it happened.' })
  at!: string;
}

const isStageChange = ({ type, data }: DomainEvent): boolean =>
  type.startsWith('crm.opportunity.') && data['toStage'] !== undefined;

function kindOf({ type, data }: DomainEvent): keyof typeof PipelineChangeKind {
  if (type === 'crm.opportunity.created') return 'CREATED';
  if (data['toStage'] === 'CLOSED_WON') return 'WON';
  return data['toStage'] === 'CLOSED_LOST' ? 'LOST' : 'MOVED';
}

const PipelineChanged = subscription(
  'pipelineChanged',
  () => PipelineEvent,
  'Opportunities created, moved, won or lost in the tenant, through whatever channel; only those that the subscriber may see at that moment.',
  {
    lists: [opportunities],
    recordOf: (event) => (isStageChange(event) ? Opportunity : undefined),
    wants: (event, { kinds, fromStages, toStages }) =>
      oneOf(kinds, kindOf(event)) &&
      oneOf(fromStages, event.data['fromStage']) &&
      oneOf(toStages, event.data['toStage']),
    filterOf: ({ filter }) => filter as object | undefined,
    shows: (event) => ({
      id: event.id,
      cursor: String(event.seq),
      kind: kindOf(event),
      opportunity: event.subject,
      fromStage: event.data['fromStage'] ?? null,
      toStage: event.data['toStage'],
      at: event.at,
    }),
  },
  {
    kinds: [() => [PipelineChangeKind], 'Only when one of these happened.'],
    fromStages: [() => [OpportunityStage], 'Only opportunities that were at one of these stages before.'],
    toStages: [() => [OpportunityStage], 'Only opportunities that came to one of these stages.'],
    filter: [() => OpportunityFilter, filterArgument],
  },
);

export const pipelineResolvers = [PipelineChanged];
