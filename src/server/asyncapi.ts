import { subjectPattern } from '../broker/streams.js';
import { cloudEventFields } from '../events/feed.service.js';
import { dataSchema, eventTypes, type EventType } from '../feed/event-types.js';
import { capitalized } from '../core/names.js';

/** An AsyncAPI document. */
export type AsyncApi = Readonly<Record<string, unknown>>;

const reference = (path: string): { $ref: string } => ({ $ref: `#/${path}` });

const contentType = 'application/cloudevents+json';

/** Name of an event's schema, e.g. `CustomerCreated`. */
const schemaName = ({ entity, name }: EventType): string => {
  return entity.name + capitalized(name.split('.').at(-1)!);
};

const schemaOf = (type: EventType): object => ({
  allOf: [
    reference('components/schemas/CloudEvent'),
    { type: 'object', properties: { type: { const: type.name }, data: dataSchema(type) } },
  ],
  description: type.description,
});

const messageOf = (type: EventType): object => ({
  name: type.name,
  title: `${type.entity.name}: ${type.name.split('.').at(-1)}`,
  summary: type.description,
  contentType,
  payload: reference(`components/schemas/${schemaName(type)}`),
});

/** Where events go out. All of them go out everywhere, so a channel differs from another by its place alone. */
const channelsWith = (messages: object): Record<string, object> => ({
  feed: {
    address: '/api/v1/events',
    title: 'Feed over HTTP',
    description:
      'With `Accept: text/event-stream` a stream of server-sent events: `id` is the sequence, `event` the type (none with `events=message`), `data` the event as JSON; `Last-Event-ID` or `after` names the sequence to go on behind. Otherwise a page of them as JSON, after `after`.',
    servers: [reference('servers/http')],
    messages,
  },
  webhook: {
    address: null,
    title: 'Webhooks',
    description:
      'POST to the address of a webhook (`webhookCreate` in the graph), for the types that it names: at least once, in order for each record, signed as Standard Webhooks says with the headers `webhook-id` (the id of the event), `webhook-timestamp` and `webhook-signature`. Any status from 200 to 299 says that it has arrived.',
    messages,
  },
  broker: {
    address: subjectPattern,
    title: 'Subjects of NATS JetStream',
    description:
      'Stream `CRM_EVENTS`, where the server has a broker; the header `Nats-Msg-Id` is the id of the event, by which the broker drops a second one.',
    servers: [reference('servers/broker')],
    parameters: {
      tenant: { description: 'Code of the tenant; what is no letter, digit, `_` or `-` stands in it as `%XX`.' },
      record: { description: 'Kind of record: the second part of the type.' },
      event: { description: 'What happened: the last part of the type.' },
    },
    messages,
  },
});

const operations = {
  streamEvents: { channel: 'feed', summary: 'Events to whoever reads the feed.' },
  deliverToWebhook: {
    channel: 'webhook',
    summary: 'Events to the webhooks of a tenant.',
    bindings: { http: { method: 'POST' } },
  },
  publishToBroker: { channel: 'broker', summary: 'Events to the broker.' },
};

/** Every type of event with its data, and where events go out, as an AsyncAPI document for the address at which the server was asked. */
export function asyncApi(version: string, origin: string): AsyncApi {
  const types = eventTypes();
  const { host, protocol } = new URL(URL.canParse(origin) ? origin : 'http://localhost');
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'crm-graph events',
      version,
      description:
        'Everything that happens to a record is an event in the form of CloudEvents 1.0, written in the transaction of the change. A caller gets the events of records that they may see; what an event says is never more than the record shows. Fields may be added to events, and types to this list.',
      license: { name: 'MIT' },
    },
    defaultContentType: contentType,
    servers: {
      http: {
        host,
        protocol: protocol.replace(':', ''),
        description: 'This server.',
        security: [reference('components/securitySchemes/bearer')],
      },
      broker: {
        host: '{host}',
        protocol: 'nats',
        description: 'The broker that the configuration names, if it names one (`NATS_URL`).',
        variables: { host: { description: 'Its address.', default: 'localhost:4222' } },
      },
    },
    channels: channelsWith(
      Object.fromEntries(types.map(({ name }) => [name, reference(`components/messages/${name}`)])),
    ),
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, { channel, ...others }]) => [
        name,
        { action: 'send', channel: reference(`channels/${channel}`), ...others },
      ]),
    ),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token or an API key.' },
      },
      messages: Object.fromEntries(types.map((type) => [type.name, messageOf(type)])),
      schemas: {
        CloudEvent: {
          type: 'object',
          description: 'What all events have.',
          required: [...Object.keys(cloudEventFields), 'type', 'data'],
          properties: {
            ...cloudEventFields,
            type: { type: 'string', description: 'What happened: `crm.<record>.<event>`.' },
            data: { type: 'object', description: 'What is said of it beside the record.' },
          },
        },
        ...Object.fromEntries(types.map((type) => [schemaName(type), schemaOf(type)])),
      },
    },
  };
}
