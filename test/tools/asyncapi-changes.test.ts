import { breakingAsyncApi, type AsyncApi } from '../../tools/api/asyncapi.js';

// The rules by which `npm run check:api` tells which changes of events may break who receives them, each with a small
// document, and what they let pass.

/* oxlint-disable typescript/no-explicit-any */
type Edit = (document: any) => void;

const small = (): any => ({
  components: {
    messages: {
      'crm.customer.updated': { payload: { $ref: '#/components/schemas/CustomerUpdated' } },
      'crm.customer.deleted': { payload: { $ref: '#/components/schemas/CustomerDeleted' } },
    },
    schemas: {
      CloudEvent: {
        type: 'object',
        required: ['id', 'type', 'data'],
        properties: {
          id: { type: 'string', format: 'uuid' },
          specversion: { type: 'string', const: '1.0' },
          type: { type: 'string' },
          data: { type: 'object' },
        },
      },
      CustomerUpdated: {
        allOf: [
          { $ref: '#/components/schemas/CloudEvent' },
          {
            type: 'object',
            properties: {
              type: { const: 'crm.customer.updated' },
              data: {
                type: 'object',
                required: ['changed', 'fromStatus'],
                properties: {
                  changed: { type: 'array', items: { type: 'string', enum: ['NAME', 'STATUS'] } },
                  fromStatus: { type: 'string', enum: ['ACTIVE', 'LOST'] },
                  reason: { type: ['string', 'null'] },
                },
              },
            },
          },
        ],
      },
      CustomerDeleted: {
        allOf: [{ $ref: '#/components/schemas/CloudEvent' }, { properties: { data: { type: 'object' } } }],
      },
    },
  },
});

const common = (document: any): any => document.components.schemas.CloudEvent;
const data = (document: any): any => document.components.schemas.CustomerUpdated.allOf[1].properties.data;

const found = (edit: Edit): string[] => {
  const after = small();
  edit(after);
  return breakingAsyncApi(small() as AsyncApi, after as AsyncApi).map(({ place, change }) => `${place}: ${change}`);
};

const updated = 'crm.customer.updated:';

test.each<[string, Edit, ...string[]]>([
  [
    'a type that is gone',
    (d) => delete d.components.messages['crm.customer.updated'],
    `${updated} is not published any more`,
  ],
  ['a field that is gone', (d) => delete data(d).properties.reason, `${updated} data.reason is gone`],
  ['a field that is not always there', (d) => data(d).required.pop(), `${updated} data.fromStatus may be absent`],
  [
    'another type',
    (d) => (data(d).properties.reason.type = ['integer', 'null']),
    `${updated} data.reason was string or null and is integer or null`,
  ],
  [
    'null where there was none',
    (d) => (data(d).properties.fromStatus.type = ['string', 'null']),
    `${updated} data.fromStatus was string and is string or null`,
  ],
  [
    'no type any more',
    (d) => delete data(d).properties.reason.type,
    `${updated} data.reason was string or null and is anything`,
  ],
  [
    'a value that does not come any more',
    (d) => data(d).properties.changed.items.enum.pop(),
    `${updated} data.changed[] is never STATUS any more`,
  ],
  [
    'any value instead of some',
    (d) => delete data(d).properties.fromStatus.enum,
    `${updated} data.fromStatus is any value instead of an enumeration`,
  ],
  [
    'another format of what all have',
    (d) => (common(d).properties.id.format = 'uri'),
    `${updated} id has another format: uri instead of uuid`,
    'crm.customer.deleted: id has another format: uri instead of uuid',
  ],
  [
    'another constant of what all have',
    (d) => (common(d).properties.specversion.const = '2.0'),
    `${updated} specversion has another const: 2.0 instead of 1.0`,
    'crm.customer.deleted: specversion has another const: 2.0 instead of 1.0',
  ],
])('%s may break a receiver', (_what, edit, ...changes) => {
  expect(found(edit)).toEqual(changes);
});

test.each<[string, Edit]>([
  ['nothing', () => {}],
  ['a new type', (d) => (d.components.messages['crm.customer.moved'] = d.components.messages['crm.customer.deleted'])],
  ['a new field', (d) => (data(d).properties.also = { type: 'string' })],
  ['a new value', (d) => data(d).properties.fromStatus.enum.push('INACTIVE')],
  ['a field that is now always there', (d) => data(d).required.push('reason')],
  ['a value that is never null any more', (d) => (data(d).properties.reason.type = 'string')],
  ['other words', (d) => (data(d).properties.reason.description = 'Why.')],
])('%s breaks nobody', (_what, edit) => {
  expect(found(edit)).toEqual([]);
});
