import { customer, written } from '../support/records.js';
import { tenant } from '../support/tenant.js';

const record =
  'mutation ($inputs: [UsageEventInput!]!) { usageEventsCreate(inputs: $inputs) { count userErrors { code field } } }';

test('a thousand events are stored at once, in as many statements as one', async () => {
  const { admin, sql } = await tenant();
  const { id, number } = await customer(admin, { name: '客户' });
  const one = { customer: id, kind: 'LOGIN', person: 'li.lei', at: '2026-10-01T08:00:00+08:00' };
  const single = await admin.graph.raw(record, { inputs: [one] });
  const many = await admin.graph.raw(record, {
    inputs: Array.from({ length: 1000 }, (_, index) => ({
      customer: String(number),
      kind: 'FEATURE',
      feature: `功能${index % 3}`,
      durationSeconds: index,
    })),
  });
  expect(many.body.data.usageEventsCreate).toEqual({ count: 1000, userErrors: [] });
  expect(many.statements).toBe(single.statements);
  expect(
    await sql(
      "select kind, person, feature, to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') at from usage_event where kind = 'LOGIN'",
    ),
  ).toEqual([{ kind: 'LOGIN', person: 'li.lei', feature: null, at: '2026-10-01 00:00' }]);
  expect(
    await sql(
      "select count(*)::int, sum(duration_seconds)::int seconds, count(distinct feature)::int features, bool_and(customer_id = $1) of_customer from usage_event where kind = 'FEATURE'",
      [id],
    ),
  ).toEqual([{ count: 1000, seconds: 499500, features: 3, of_customer: true }]);
  expect(await sql("select subject, data from outbox where type = 'crm.customer.used' order by seq")).toEqual([
    { subject: id, data: { events: 1 } },
    { subject: id, data: { events: 1000 } },
  ]);
  expect(
    (
      await admin.graph(
        'query ($id: ID!) { customer(id: $id) { usageEvents(filter: { feature: "功能1" }) { totalCount } } }',
        { id },
      )
    ).customer.usageEvents.totalCount,
  ).toBe(333);
});

test('one wrong event keeps all from being stored', async () => {
  const { admin, sales, sales2, viewer, sql } = await tenant();
  const { id } = await customer(admin, { name: '客户', owner: await sales2.id() });
  const good = { customer: id, kind: 'LOGIN' };
  const before = await written({ sql });
  expect(await admin.graph.userErrors(record, { inputs: [good, { customer: '999999999', kind: 'LOGIN' }] })).toEqual([
    'UNKNOWN_REFERENCE inputs.1.customer',
  ]);
  expect(await admin.graph.refused(record, { inputs: [good, { kind: 'LOGIN' }] })).toEqual(['BAD_USER_INPUT']);
  expect(await admin.graph.userErrors(record, { inputs: [good, { customer: id, kind: 'FEATURE' }] })).toEqual([
    'REQUIRED inputs.1.feature',
  ]);
  expect(await admin.graph.userErrors(record, { inputs: [{ ...good, durationSeconds: -1 }] })).toEqual([
    'OUT_OF_RANGE inputs.0.durationSeconds',
  ]);
  expect(await admin.graph.userErrors(record, { inputs: [] })).toEqual(['OUT_OF_RANGE inputs']);
  expect(await admin.graph.userErrors(record, { inputs: Array.from({ length: 1001 }, () => good) })).toEqual([
    'OUT_OF_RANGE inputs',
  ]);
  expect(await sales.graph.userErrors(record, { inputs: [good] })).toEqual(['UNKNOWN_REFERENCE inputs.0.customer']);
  expect(await viewer.graph.refused(record, { inputs: [good] })).toEqual(['FORBIDDEN']);
  expect(await sql('select 1 from usage_event')).toEqual([]);
  expect(await written({ sql })).toEqual(before);
});
