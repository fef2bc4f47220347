import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type ConsumerConfig,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';

/** Subjects of published events: `crm.events.<tenant>.<record>.<event>`. */
const published = 'crm.events';
/** What could not be handled is found under `crm.dead-letter.<its subject>`. */
const deadLetter = 'crm.dead-letter';

const day = 86_400_000;
const hour = 3_600_000;
/** How long the broker knows an event by its id and drops a second one. */
const window = hour;
const deadLetterDays = 30;

/** The pattern of the subjects of events, with a parameter for each part that varies. */
export const subjectPattern = `${published}.{tenant}.{record}.{event}`;

/** The subject of an event: the tenant's code, in which everything but letters, digits, `_` and `-` is written as `%XX`, then the type without `crm.`. */
export const subjectOf = (tenantCode: string, type: string): string =>
  `${published}.${token(tenantCode)}.${type.replace(/^crm\./, '')}`;

export const deadLetterOf = (subject: string): string => `${deadLetter}.${subject}`;

const token = (text: string): string =>
  text.replace(/[^\p{L}\p{N}_-]/gu, (character) =>
    [...new TextEncoder().encode(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );

/**
 * Declares the streams that the server writes to. Settings that are not named here, such as replicas, are left to the
 * broker's operators.
 */
export async function declareStreams(manager: JetStreamManager, options: { feedDays: number }): Promise<void> {
  await declare(manager, {
    name: 'CRM_EVENTS',
    description: 'What happened in the CRM, as CloudEvents, in the order of the commits of each tenant.',
    subjects: [`${published}.>`],
    max_age: nanos(options.feedDays * day),
    duplicate_window: nanos(window),
  });
  await declare(manager, {
    name: 'CRM_DEAD_LETTER',
    description: 'Messages that the CRM could not handle, with the reason in their headers.',
    subjects: [`${deadLetter}.>`],
    max_age: nanos(deadLetterDays * day),
    duplicate_window: nanos(window),
  });
}

type Declared = Pick<StreamConfig, 'name' | 'description' | 'subjects' | 'max_age' | 'duplicate_window'>;

async function declare(manager: JetStreamManager, stream: Declared): Promise<void> {
  if (await missing(manager.streams.info(stream.name)))
    await manager.streams.add({
      ...stream,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      storage: StorageType.File,
    });
  else await manager.streams.update(stream.name, stream);
}

/** The code by which JetStream says that a stream or a consumer does not exist. */
const unknown = [10014, 10059];

async function missing(question: Promise<unknown>): Promise<boolean> {
  try {
    await question;
    return false;
  } catch (error) {
    if (error instanceof JetStreamApiError && unknown.includes(error.code)) return true;
    throw error;
  }
}

/** How long a message may be worked on before it is redelivered. */
export const ackWait = 15_000;

/**
 * Declares the durable consumer of one subject, on the stream that has the subject: another system's, or a stream of
 * the CRM if there is none. Returns its location.
 */
export async function declareConsumer(
  manager: JetStreamManager,
  subject: string,
  options: { feedDays: number },
): Promise<{ stream: string; consumer: string }> {
  const stream = await streamOf(manager, subject, options);
  const consumer = `crm-graph-${subject.replaceAll('.', '-')}`;
  const config: Partial<ConsumerConfig> = {
    durable_name: consumer,
    description: 'How far the CRM has handled these messages.',
    filter_subject: subject,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWait),
    max_deliver: -1,
    deliver_policy: DeliverPolicy.All,
  };
  if (await missing(manager.consumers.info(stream, consumer))) await manager.consumers.add(stream, config);
  return { stream, consumer };
}

async function streamOf(
  manager: JetStreamManager,
  subject: string,
  { feedDays }: { feedDays: number },
): Promise<string> {
  try {
    return await manager.streams.find(subject);
  } catch {
    const name = `CRM_${subject.replaceAll('.', '_').toUpperCase()}`;
    await declare(manager, {
      name,
      description: `${subject} for the CRM.`,
      subjects: [subject],
      max_age: nanos(feedDays * day),
      duplicate_window: nanos(window),
    });
    return name;
  }
}
