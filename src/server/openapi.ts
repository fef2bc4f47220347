import type { JsonSchema } from '../feed/event-types.js';
import { exportForms, exportedLists } from '../../rest-facade/exports.js';
import { cloudEventFields, defaultEvents, maxEvents } from '../events/feed.service.js';
import { purposes } from '../identity/grants.js';
import { capitalized } from '../core/names.js';

// What of the server is neither the graph nor a dialect, as an OpenAPI document: events, files, exports, tickets.

type Response = object;

const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: JsonSchema): object => ({ 'application/json': { schema } });
const text = (description: string, more: object = {}): JsonSchema => ({ type: 'string', description, ...more });
const object = (fields: Record<string, JsonSchema>, more: object = {}): JsonSchema => ({
  type: 'object',
  required: Object.keys(fields),
  properties: fields,
  ...more,
});
const parameter = (
  place: 'query' | 'header' | 'path',
  name: string,
  description: string,
  schema: JsonSchema,
): object => ({
  name,
  in: place,
  required: place === 'path',
  description,
  schema,
});

const mediaTypes: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json',
};

const meanings: Readonly<Record<number, string>> = {
  400: 'The request is not valid.',
  401: 'There is no valid token, ticket or link.',
  403: 'The caller may not do this.',
  404: 'There is no such file, or the caller does not see it.',
  410: 'The feed no longer reaches back to the cursor: read the records again, and begin without one.',
  413: 'The file is larger than the server takes (`CRM_FILE_MAX_BYTES`).',
  415: 'Files of this type are not taken, or the content is not what the name says.',
  416: 'The file is shorter than the range begins.',
};

const refusals = (schema: string, ...statuses: number[]): Record<string, Response> =>
  Object.fromEntries(
    statuses.map((status) => [
      String(status),
      { description: meanings[status]!, ...(status !== 416 && { content: json(reference(schema)) }) },
    ]),
  );

const link = parameter(
  'query',
  'link',
  'Stands for a token: the end of a signed link, which the graph makes (`File.link`, `exportLink`). It works for a short while, and for this address alone.',
  text('', { maxLength: 4000 }),
);

const tickets = {
  post: {
    operationId: 'createTicket',
    tags: ['tickets'],
    summary: 'Create a ticket',
    description:
      'A ticket stands for the token of whoever asks for it, for a minute, in the address of a stream of events (`ticket`) or of a socket of the graph: for browsers, which can send no headers there.',
    parameters: [
      {
        ...parameter('query', 'purpose', 'What it is for.', { type: 'string', enum: purposes }),
        required: true,
        example: 'events',
      },
    ],
    responses: {
      '201': { description: 'The ticket.', content: json(reference('Ticket')) },
      ...refusals('Refusal', 400, 401),
    },
  },
};

const events = {
  get: {
    operationId: 'listEvents',
    tags: ['events'],
    summary: 'Read the feed of events',
    description:
      'As JSON a page of the events of records that the caller sees, from the oldest that is kept or after a cursor. With `Accept: text/event-stream` a stream that goes on as changes are committed, from now on or after a cursor: `id` is the sequence, `event` the type, `data` the event. The types of events and their data are described by the AsyncAPI document, `/asyncapi.json`.',
    parameters: [
      parameter(
        'query',
        'after',
        'Cursor of the last page, or sequence of the last event.',
        text('', { pattern: '^[0-9]{1,15}$' }),
      ),
      parameter('query', 'limit', 'Most events of a page.', {
        type: 'integer',
        minimum: 1,
        maximum: maxEvents,
        default: defaultEvents,
      }),
      parameter(
        'query',
        'events',
        'Whether the events of a stream are named by their types; `message` gives them no name, so that `onmessage` of a browser gets them all.',
        {
          type: 'string',
          enum: ['named', 'message'],
          default: 'named',
        },
      ),
      parameter(
        'query',
        'ticket',
        'Stands for a token: a ticket for the purpose `events`.',
        text('', { maxLength: 4000 }),
      ),
      parameter(
        'header',
        'Last-Event-ID',
        'Sequence of the last event that a stream has sent; goes before `after`.',
        text(''),
      ),
    ],
    responses: {
      '200': {
        description: 'The events, in the order of the commits.',
        content: { ...json(reference('EventPage')), 'text/event-stream': { schema: text('Server-sent events.') } },
      },
      ...refusals('Refusal', 400, 401, 410),
    },
  },
};

const files = {
  post: {
    operationId: 'uploadFile',
    tags: ['files'],
    summary: 'Upload a file',
    description: 'Stores a file, alone or attached to one record.',
    parameters: [
      parameter(
        'header',
        'Idempotency-Key',
        'Repeats of an upload under the same key are done once.',
        text('', { maxLength: 200 }),
      ),
    ],
    requestBody: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: object(
            {
              file: text('The file, with its name.', { format: 'binary' }),
              activity: text('Id of an activity to attach it to.'),
              case: text('Id of a case to attach it to.'),
              contract: text('Id of a contract to attach it to.'),
            },
            { required: ['file'] },
          ),
        },
      },
    },
    responses: {
      '200': { description: 'What was stored.', content: json(reference('Uploaded')) },
      ...refusals('FileRefusal', 400, 401, 403, 413, 415),
    },
  },
};

const binary = {
  'application/octet-stream': { schema: text('The content, with the media type of the file.', { format: 'binary' }) },
};

const file = {
  get: {
    operationId: 'downloadFile',
    tags: ['files'],
    summary: 'Download a file',
    description: 'The content of a file, or one range of it.',
    parameters: [
      parameter('path', 'id', 'Id of the file.', text('', { maxLength: 100 })),
      link,
      parameter('header', 'Range', 'One range of bytes, e.g. `bytes=0-1023`.', text('')),
      parameter('header', 'If-None-Match', 'The `ETag` of an earlier answer.', text('')),
    ],
    responses: {
      '200': { description: 'The content.', content: binary },
      '206': { description: 'The range of the content.', content: binary },
      '304': { description: 'The client has the content already.' },
      ...refusals('FileRefusal', 401, 404, 416),
    },
  },
};

const exportOf = (list: string, form: string): object => ({
  get: {
    operationId: `export${capitalized(list)}As${capitalized(form)}`,
    tags: ['exports'],
    summary: `Export ${list} as ${form}`,
    description: `All ${list} that the caller sees, masked as they are for the caller, as they are at one moment. For the roles manager, tenant_admin and platform_admin, and for services with the scope crm:export.`,
    parameters: [
      parameter(
        'query',
        'filter',
        'Which of them: the filter of the list in the graph, as JSON.',
        text('', { maxLength: 20000 }),
      ),
      parameter(
        'query',
        'orderBy',
        'In which order: that of the list in the graph, as JSON.',
        text('', { maxLength: 20000 }),
      ),
      link,
    ],
    responses: {
      '200': {
        description: 'The file.',
        content: {
          [mediaTypes[form]!]: {
            schema:
              form === 'json'
                ? { type: 'array', items: { type: 'object' } }
                : text('', { ...(form === 'xlsx' && { format: 'binary' }) }),
          },
        },
      },
      ...refusals('Refusal', 400, 401, 403),
    },
  },
});

const uploaded = object({
  id: text('Id of the file.'),
  name: text('Its name.'),
  mediaType: text('Media type by its content.'),
  bytes: { type: 'integer', description: 'Its size.' },
  sha256: text('SHA-256 of its content, in hexadecimal digits.', { pattern: '^[0-9a-f]{64}$' }),
  url: text('Where its content is.'),
});

const schemas: Record<string, JsonSchema> = {
  Event: object({
    ...cloudEventFields,
    type: text('What happened: `crm.<record>.<event>`.'),
    data: { type: 'object', description: 'What is said of it beside the record.' },
  }),
  EventPage: object({
    events: { type: 'array', items: reference('Event') },
    cursor: text('Where the next page begins: hand it to `after`.'),
    hasMore: { type: 'boolean', description: 'True if there is more to read at once.' },
  }),
  Ticket: object({
    ticket: text('The ticket.'),
    purpose: text('What it is for.', { enum: purposes }),
    expiresAt: text('Until when it works.', { format: 'date-time' }),
  }),
  Uploaded: object({
    code: { type: 'integer', description: '200.' },
    message: text('`success`.'),
    data: uploaded,
  }),
  FileRefusal: object({
    code: { type: 'integer', description: 'The status.' },
    message: text('What is wrong, in the language of `Accept-Language`.'),
    data: { type: 'null' },
  }),
  Refusal: object({
    errors: {
      type: 'array',
      items: object({
        message: text('What is wrong, in the language of `Accept-Language`.'),
        extensions: object(
          { code: text('A code of the error table.'), field: { type: 'array', items: { type: 'string' } } },
          { required: ['code'] },
        ),
      }),
    },
  }),
};

const tags = {
  events: 'What happened to records, in the order of the commits.',
  exports: 'Whole lists as files.',
  files: 'Files, alone or attached to records.',
  tickets: 'What stands for a token in an address.',
};

/** The OpenAPI document of what all dialects share. */
export const serverDocument = (version: string): object => ({
  openapi: '3.1.0',
  info: {
    title: 'crm-graph: events, files and exports',
    version,
    description: 'What is the same whichever REST dialect a client speaks.',
    license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }],
  tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  paths: {
    '/api/v1/events': events,
    '/api/v1/files': files,
    '/api/v1/files/{id}': file,
    '/api/v1/tickets': tickets,
    ...Object.fromEntries(
      exportedLists.flatMap((list) => exportForms.map((form) => [`/export/${list}.${form}`, exportOf(list, form)])),
    ),
  },
  components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } }, schemas },
});
