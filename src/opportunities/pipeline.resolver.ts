import { Field, ObjectType } from 'type-graphql';
import type { DomainEvent } from '../feed/bus.js';
import { enumeration } from '../model/enumeration.js';
import { DateTime } from '../model/scalars.js';
import { changedIn, filterArgument, oneOf } from '../graphql/changes.js';
import { subscription } from '../graphql/topics.js';
import { storedFieldsOf } from '../read/filter.js';
import { Opportunity, OpportunityStage } from './opportunity.entity.js';
import { OpportunityFilter, opportunities } from './opportunity.inputs.js';

const PipelineChangeKind = enumeration('PipelineChangeKind', 'What happened to an opportunity in the pipeline.', {
  CREATED: 'The opportunity was created.',
  MOVED: 'The opportunity moved to another open stage.',
  WON: 'The opportunity was won.',
  LOST: 'The opportunity was lost.',
  AMOUNT_CHANGED: 'The amount or the likelihood was changed, and the stage was not.',
  OWNER_CHANGED: 'Somebody else works on it now, or nobody; stage and amount are the same.',
  DELETED: 'The opportunity was deleted.',
  RESTORED: 'A deleted opportunity was brought back.',
});

const stored = storedFieldsOf(opportunities.entity);

@ObjectType({
  description: 'What a pipeline shows of an opportunity was changed. Sent after the change was committed.',
})
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

  @Field(() => OpportunityStage, { nullable: true, description: 'The stage before; null where it was not changed.' })
  fromStage?: OpportunityStage | null;

  @Field(() => OpportunityStage, { nullable: true, description: 'The stage after; null where it was not changed.' })
  toStage?: OpportunityStage | null;

  @Field(() => [stored], { description: 'The stored fields that were changed; empty for a new opportunity.' })
  changed!: string[];

  @Field(() => DateTime, { description: 'When it happened.' })
  at!: string;
}

const amounts = ['AMOUNT', 'ACTUAL_AMOUNT', 'PROBABILITY'];

/** What an event of an opportunity means for a pipeline; undefined where it shows nothing of that. */
function kindOf(event: DomainEvent): keyof typeof PipelineChangeKind | undefined {
  const [, record, what] = event.type.split('.');
  if (record !== 'opportunity') return undefined;
  if (what === 'created') return 'CREATED';
  if (what === 'deleted') return 'DELETED';
  if (what === 'restored') return 'RESTORED';
  const { toStage } = event.data;
  if (toStage !== undefined) return toStage === 'CLOSED_WON' ? 'WON' : toStage === 'CLOSED_LOST' ? 'LOST' : 'MOVED';
  const changed = changedIn(event, Opportunity);
  if (changed.some((field) => amounts.includes(field))) return 'AMOUNT_CHANGED';
  return changed.includes('OWNER') ? 'OWNER_CHANGED' : undefined;
}

const PipelineChanged = subscription(
  'pipelineChanged',
  () => PipelineEvent,
  'Changes of what a pipeline shows of opportunities in the tenant, be it stage, amount, owner or whether they are there, through whatever channel; only those that the subscriber may see at that moment.',
  {
    lists: [opportunities],
    recordOf: (event) => (kindOf(event) ? Opportunity : undefined),
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
      toStage: event.data['toStage'] ?? null,
      changed: changedIn(event, Opportunity),
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
