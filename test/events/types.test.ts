import { isDeepStrictEqual } from 'node:util';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { buildSchema, isEnumType, type GraphQLObjectType } from 'graphql';
import { parse } from 'yaml';
import { eventually } from '../support/eventually.js';
import { address, send } from '../support/http.js';
import { argumentsOf, Fresh, mutations } from '../support/mutations.js';
import { receiver } from '../support/receiver.js';
import { activity, caseOf, contract, customer, lead, opportunity } from '../support/records.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';
import { night, poolOf, ruleOf } from '../pools/recycling.js';
import { leftAlone, watched } from '../support/time.js';

// The document of events against the events: every type that is published is in it, every type in it is published here,
// and what goes out has the form that it says, member by member.

let document: Data;
let problemsOf: (event: Data) => string[];
beforeAll(async () => {
  document = (await send('GET', '/asyncapi.json')).body;
  const { schemas, messages } = document.components;
  const strict = structuredClone(schemas);
  // what is not documented counts as wrong here; others leave it alone
  for (const [name, { allOf }] of Object.entries<Data>(strict))
    if (name !== 'CloudEvent') allOf[1].properties.data.additionalProperties = false;
  strict.CloudEvent.additionalProperties = false;
  const ajv = new Ajv({ allErrors: true, strict: false });
  formats.default(ajv);
  ajv.addSchema({ components: { schemas: strict } }, 'document');
  problemsOf = (event) => {
    const message = messages[event.type];
    if (!message) return [`${event.type} is not in the document`];
    const validate = ajv.getSchema(`document${message.payload.$ref}`)!;
    return validate(event)
      ? []
      : validate.errors!.map(
          ({ instancePath, message: why, params }) => `${event.type}${instancePath} ${why} ${JSON.stringify(params)}`,
        );
  };
}, 30_000);

const typesOf = (events: Data[]): string[] => [...new Set(events.map(({ type }) => type as string))].toSorted();

async function feedOf(by: Actor, headers: Record<string, string> = {}): Promise<Data[]> {
  const events: Data[] = [];
  for (let after = ''; ;) {
    const { status, body } = await send('GET', `/api/v1/events?limit=500&after=${after}`, {
      authorization: `Bearer ${by.token}`,
      accept: 'application/json',
      ...headers,
    });
    expect(status).toBe(200);
    events.push(...body.events);
    if (!body.hasMore) return events;
    after = body.cursor;
  }
}

/** What no single mutation brings about: moves through further states, and what the clock brings. */
async function whatElseHappens(f: Fresh): Promise<void> {
  const { admin } = f.t;
  const run = async (text: string, variables: object): Promise<void> => {
    const [payload] = Object.values(await admin.graph(text, variables)) as Data[];
    expect(payload.userErrors).toEqual([]);
  };
  const moved = (mutation: string, kind: string, id: string, status: string): Promise<void> =>
    run(
      `mutation ($id: ID!, $status: ${kind}!) { ${mutation}(id: $id, status: $status) { userErrors { code field } } }`,
      { id, status },
    );
  await moved('caseChangeStatus', 'CaseStatus', (await f.case()).id, 'RESOLVED');
  await moved('successTaskChangeStatus', 'SuccessTaskStatus', (await f.task()).id, 'DONE');
  await moved('contractChangeStatus', 'ContractStatus', (await f.contract({ status: 'IN_FORCE' })).id, 'TERMINATED');
  const of = (await f.customer()).id;
  await activity(admin, { subject: f.name(), customer: of, startsAt: '2026-01-05T01:00:00Z', status: 'PLANNED' });
  await run('mutation ($input: SuccessTaskInput!) { successTaskCreate(input: $input) { userErrors { code field } } }', {
    input: { kind: 'PROBLEM', title: f.name(), customer: of, dueAt: '2026-01-05T01:00:00Z' },
  });
  const over = { amount: { amount: '100' }, status: 'IN_FORCE', startsOn: '2024-01-01', dueOn: '2024-01-31' };
  const { id: unpaid } = await contract(admin, { name: f.name(), customer: of, endsOn: '2099-12-31', ...over });
  // its customer pays late, so its health is another than that of new customers
  await run('mutation ($id: ID!) { customerCalculateHealth(id: $id) { userErrors { code field } } }', { id: of });
  await watched(f.t);
  await leftAlone(f.t, 'contract');
  await eventually(
    () =>
      f.t.sql("select type from outbox where type like '%.due' or type = 'crm.contract.overdue' and subject = $1", [
        unpaid,
      ]),
    (rows) => typesOf(rows).length === 3,
  );
}

/** What an evening brings: a customer and a lead that rules take, and others of which it is said that they will soon. */
async function theEvening({ t }: Fresh): Promise<void> {
  const owner = await t.sales.id();
  for (const [kind, table, make] of [
    ['CUSTOMER', 'customer', customer],
    ['LEAD', 'lead', lead],
  ] as const) {
    for (const name of ['到期', '将到期']) await make(t.admin, { name: `${name}${table}`, owner });
    await t.sql(`update ${table} set held_since = now() - interval '9 days' where name = $1`, [`将到期${table}`]);
    await t.sql(`update ${table} set held_since = now() - interval '10 days' where name = $1`, [`到期${table}`]);
    const into = await poolOf(t, kind);
    await ruleOf(t, { pool: into, name: '十天', trigger: 'HELD', days: 10, reminderDays: [1] });
  }
  expect(await night(t)).toBe('2 customers and leads recycled, 2 reminders');
}

test('every type of event is published and documented, and each event has the form that the document says', async () => {
  const t = await tenant();
  const f = new Fresh(t);
  let created = '';
  for (const mutation of Object.keys(mutations)) {
    const { body } = await f.mutate(mutation, await argumentsOf[mutation]!(f), 'id');
    expect([mutation, body.errors]).toEqual([mutation, undefined]);
    if (mutation === 'tenantCreate') created = body.data.tenantCreate.tenant.id;
  }
  await whatElseHappens(f);
  await theEvening(f);
  const events = [...(await feedOf(t.admin)), ...(await feedOf(t.platform, { 'x-tenant-id': created }))];
  expect(events.flatMap(problemsOf)).toEqual([]);
  expect(typesOf(events)).toEqual(Object.keys(document.components.messages));
  expect(Object.keys(document.components.messages).length).toBeGreaterThan(70);
}, 120_000);

/** What events say beside the fields of their record, by the last part of their type. */
const besideTheRecord: Record<string, readonly string[]> = {
  commented: ['comment'],
  due: ['dueAt'],
  healthChanged: ['before', 'riskLevel'],
  used: ['events'],
  overdue: ['term'],
};
/** Of every move and change: what was, what is, why, and what was changed. */
const ofChanges = /^(?:from|to)(?:Owner|Stage|Status)$|^reason$|^changed$/;

test('every event speaks the words of the graph: fields, values, and what was changed', async () => {
  const graph = buildSchema((await send('GET', '/schema.graphql')).body);
  const enumerations = Object.values(graph.getTypeMap()).filter(isEnumType);
  const valuesOf = (name: string): string[] | undefined =>
    enumerations
      .find((one) => one.name === name)
      ?.getValues()
      .map(({ name: value }) => value);
  const strange: string[] = [];
  for (const [type, { payload }] of Object.entries<Data>(document.components.messages)) {
    const [, record, event] = type.split('.') as [string, string, string];
    const name = record[0]!.toUpperCase() + record.slice(1);
    const { data } = document.components.schemas[payload.$ref.split('/').at(-1)].allOf[1].properties;
    const fields = Object.keys((graph.getType(name) as GraphQLObjectType).getFields());
    const constants = fields.map((field) => field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
    for (const [field, { enum: values, items }] of Object.entries<Data>(data.properties)) {
      if (!fields.includes(field) && !ofChanges.test(field) && !besideTheRecord[event]?.includes(field))
        strange.push(`${type}: ${field} is no field of ${name}`);
      const known = enumerations.some((one) =>
        isDeepStrictEqual(
          new Set(valuesOf(one.name)),
          new Set((values ?? []).filter((value: unknown) => value !== null)),
        ),
      );
      if (values && !known) strange.push(`${type}: ${field} has values of no enumeration`);
      const changed = [...(valuesOf(`${name}Field`) ?? constants), 'DELETED_AT'];
      for (const value of items?.enum ?? [])
        if (!changed.includes(value)) strange.push(`${type}: ${value} is no value of ${name}Field`);
    }
  }
  expect(strange).toEqual([]);
});

test('an amount in a currency, and the judgement of a case, are changes of what the graph shows', async () => {
  const { admin } = await tenant();
  const { id: of } = await customer(admin, { name: '甲' });
  const { id } = await opportunity(admin, { name: '单', customer: of });
  const pipeline = await admin.subscribe('subscription { pipelineChanged { kind changed } }');
  await admin.graph(
    'mutation ($id: ID!) { opportunityUpdate(id: $id, input: { amount: { amount: "10", currency: "USD" } }) { userErrors { code } } }',
    { id },
  );
  expect(await pipeline.next()).toEqual({
    pipelineChanged: { kind: 'AMOUNT_CHANGED', changed: ['AMOUNT'] },
  });
  const { id: complaint } = await caseOf(admin, { subject: '投诉', customer: of });
  await admin.graph('mutation ($id: ID!) { caseClose(id: $id, input: { resolution: "x" }) { userErrors { code } } }', {
    id: complaint,
  });
  await admin.graph(
    'mutation ($id: ID!) { caseRate(id: $id, input: { satisfaction: 4, communication: 5 }) { userErrors { code } } }',
    { id: complaint },
  );
  const events = await feedOf(admin);
  expect(events.find(({ type }) => type === 'crm.opportunity.updated').data.changed).toEqual(['AMOUNT']);
  expect(events.find(({ type }) => type === 'crm.case.rated').data.changed.toSorted()).toEqual([
    'RATING',
    'SATISFACTION',
  ]);
});

test('the stream and webhooks send the very events of the feed', async () => {
  const { admin } = await tenant();
  const target = await receiver();
  await admin.graph('mutation ($url: String!) { webhookCreate(input: { url: $url }) { userErrors { code } } }', {
    url: target.url,
  });
  const { id } = await customer(admin, { name: '甲' });
  await admin.graph(
    'mutation ($id: ID!) { customerChangeStatus(id: $id, status: LOST, reason: "搬迁") { userErrors { code } } }',
    { id },
  );
  const events = await feedOf(admin);
  expect(events.flatMap(problemsOf)).toEqual([]);
  expect(typesOf(events)).toEqual(['crm.customer.created', 'crm.customer.updated']);
  expect((await target.until(2)).map(({ event }) => event)).toEqual(events);
  const stopped = new AbortController();
  const { body } = await fetch(`${address()}/api/v1/events?after=0`, {
    headers: { authorization: `Bearer ${admin.token}`, accept: 'text/event-stream' },
    signal: stopped.signal,
  });
  let text = '';
  for await (const chunk of body!.pipeThrough(new TextDecoderStream() as never) as AsyncIterable<string>) {
    text += chunk;
    if (text.split('\ndata: ').length > 2 && text.endsWith('\n\n')) break;
  }
  stopped.abort();
  expect([...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!))).toEqual(events);
});

test('the page shows every type with its data, and the YAML says the same as the JSON', async () => {
  const page = await send('GET', '/asyncapi', { accept: 'text/html' });
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  const shown = [...page.body.matchAll(/<h3 id="([^"]+)">/g)].map(([, name]) => name!);
  expect(shown.toSorted()).toEqual(Object.keys(document.components.messages));
  for (const [name, { allOf }] of Object.entries<Data>(document.components.schemas))
    if (allOf)
      for (const member of Object.keys(allOf[1].properties.data.properties))
        expect([name, member, page.body.includes(`<code>${member}</code>`)]).toEqual([name, member, true]);
  const yaml = await send('GET', '/asyncapi.yaml');
  expect(parse(yaml.body)).toEqual(document);
});

const create =
  'mutation ($input: WebhookInput!) { webhookCreate(input: $input) { webhook { id types } userErrors { code field message } } }';
const update =
  'mutation ($id: ID!, $input: WebhookInput!) { webhookUpdate(id: $id, input: $input) { webhook { types } userErrors { code field message } } }';

test('a webhook takes every documented type and every kind of record, at its creation and afterwards', async () => {
  const { admin } = await tenant();
  const names = Object.keys(document.components.messages);
  const all = [...names, ...new Set(names.map((name) => name.replace(/[\w-]+$/, '*')))];
  const { webhookCreate } = await admin.graph(create, { input: { url: 'https://1.1.1.1/', types: all.slice(0, 100) } });
  expect(webhookCreate).toEqual({ webhook: { id: expect.any(String), types: all.slice(0, 100) }, userErrors: [] });
  const { webhookUpdate } = await admin.graph(update, {
    id: webhookCreate.webhook.id,
    input: { types: all.slice(-100) },
  });
  expect(webhookUpdate).toEqual({ webhook: { types: all.slice(-100) }, userErrors: [] });
});

test.each([
  ['crm.customer.create', 'crm.customer.created'],
  ['crm.customers.created', 'crm.customer.created'],
  ['customer.created', 'crm.customer.created'],
  ['crm.Customer.Created', 'crm.customer.created'],
  ['crm.succesTask.*', 'crm.successTask.*'],
  ['erp.contract.signed', 'crm.contract.signed'],
  ['crm.nothing.happened', null],
  ['*', null],
  ['', null],
  ['crm.customer.created.'.repeat(6), null],
])('the type %p is refused, and %p said to be meant', async (type, meant) => {
  const { admin, sql } = await tenant();
  const { webhookCreate: kept } = await admin.graph(create, {
    input: { url: 'https://1.1.1.1/', types: ['crm.customer.created'] },
  });
  const types = ['crm.customer.created', type];
  const said = async (language: string): Promise<Data[]> =>
    Promise.all(
      (
        [
          [create, { input: { url: 'https://1.1.1.1/', types } }],
          [update, { id: kept.webhook.id, input: { types } }],
        ] as const
      ).map(async ([text, variables]) => {
        const { body } = await admin.graph.raw(text, variables, { 'accept-language': language });
        const [payload] = Object.values(body.data) as Data[];
        return payload;
      }),
    );
  const refusal = (message: string): Data => ({
    webhook: null,
    userErrors: [{ code: 'UNKNOWN_EVENT_TYPE', field: ['input', 'types', '1'], message }],
  });
  const english = meant ? `did you mean ${meant}?` : '/asyncapi lists them.';
  for (const payload of await said('en'))
    expect(payload).toEqual(refusal(expect.stringMatching(/ is no type of event; /) as never as string));
  for (const payload of await said('en')) expect(payload.userErrors[0].message.endsWith(english)).toBe(true);
  for (const payload of await said('zh'))
    expect(payload.userErrors[0].message).toContain(meant ? `是否应为 ${meant}` : '全部类型见事件文档');
  expect(await sql('select types, version from webhook')).toEqual([{ types: ['crm.customer.created'], version: 1 }]);
});
