import { documentOf } from '../support/documents.js';
import { contact, customer, opportunity, written } from '../support/records.js';
import { tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';

// What a dialect takes in one request, or has in one path, belongs together there as well.

const customers = /^(?:accountId|customerId|customer_id)$/;
const belonging: Record<string, 'contact' | 'opportunity'> = {
  contactId: 'contact',
  contact_id: 'contact',
  opportunityId: 'opportunity',
};

/** What a row needs beside its references. */
const required: Record<string, Data> = {
  'erp POST /activities': { type: 'call', subject: '拜访' },
  'erp PUT /activities/{id}': { subject: '拜访' },
  'erp POST /cases': { subject: '故障' },
  'erp PUT /cases/{id}': { subject: '故障' },
  'cell POST /follow-ups': { content: '已谈' },
  'cell POST /contracts': { contractNo: 'HT-1', amountCents: 100 },
  'lifecycle POST /customers/{id}/communications': {
    communication_type: 1,
    direction: 1,
    subject: '拜访',
    content: '已谈',
    communication_date: '2026-03-01T10:00:00Z',
  },
};

interface Row {
  dialect: Dialect;
  row: string;
  /** the field that names the customer; none where the path does */
  customer: string | undefined;
  child: string;
}

let t: TestTenant;
let ours: Data;
let others: Data;
const rows: Row[] = [];
beforeAll(async () => {
  for (const dialect of ['erp', 'cell', 'lifecycle', 'platform'] as const)
    for (const { row, fields } of (await documentOf(dialect)).operations) {
      const paths = fields.map(({ path }) => path);
      const named = paths.find((path) => customers.test(path));
      if (named || /\/customers\/\{id\}\//.test(row))
        rows.push(
          ...paths
            .filter((path) => Object.hasOwn(belonging, path))
            .map((child) => ({ dialect, row, customer: named, child })),
        );
    }
});

beforeEach(async () => {
  t = await tenant();
  [ours, others] = [await customer(t.admin, { name: '甲' }), await customer(t.admin, { name: '乙' })];
});

const key = (dialect: Dialect, record: Data): unknown => (dialect === 'lifecycle' ? record['number'] : record['id']);
const made = (kind: 'contact' | 'opportunity', of: Data): Promise<Data> =>
  (kind === 'contact' ? contact : opportunity)(t.admin, { name: '张三', customer: of['id'] });

test('a customer and what belongs to another one are refused by every row that takes both, and nothing is changed', async () => {
  expect([...new Set(rows.map(({ dialect, row }) => `${dialect} ${row}`))].toSorted()).toEqual(
    Object.keys(required).toSorted(),
  );
  for (const { dialect, row, customer: side, child } of rows) {
    const [method, path] = row.split(' ') as [string, string];
    const [mine, foreign] = [await made(belonging[child]!, ours), await made(belonging[child]!, others)];
    const fields = { ...required[`${dialect} ${row}`], ...(side && { [side]: key(dialect, ours) }) };
    const record = /\/(activities|cases)\/\{id\}/.exec(path)?.[1];
    const kind = record === 'cases' ? 'case' : 'activity';
    const place = record
      ? path.replace(
          '{id}',
          (
            await t.admin.graph(
              `mutation ($of: ID!) { ${kind}Create(input: { subject: "x", customer: $of }) { ${kind} { id } } }`,
              { of: ours['id'] },
            )
          )[`${kind}Create`][kind].id,
        )
      : path.replace('{id}', String(key(dialect, ours)));
    const send = (of: Data): Promise<Data> =>
      t.admin.rest(dialect)[method.toLowerCase() as 'post' | 'put'](place, { ...fields, [child]: key(dialect, of) });
    const before = await written(t);
    const refused = await send(foreign);
    expect([dialect, row, child, refused['status'], JSON.stringify(refused['body']).includes(child)]).toEqual([
      dialect,
      row,
      child,
      400,
      true,
    ]);
    expect([dialect, row, await written(t)]).toEqual([dialect, row, before]);
    expect([dialect, row, child, Math.floor((await send(mine))['status'] / 100)]).toEqual([dialect, row, child, 2]);
    await t.sql('delete from contract');
  }
  expect(rows.length).toBeGreaterThan(7);
});

test('what is named below a customer that it does not belong to is not found there', async () => {
  const rest = t.admin.rest('lifecycle');
  const person = await contact(t.admin, { name: '张三', customer: ours['id'] });
  const { customerTagCreate: tag } = await t.admin.graph(
    'mutation ($id: ID!) { customerTagCreate(input: { customer: $id, name: "重点" }) { customerTag { number } } }',
    { id: ours['id'] },
  );
  const { operations } = await documentOf('lifecycle');
  const below = operations.map(({ row }) => row).filter((row) => (row.match(/\{/g) ?? []).length > 1);
  expect(below.toSorted()).toEqual([
    'DELETE /customers/{id}/contacts/{contactId}',
    'DELETE /customers/{id}/tags/{tagId}',
    'PUT /customers/{id}/contacts/{contactId}',
    'PUT /customers/{id}/contacts/{contactId}/primary',
  ]);
  const before = await written(t);
  for (const row of below) {
    const [method, path] = row.split(' ') as [string, string];
    const place = path
      .replace('{id}', others['number'])
      .replace('{contactId}', person['number'])
      .replace('{tagId}', tag.customerTag.number);
    const { status } = await rest[method.toLowerCase() as 'put' | 'delete'](place, { contact_name: '李四' });
    expect([row, status]).toEqual([row, 404]);
  }
  expect(await written(t)).toEqual(before);
});
