import { setTimeout as pause } from 'node:timers/promises';
import { headers } from '@nats-io/transport-node';
import type { ConsumerMessages, JetStreamClient, JsMsg } from '@nats-io/jetstream';
import { isUnavailable } from '../core/database-faults.js';
import { log } from '../core/log.js';
import { inSpan, SpanKind } from '../core/tracing.js';
import { Unhandled } from '../events/consumed.service.js';
import type { BrokerCounters } from './counters.js';
import { deadLetterOf } from './streams.js';

export interface Consumers {
  /** begins to consume, on a line that is new; what went on on an old one ends */
  begin: (stream: JetStreamClient, places: ReadonlyArray<{ stream: string; consumer: string }>) => void;
  stop: () => Promise<void>;
}

type Handle = (type: string, text: string) => Promise<'handled' | 'repeated'>;

/** Messages that wait in this process; each must be handled before the broker redelivers it. */
const atHand = 10;
/** How long a message is put off after each failure that may pass, in milliseconds; the last one for all further ones. */
const backoff = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000];
/** How often a message is tried that fails for no reason we know. */
const maxTries = 10;

/**
 * Handles messages of other systems; each is acknowledged once its effect is committed, or once it is under the
 * dead-letter subject.
 */
export function consumers(handle: Handle, counters: BrokerCounters): Consumers {
  let running: Array<{ end: () => Promise<void> }> = [];

  const stop = async (): Promise<void> => {
    const ending = running;
    running = [];
    await Promise.all(ending.map(({ end }) => end()));
  };

  return {
    begin: (stream, places) => {
      void stop();
      running = places.map((place) => consume(stream, place, (message) => work(stream, message, handle, counters)));
    },
    stop,
  };
}

function consume(
  stream: JetStreamClient,
  { stream: name, consumer }: { stream: string; consumer: string },
  onMessage: (message: JsMsg) => Promise<void>,
): { end: () => Promise<void> } {
  let ended = false;
  let messages: ConsumerMessages | undefined;
  const running = (async () => {
    while (!ended) {
      try {
        messages = await (await stream.consumers.get(name, consumer)).consume({ max_messages: atHand });
        if (ended) messages.stop();
        for await (const message of messages) {
          if (ended) break;
          await onMessage(message);
        }
      } catch (error) {
        if (!ended)
          log.debug(
            { event: 'broker.fetchFailed', error: String(error), consumer },
            'messages could not be fetched; retrying',
          );
      }
      if (!ended) await pause(1_000);
    }
  })();
  return {
    end: async () => {
      ended = true;
      messages?.stop();
      await running;
    },
  };
}

async function work(stream: JetStreamClient, message: JsMsg, handle: Handle, counters: BrokerCounters): Promise<void> {
  const { deliveryCount } = message.info;
  try {
    const outcome = await inSpan(
      `process ${message.subject}`,
      {
        kind: SpanKind.CONSUMER,
        attributes: { 'messaging.system': 'nats', 'messaging.operation.type': 'process' },
        from: { traceparent: message.headers?.get('traceparent'), tracestate: message.headers?.get('tracestate') },
      },
      () => handle(message.subject, message.string()),
    );
    counters[outcome === 'handled' ? 'consumed' : 'repeated'] += 1;
    message.ack();
  } catch (error) {
    const mayPass = !(error instanceof Unhandled) && (isUnavailable(error) || deliveryCount < maxTries);
    if (
      !mayPass &&
      (await bury(
        stream,
        message,
        error instanceof Unhandled ? error.message : 'It failed for a reason that the log of the server has.',
      ))
    )
      counters.dead += 1;
    else message.nak(backoff[Math.min(deliveryCount, backoff.length) - 1]);
    if (!(error instanceof Unhandled))
      log.warn(
        { event: 'message.failed', err: error, subject: message.subject, sequence: message.seq, mayPass },
        'a message could not be handled',
      );
  }
}

/** Lays a message under the dead-letter subject as it came, and only then takes it off the consumer. False if that failed. */
async function bury(stream: JetStreamClient, message: JsMsg, reason: string): Promise<boolean> {
  const { stream: name, streamSequence, deliveryCount } = message.info;
  const found = headers();
  for (const [key, value] of Object.entries({
    reason,
    subject: message.subject,
    stream: name,
    sequence: streamSequence,
    deliveries: deliveryCount,
  }))
    found.set(`crm-${key}`, String(value).replace(/[\r\n]+/g, ' '));
  try {
    await stream.publish(deadLetterOf(message.subject), message.data, {
      headers: found,
      msgID: `${name} ${streamSequence}`,
    });
    log.warn(
      { event: 'message.dead', subject: message.subject, sequence: streamSequence, reason },
      'a message was moved to the dead-letter subject',
    );
    message.term();
    return true;
  } catch (error) {
    log.warn(
      { event: 'message.deadFailed', error: String(error), subject: message.subject },
      'a message could not be moved to the dead-letter subject; retrying',
    );
    return false;
  }
}
