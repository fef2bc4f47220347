import { breakingOpenApi, type OpenApi } from '../../tools/api/openapi.js';

// The rules by which `npm run check:api` tells which changes of a dialect's document may break a client, each with a
// small document, and what they let pass.

/* oxlint-disable typescript/no-explicit-any */
type Edit = (document: any) => void;

const small = (): any => ({
  paths: {
    '/customers': {
      get: {
        parameters: [
          { name: 'search', in: 'query', required: false, schema: { type: 'string' } },
          {
            name: 'page',
            in: 'query',
            required: false,
            schema: { type: 'integer', minimum: 1, maximum: 500, default: 1 },
          },
        ],
        responses: {
          200: {
            headers: { ETag: {} },
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: { items: { type: 'array', items: { $ref: '#/components/schemas/Customer' } } },
                  required: ['items'],
                },
              },
            },
          },
          404: { content: { 'application/json': { schema: { type: 'object' } } } },
        },
      },
      post: {
        parameters: [],
        requestBody: {
          required: false,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Input' } } },
        },
        responses: { 201: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Customer' } } } } },
      },
    },
  },
  components: {
    schemas: {
      Customer: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          name: { type: ['string', 'null'] },
          kind: { type: 'string', enum: ['A', 'B'] },
          amount: { type: 'number' },
          day: { type: 'string', format: 'date' },
          parent: { anyOf: [{ $ref: '#/components/schemas/Customer' }, { type: 'null' }] },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
        },
        required: ['id'],
      },
      Input: {
        type: 'object',
        properties: {
          name: { type: 'string', maxLength: 200 },
          kind: { type: 'string', enum: ['A', 'B'] },
          tags: { type: 'array', maxItems: 10, items: { type: 'string' } },
          owner: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
        },
        required: ['name'],
      },
    },
  },
});

const get = (document: any): any => document.paths['/customers'].get;
const post = (document: any): any => document.paths['/customers'].post;
const customer = (document: any): any => document.components.schemas.Customer;
const input = (document: any): any => document.components.schemas.Input;
const listed = 'GET /customers: answer 200.items[]';
const created = 'POST /customers: answer 201';

const found = (edit: Edit): string[] => {
  const after = small();
  edit(after);
  return breakingOpenApi(small() as OpenApi, after as OpenApi).map(({ place, change }) => `${place}: ${change}`);
};

test.each<[string, Edit, ...string[]]>([
  ['a path that is gone', (d) => delete d.paths['/customers'], 'GET /customers: is gone', 'POST /customers: is gone'],
  ['a method that is gone', (d) => delete d.paths['/customers'].post, 'POST /customers: is gone'],
  ['a parameter that is gone', (d) => get(d).parameters.shift(), 'GET /customers: query parameter search is gone'],
  [
    'a parameter that must be sent',
    (d) => (get(d).parameters[0].required = true),
    'GET /customers: query parameter search has become required',
  ],
  [
    'a new parameter that must be sent',
    (d) => get(d).parameters.push({ name: 'x', in: 'query', required: true, schema: {} }),
    'GET /customers: query parameter x is new and required',
  ],
  [
    'another type of a parameter',
    (d) => (get(d).parameters[0].schema.type = 'integer'),
    'GET /customers: query parameter search: the type was string and is integer',
  ],
  [
    'another default',
    (d) => (get(d).parameters[1].schema.default = 2),
    'GET /customers: query parameter page has another default',
  ],
  [
    'a closer bound below',
    (d) => (get(d).parameters[1].schema.minimum = 5),
    'GET /customers: query parameter page: the smallest value was 1 and is 5',
  ],
  [
    'a closer bound above',
    (d) => (get(d).parameters[1].schema.maximum = 100),
    'GET /customers: query parameter page: the largest value was 500 and is 100',
  ],
  [
    'a body that must be sent',
    (d) => (post(d).requestBody.required = true),
    'POST /customers: the body has become required',
  ],
  ['a body that is not read', (d) => delete post(d).requestBody, 'POST /customers: the body is no longer read'],
  ['a field that must be sent', (d) => input(d).required.push('kind'), 'POST /customers: body.kind is required'],
  ['a field that is not read', (d) => delete input(d).properties.kind, 'POST /customers: body.kind is gone'],
  [
    'a value that is not accepted',
    (d) => input(d).properties.kind.enum.pop(),
    'POST /customers: body.kind: "B" is no longer accepted',
  ],
  [
    'an enumeration of what was free',
    (d) => (input(d).properties.name.enum = ['x']),
    'POST /customers: body.name: an enumeration instead of any value',
  ],
  [
    'a shorter text',
    (d) => (input(d).properties.name.maxLength = 20),
    'POST /customers: body.name: the number of characters was 200 and is 20',
  ],
  [
    'fewer items',
    (d) => (input(d).properties.tags.maxItems = 5),
    'POST /customers: body.tags: the number of items was 10 and is 5',
  ],
  [
    'an alternative that is not accepted',
    (d) => input(d).properties.owner.anyOf.pop(),
    'POST /customers: body.owner: an alternative is no longer accepted',
  ],
  [
    'a success with another status',
    (d) => {
      post(d).responses[200] = post(d).responses[201];
      delete post(d).responses[201];
    },
    'POST /customers: answer 201 is gone',
  ],
  [
    'another type of the answer',
    (d) => (get(d).responses[200].content = { 'text/csv': { schema: { type: 'string' } } }),
    'GET /customers: answer 200: application/json is gone',
  ],
  [
    'a header that is gone',
    (d) => (get(d).responses[200].headers = {}),
    'GET /customers: answer 200: header ETag is gone',
  ],
  [
    'an answered field that is gone',
    (d) => delete customer(d).properties.name,
    `${listed}.name is gone`,
    `${created}.name is gone`,
  ],
  [
    'an answered field that may be null',
    (d) => (customer(d).properties.id.type = ['string', 'null']),
    `${listed}.id: the type was string and is string or null`,
    `${created}.id: the type was string and is string or null`,
  ],
  [
    'the same as OpenAPI 3.0 writes it',
    (d) => (customer(d).properties.id.nullable = true),
    `${listed}.id: the type was string and is string or null`,
    `${created}.id: the type was string and is string or null`,
  ],
  [
    'an answered field that may be absent',
    (d) => (customer(d).required = []),
    `${listed}.id may be absent`,
    `${created}.id may be absent`,
  ],
  [
    'another type of an answered field',
    (d) => (customer(d).properties.id.type = 'integer'),
    `${listed}.id: the type was string and is integer`,
    `${created}.id: the type was string and is integer`,
  ],
  [
    'another format',
    (d) => (customer(d).properties.day.format = 'date-time'),
    `${listed}.day: the format was date and is date-time`,
    `${created}.day: the format was date and is date-time`,
  ],
  [
    'any value instead of an enumeration',
    (d) => delete customer(d).properties.kind.enum,
    `${listed}.kind: any value instead of an enumeration`,
    `${created}.kind: any value instead of an enumeration`,
  ],
  [
    'an answer of another kind',
    (d) => customer(d).properties.parent.anyOf.push({ type: 'string' }),
    `${listed}.parent: an alternative is new`,
    `${created}.parent: an alternative is new`,
  ],
  [
    'fixed names instead of any',
    (d) => (customer(d).properties.labels = { type: 'object', properties: {} }),
    `${listed}.labels has fixed names`,
    `${created}.labels has fixed names`,
  ],
])('%s breaks a client', (_name, edit, ...expected) => {
  expect(found(edit)).toEqual(expected);
});

test.each<[string, Edit]>([
  ['nothing', () => undefined],
  ['another description', (d) => (customer(d).properties.id.description = 'Another.')],
  ['a new path', (d) => (d.paths['/contacts'] = {})],
  ['a new parameter', (d) => get(d).parameters.push({ name: 'x', in: 'query', required: false, schema: {} })],
  ['parameters in another order', (d) => get(d).parameters.reverse()],
  ['wider bounds', (d) => Object.assign(get(d).parameters[1].schema, { minimum: 0, maximum: 1000 })],
  ['a new field to send', (d) => (input(d).properties.x = { type: 'string' })],
  ['a field that need not be sent any more', (d) => (input(d).required = [])],
  ['a new value to send', (d) => input(d).properties.kind.enum.push('C')],
  ['a null to send', (d) => (input(d).properties.name.type = ['string', 'null'])],
  ['a longer text', (d) => delete input(d).properties.name.maxLength],
  ['a new answered field', (d) => (customer(d).properties.x = { type: 'string' })],
  ['a new value in an answer', (d) => customer(d).properties.kind.enum.push('C')],
  ['fewer values in an answer', (d) => customer(d).properties.kind.enum.pop()],
  ['whole numbers for numbers in an answer', (d) => (customer(d).properties.amount.type = 'integer')],
  ['an answered field that is always there', (d) => customer(d).required.push('name')],
  ['an error that comes no more', (d) => delete get(d).responses[404]],
  [
    'another name of a schema',
    (d) => {
      d.components.schemas.Other = customer(d);
      for (const place of [get(d).responses[200], post(d).responses[201]])
        place.content = JSON.parse(JSON.stringify(place.content).replaceAll('schemas/Customer', 'schemas/Other'));
    },
  ],
])('%s breaks nobody', (_name, edit) => {
  expect(found(edit)).toEqual([]);
});

test('a word of JSON Schema that the rules do not know is an error, not a change that nobody sees', () => {
  expect(() => found((d) => (customer(d).properties.id.pattern = '^x'))).toThrow('do not know pattern');
});
