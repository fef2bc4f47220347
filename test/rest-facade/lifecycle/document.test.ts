import { outline } from '../../../rest-facade/engine/openapi/outline.js';
import { lifecycle } from '../../../rest-facade/lifecycle/index.js';
import { tenant, type Actor, type Data } from '../../support/tenant.js';
import { extras, operations, type Operation } from './document.js';
import { deviations } from './schemas.js';

const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);

/** Puts what is known by now into a request's placeholders. */
function filled<T>(value: T, known: Record<string, unknown>): T {
  return JSON.parse(
    JSON.stringify(value)
      .replace(/"\{(\w+)\}"/g, (_, name: string) => JSON.stringify(known[name]))
      .replace(/\{(\w+)\}/g, (_, name: string) => String(known[name]))
      .replace('"me"', JSON.stringify(known['me'])),
  ) as T;
}

/** A case that was solved and judged, which the service records show. */
async function served(by: Actor, customer: number): Promise<void> {
  const { caseCreate } = await by.graph(
    'mutation ($input: CaseInput!) { caseCreate(input: $input) { case { id } userErrors { code } } }',
    {
      input: {
        customer: String(customer),
        subject: '登录失败',
        description: '无法登录系统',
        kind: 'ISSUE',
        assignee: await by.id(),
      },
    },
  );
  const { id } = caseCreate.case;
  const { caseClose } = await by.graph(
    'mutation ($id: ID!) { caseClose(id: $id, input: { resolution: "已修复", satisfaction: 4, responseTime: 3, solutionQuality: 4, communication: 5, professionalism: 5 }) { case { id } userErrors { code field } } }',
    { id },
  );
  expect(caseClose.userErrors).toEqual([]);
}

/** Logins, features and sessions of somebody at the customer. */
async function used(by: Actor, customer: number): Promise<void> {
  const event = (kind: string, rest: object = {}): object => ({
    customer: String(customer),
    person: '用户1',
    kind,
    at: new Date().toISOString(),
    ...rest,
  });
  const { usageEventsCreate } = await by.graph(
    'mutation ($inputs: [UsageEventInput!]!) { usageEventsCreate(inputs: $inputs) { userErrors { code field } } }',
    { inputs: [event('LOGIN'), event('FEATURE', { feature: '报表' }), event('SESSION', { durationSeconds: 600 })] },
  );
  expect(usageEventsCreate.userErrors).toEqual([]);
}

const items = ({ data: kind }: Operation, data: Data): Data[] =>
  kind === 'page' ? data.items : kind === 'list' ? data : [data];

test('the documented operations, sent in order on an empty tenant, give the documented answers', async () => {
  const { admin } = await tenant();
  const { viewer } = await admin.graph('{ viewer { user { number } } }');
  const known: Record<string, unknown> = { me: viewer.user.number, soon: day(60), later: day(400) };
  for (const operation of operations) {
    if (operation.id === 'customer_analysis_behavior') await used(admin, known['id'] as number);
    if (operation.id === 'customer_service_record_list') await served(admin, known['id'] as number);
    const { id, method, path, query, body, data: kind, schema, keep, says } = filled(operation, known);
    const answer = await admin
      .rest('lifecycle')
      [method.toLowerCase() as 'post'](`${path}?${new URLSearchParams(query)}`, body);
    if (kind === 'file') {
      expect([id, answer.status, answer.headers.get('content-type'), answer.body.split('\r\n').length]).toEqual([
        id,
        200,
        'text/csv; charset=utf-8',
        3,
      ]);
      continue;
    }
    const { success, code, message, data, timestamp, trace_id, ...others } = answer.body as Data;
    expect({
      id,
      status: answer.status,
      success,
      code,
      message: typeof message,
      timestamp: Number.isNaN(Date.parse(timestamp)),
      trace_id: typeof trace_id,
      others,
    }).toEqual({
      id,
      status: 200,
      success: true,
      code: 200,
      message: 'string',
      timestamp: false,
      trace_id: 'string',
      others: {},
    });
    if (kind === 'none') expect([id, data]).toEqual([id, null]);
    else {
      const found = items(operation, data);
      expect([id, found.length > 0]).toEqual([id, true]);
      expect(found.flatMap((item) => deviations(schema!, item, id))).toEqual([]);
      expect([id, data]).toEqual([id, says ? expect.objectContaining(says) : data]);
    }
    if (kind === 'page')
      expect({ id, ...data, items: [] }).toEqual({
        id,
        items: [],
        total: items(operation, data).length,
        page: 1,
        size: 20,
        pages: 1,
      });
    for (const [name, field] of Object.entries(keep ?? {})) known[name] = data[field];
  }
});

test('every documented operation has a row, and every row is documented', () => {
  const rows = outline(lifecycle).map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`);
  const documented = operations.map(
    ({ method, path }) => `${method} ${path.replace(/^(\/contracts\/)\{contractId\}/, '$1{id}')}`,
  );
  expect(documented).toHaveLength(34);
  expect(rows.toSorted()).toEqual([...documented, ...extras].toSorted());
});

test('every row takes the documented parameters and members, and shows the documented answer', () => {
  const rows = new Map(outline(lifecycle).map((row) => [`${row.method} ${row.path.replace('/api/v1', '')}`, row]));
  for (const { method, path, query = {}, body = {}, schema, id } of operations) {
    const row = rows.get(`${method} ${path.replace(/^(\/contracts\/)\{contractId\}/, '$1{id}')}`)!;
    expect({ id, query: Object.keys(row.query).toSorted() }).toEqual({ id, query: Object.keys(query).toSorted() });
    const known = Object.keys(row.body);
    expect({ id, unknown: Object.keys(body).filter((name) => !known.includes(name)) }).toEqual({ id, unknown: [] });
    if (row.kind !== 'batch' && schema)
      expect({ id, answer: Object.keys(row.answer).toSorted() }).toEqual({
        id,
        answer: Object.keys(schema).toSorted(),
      });
  }
});
