import { isObjectType, type GraphQLField, type GraphQLSchema } from 'graphql';
import { Arg, Extensions, Resolver, Subscription } from 'type-graphql';
import type { DomainEvent } from '../feed/bus.js';
import type { EntityClass } from '../model/model.js';
import type { ListSpec } from '../read/list.js';

/** The arguments of a subscription, as the graph hands them over. */
export type TopicArguments = Readonly<Record<string, unknown>>;

/** What a subscription publishes: which events, under which conditions, and what it shows of each. */
export interface Topic {
  /** the lists of the records that its events are about: their filters are the conditions that a subscriber can set */
  lists: readonly ListSpec[];
  /** the entity of the record that an event of the topic is about; undefined if it is no event of the topic */
  recordOf: (event: DomainEvent) => EntityClass | undefined;
  /** whether the event itself is wanted, whatever its record */
  wants?: (event: DomainEvent, args: TopicArguments) => boolean;
  /** conditions on the record: a value of its list's filter */
  filterOf?: (args: TopicArguments, record: EntityClass) => object | null | undefined;
  /** throws the refusal of wrong arguments that the graph's types let pass */
  check?: (args: TopicArguments) => void;
  /** the event as an object of its graph type; records are given by their ids */
  shows: (event: DomainEvent) => object;
}

/** A condition that a subscription takes: its graph type, and what it means. */
type TopicArgument = [type: () => unknown, description: string];

/** Every subscription takes it; `live/` knows what to do with it. */
const after: TopicArgument = [
  () => String,
  'Cursor of the last event that was received: everything behind it follows, each once. If left out, from now on. Fails with CURSOR_INVALID, and with CURSOR_EXPIRED where events behind it are no longer kept.',
];

/**
 * Creates a subscription. It has no code: `live/` reads the committed events and executes the selection once for all
 * subscribers with the same result.
 */
export function subscription(
  name: string,
  type: () => unknown,
  description: string,
  topic: Topic,
  args: Record<string, TopicArgument>,
): new () => object {
  @Resolver()
  class Root {}
  const descriptor: PropertyDescriptor = { value: () => undefined, configurable: true, writable: true };
  Object.defineProperty(Root.prototype, name, descriptor);
  const subscribe = (): never => {
    throw new Error('Subscriptions are served by live/.');
  };
  Subscription(type as () => typeof String, { subscribe, description })(Root.prototype, name, descriptor);
  Extensions({ topic })(Root.prototype, name, descriptor);
  for (const [index, [argument, [argumentType, meaning]]] of Object.entries({ ...args, after }).entries()) {
    Arg(argument, argumentType as () => typeof String, { nullable: true, description: meaning })(
      Root.prototype,
      name,
      index,
    );
  }
  return Root;
}

/** The topic of a field of the subscription type. */
export const topicOf = (field: GraphQLField<unknown, unknown>): Topic => field.extensions['topic'] as Topic;

/** Whether a field of the subscription type sends reports and no events. */
export const isOfReports = (field: GraphQLField<unknown, unknown>): boolean => field.extensions['reports'] === true;

/** Has each subscription show its events as its topic says. */
export function attachTopics(schema: GraphQLSchema): void {
  const root = schema.getSubscriptionType();
  if (isObjectType(root))
    for (const field of Object.values(root.getFields()))
      if (!isOfReports(field)) field.resolve = (event) => topicOf(field).shows(event as DomainEvent);
}
