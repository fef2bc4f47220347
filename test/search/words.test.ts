import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, getNamedType, isInputObjectType, isObjectType } from 'graphql';
import { documentOf } from '../support/documents.js';
import { create } from '../support/filled.js';
import { isChosen } from '../support/generated.js';
import { address } from '../support/http.js';
import { tenant, type Actor, type Data, type Dialect, type TestTenant } from '../support/tenant.js';

// Of several words each is found, in whatever order and column, wherever there is something to look for: what is found for
// all of them is what is found for each.

const names = ['华信科技 上海', '上海华信', '科技 北京', 'Acme 上海 (Ltd)', 'ACME 科技', '东方', '华信 acme 科技'];
const people = ['李雷', '韩梅梅', '李 雷', null, 'Li Lei', '韩梅', '李雷'];
const phones = ['13800138000', '13900139000', null, '138-1111-2222', '010-66501234', null, '13911112222'];

/** What is looked for, two and three words at a time. */
const words = ['科技', '上海', '华信', 'acme', '李', '1380', '(ltd', '无'];
const pairs = words
  .flatMap((one, index) => words.slice(index + 1).map((other) => [one, other] as const))
  .filter((pair) => pair.join() === '科技,上海' || isChosen(pair.join(), 4));

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
  const inputs = names.map((name, index) => ({ name, phone: phones[index] }));
  const customers = await create(
    t.admin,
    'customerCreate',
    'customer',
    'CustomerInput',
    inputs.map((input, index) => ({ ...input, contactPerson: people[index] })),
  );
  const of = (index: number): { customer: string } => ({ customer: customers[index]! });
  await create(
    t.admin,
    'contactCreate',
    'contact',
    'ContactInput',
    inputs.map((input, index) => ({ ...input, department: people[index], ...of(index) })),
  );
  await create(
    t.admin,
    'opportunityCreate',
    'opportunity',
    'OpportunityInput',
    names.map((name, index) => ({ name, ...of(index) })),
  );
  await create(
    t.admin,
    'contractCreate',
    'contract',
    'ContractInput',
    names.map((name, index) => ({ name, ...of(index) })),
  );
  await create(
    t.admin,
    'leadCreate',
    'lead',
    'LeadInput',
    inputs.map((input, index) => ({ ...input, contactPerson: people[index] })),
  );
  await create(
    t.admin,
    'campaignCreate',
    'campaign',
    'CampaignInput',
    names.map((name, index) => ({ name, kind: 'EVENT', targetAudience: people[index] })),
  );
  await create(
    t.admin,
    'activityCreate',
    'activity',
    'ActivityInput',
    names.map((subject, index) => ({ subject, content: people[index], kind: 'CALL', ...of(index) })),
  );
  await create(
    t.admin,
    'successTaskCreate',
    'successTask',
    'SuccessTaskInput',
    names.map((title, index) => ({ title, description: people[index], kind: 'RENEWAL', ...of(index) })),
  );
  await create(
    t.admin,
    'caseCreate',
    'case',
    'CaseInput',
    names.map((subject, index) => ({ subject, description: people[index], ...of(index) })),
  );
  await t.admin.graph(
    `mutation { ${names.map((name, index) => `w${index}: webhookCreate(input: { url: "https://example.com/${index}", description: ${JSON.stringify(name)} }) { userErrors { code } }`).join(' ')} }`,
  );
  await create(
    t.admin,
    'customerTagCreate',
    'customerTag',
    'CustomerTagInput',
    names.map((name, index) => ({ name: name.replace(/[()]/g, ''), ...of(index) })),
  );
  await create(
    t.admin,
    'apiKeyCreate',
    'apiKey',
    'ApiKeyInput',
    names.map((name) => ({ name, scopes: ['crm:read'] })),
  );
  const unique = [...new Set(names)];
  await create(
    t.admin,
    'departmentCreate',
    'department',
    'DepartmentCreateInput',
    unique.map((name) => ({ name })),
  );
  const poolInputs = unique.map((name) => ({ name, kind: 'CUSTOMER' }));
  const [pool] = await create(t.admin, 'poolCreate', 'pool', 'PoolInput', poolInputs);
  await create(
    t.admin,
    'poolRuleCreate',
    'poolRule',
    'PoolRuleInput',
    unique.map((name) => ({ name, pool, trigger: 'HELD', days: 30 })),
  );
  await create(
    t.admin,
    'savedViewCreate',
    'savedView',
    'SavedViewInput',
    names.map((name) => ({ name, kind: 'CUSTOMER' })),
  );
  const [about] = await create(t.admin, 'caseCreate', 'case', 'CaseInput', [{ subject: '评论', ...of(0) }]);
  await create(
    t.admin,
    'caseCommentCreate',
    'caseComment',
    'CaseCommentInput',
    names.map((content) => ({ case: about, content })),
  );
  // what names of programs hold, which headers of the tests' client cannot
  await t.sql(
    `insert into endpoint_use (tenant_id, id, dialect, endpoint, user_id, user_agent, count, last_used_at)
      select app_tenant(), gen_random_uuid(), 'ERP', 'GET /accounts', $1::uuid, agent, 1, now() from unnest($2::text[]) agent returning id`,
    [await t.admin.id(), names.map((name, index) => `${name} ${people[index] ?? ''}`)],
  );
  await t.outsider.id();
  await create(
    t.admin,
    'customerTenantCreate',
    'customerTenant',
    'CustomerTenantInput',
    customers.map((id) => ({ customer: id, tenant: t.outsider.tenant, relationType: 'PARTNER' })),
  );
}, 60_000);

/** What is found for a text: something of each row that tells it from others. */
type Look = (text: string) => Promise<string[]>;
interface Place {
  place: string;
  look: Look;
}

const keysOf = (rows: Data[], key: string): string[] => rows.map((row) => String(row[key])).toSorted();

/** Every list of the graph that can be searched. */
const lists: Place[] = Object.values(
  buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'))
    .getQueryType()!
    .getFields(),
).flatMap(({ name, type, args }) => {
  const filter = getNamedType(args.find((argument) => argument.name === 'filter')?.type);
  if (!isInputObjectType(filter) || !('search' in filter.getFields())) return [];
  const shown = getNamedType(type);
  if (!isObjectType(shown) || !('nodes' in shown.getFields())) return [];
  // the tenants of the server are no tenant's own: they are found by the same condition
  if (name === 'tenants') return [];
  const key = shown.name.endsWith('Connection') ? 'id' : 'name';
  const by = (): Actor => (name === 'linkedCustomers' ? t.outsider : t.admin);
  const look: Look = async (search) =>
    keysOf(
      (
        await by().graph(
          `query ($search: String) { ${name}(first: 100, filter: { search: $search }) { nodes { ${key} } } }`,
          { search },
        )
      )[name].nodes,
      key,
    );
  return [{ place: name, look }];
});

const found: Place[] = ['customers', 'contacts', 'opportunities'].map((name) => ({
  place: `search ${name}`,
  look: async (text) =>
    keysOf(
      (
        await t.admin.graph(`query ($text: String!) { search(text: $text) { ${name}(first: 100) { nodes { id } } } }`, {
          text,
        })
      ).search[name].nodes,
      'id',
    ),
}));

const files: Place[] = ['customers', 'contacts', 'opportunities', 'contracts'].map((name) => ({
  place: `/export/${name}.json`,
  look: async (search) => {
    const filter = encodeURIComponent(JSON.stringify({ search }));
    const answer = await fetch(`${address()}/export/${name}.json?filter=${filter}`, {
      headers: { authorization: `Bearer ${t.admin.token}` },
    });
    expect(answer.status).toBe(200);
    return keysOf((await answer.json()) as Data[], 'name');
  },
}));

/** Parameters of the dialects that look for words, with what tells a row. */
const parameters: Array<[Dialect, string, string, (body: Data) => Data[], string]> = [
  ['cell', '/customers', 'keyword', ({ data }) => data, 'customerId'],
  ['cell', '/customers/export', 'keyword', ({ data }) => data, 'customerId'],
  ['cell', '/export/customers', 'keyword', ({ data }) => data, 'customerId'],
  ['lifecycle', '/customers', 'keyword', ({ data }) => data.items, 'customer_id'],
  ['lifecycle', '/customers/search', 'q', ({ data }) => data.items ?? data, 'customer_id'],
  ['platform', '/customers/', 'search', ({ data }) => data.results, 'id'],
  ['platform', '/customers/search/', 'q', ({ data }) => data.results, 'id'],
  ['platform', '/customers/tenants/view/', 'search', ({ data }) => data.results, 'id'],
];

const rest: Place[] = parameters.map(([dialect, path, name, rowsOf, key]) => ({
  place: `${dialect} ${path}?${name}`,
  look: async (text) => {
    // the view of a tenant shows customers of others that are linked with it
    const by = path.includes('view') ? t.outsider : t.admin;
    const { status, body } = await by.rest(dialect).get(`${path}?format=json&${name}=${encodeURIComponent(text)}`);
    expect([path, text, status]).toEqual([path, text, 200]);
    return keysOf(rowsOf(body), key);
  },
}));

test('these are all parameters that look for something', async () => {
  const known: string[] = [];
  for (const dialect of ['erp', 'cell', 'lifecycle', 'platform'] as const) {
    const { document } = await documentOf(dialect);
    for (const [path, { get }] of Object.entries(document.paths as Data) as Array<[string, Data]>)
      for (const { name } of (get?.parameters ?? []) as Data[])
        if (/^(?:keyword|q|search|query)$/.test(name as string))
          known.push(`${dialect} ${path.replace(/^\/api\/v1(?:\/crm)?/, '')}?${name}`);
  }
  expect(known.toSorted()).toEqual(
    [...rest.map(({ place }) => place), 'platform /customers/tenants/view/statistics/?search'].toSorted(),
  );
});

describe.each([...lists, ...found, ...files, ...rest].map((one) => [one.place, one] as const))(
  '%s',
  (_place, { look }) => {
    test('finds for several words what it finds for each', async () => {
      const each = new Map<string, string[]>();
      for (const word of words) each.set(word, await look(word));
      const both = (sought: readonly string[]): string[] =>
        sought.map((word) => each.get(word)!).reduce((all, some) => all.filter((one) => some.includes(one)));
      let [counted, some] = [0, 0];
      for (const [one, other] of pairs) {
        const expected = both([one, other]);
        some += expected.length;
        const text = (counted += 1) % 2 ? `${one} ${other}` : ` ${other}\u3000\t${one} `;
        expect([text, await look(text)]).toEqual([text, expected]);
      }
      expect(some).toBeGreaterThan(pairs.length / 8);
      for (const sought of [
        ['科技', '华信', 'acme'],
        ['华信', '上海', '科技'],
        ['科技', '科技', '上海'],
        ['李', '1380', '科技'],
      ])
        expect([sought, await look(sought.join(' '))]).toEqual([sought, both(sought)]);
    }, 60_000);
  },
);

test('a phone is one of them, however it is spaced', async () => {
  for (const { look } of [lists.find(({ place }) => place === 'customers')!, found[0]!, rest[0]!]) {
    const [only, ...more] = await look('13800138000');
    expect(more).toEqual([]);
    for (const text of ['138 0013 8000', '+86 138 0013 8000', '上海 13800138000', '138-0013-8000 华信 上海'])
      expect([text, await look(text)]).toEqual([text, [only]]);
    expect(await look('北京 13800138000')).toEqual([]);
  }
});
