import { documentOf } from '../support/documents.js';
import { create } from '../support/filled.js';
import { bases, tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';

// What the OpenAPI documents say of a body holds: the example of a new record is accepted as it stands, but for the
// records that it names; nothing else than what is required is needed, and nothing of that may be left out.

type Records = Readonly<
  Record<'customer' | 'contact' | 'opportunity' | 'contract' | 'campaign' | 'case' | 'user', unknown>
>;

async function recordsOf({ admin }: TestTenant, dialect: Dialect): Promise<Records> {
  const one = async (mutation: string, record: string, type: string, input: object): Promise<string> =>
    (await create(admin, mutation, record, type, [input]))[0]!;
  const customer = await one('customerCreate', 'customer', 'CustomerInput', { name: '甲公司', kind: 'ENTERPRISE' });
  const contact = await one('contactCreate', 'contact', 'ContactInput', {
    name: '王芳',
    // the platform links people to customers by rows of their own
    ...(dialect !== 'platform' && { customer }),
  });
  const opportunity = await one('opportunityCreate', 'opportunity', 'OpportunityInput', { customer, name: '商机' });
  const contract = await one('contractCreate', 'contract', 'ContractInput', {
    customer,
    name: '合同',
    amount: { amount: '100000000' },
    startsOn: '2026-01-01',
    endsOn: '2026-12-31',
    status: 'IN_FORCE',
  });
  const campaign = await one('campaignCreate', 'campaign', 'CampaignInput', { name: '活动', kind: 'EMAIL' });
  const serviceCase = await one('caseCreate', 'case', 'CaseInput', { customer, subject: '工单' });
  const ids = { customer, contact, opportunity, contract, campaign, case: serviceCase };
  const found: Data = await admin.graph(
    `{ ${Object.entries(ids)
      .map(([record, id]) => `${record}(id: "${id}") { id number }`)
      .join(' ')} viewer { user { id number } } }`,
  );
  const key = dialect === 'lifecycle' || dialect === 'platform' ? 'number' : 'id';
  return {
    ...(Object.fromEntries(Object.keys(ids).map((record) => [record, found[record][key]])) as Omit<Records, 'user'>),
    user: found.viewer.user[key],
  };
}

/** Names on the wire of references, and of what stands in paths. */
const named: ReadonlyArray<readonly [RegExp, keyof Records]> = [
  [/^(account|customer)_?id$/i, 'customer'],
  [/^(contact|member)_?id$/i, 'contact'],
  [/^opportunity_?id$/i, 'opportunity'],
  [/^contract_?id$/i, 'contract'],
  [/^campaign_?id$/i, 'campaign'],
  [/^(owner_?id|assigned_manager_id|assigned_to)$/i, 'user'],
];

const ofPath: ReadonlyArray<readonly [RegExp, keyof Records]> = [
  [/\/(accounts|customers)\/\{/, 'customer'],
  [/\/cases\/\{/, 'case'],
];

/** Fields of which no two records may have the same. */
const unique = /name|title|contractNo/i;
let count = 0;

/** The same body about records that there are. */
function about(records: Records, value: Data): Data {
  if (Array.isArray(value)) return value.map((item) => about(records, item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const record = named.find(([pattern]) => pattern.test(name))?.[1];
      if (record) return [name, records[record]];
      return [name, unique.test(name) && typeof inner === 'string' ? `${inner}${(count += 1)}` : about(records, inner)];
    }),
  );
}

/** Rows that make one record of their body; links with other tenants need a tenant to link with. */
const creates = /(Create|Onboard)$/;

const cases = (['erp', 'cell', 'lifecycle', 'platform'] as const).map((dialect) => [dialect] as const);

test.each(cases)('the bodies of new records of %s are as documented', async (dialect) => {
  const t = await tenant();
  const records = await recordsOf(t, dialect);
  const { document } = await documentOf(dialect);
  const rest = t.admin.rest(dialect);
  const wrong: string[] = [];
  let checked = 0;
  for (const [path, { post }] of Object.entries(document.paths as Record<string, Data>)) {
    if (!post?.requestBody || !creates.test(post['x-graphql'].field) || path.includes('/tenants/')) continue;
    checked += 1;
    const { schema, example } = post.requestBody.content['application/json'];
    const required: string[] = document.components.schemas[schema.$ref.split('/').at(-1)].required ?? [];
    const place = path.slice(bases[dialect].length).replace(/\{\w+\}/, () => {
      const [, record] = ofPath.find(([pattern]) => pattern.test(path))!;
      return String(records[record]);
    });
    const body = about(records, example);
    const check = async (what: string, sent: object, isGood: boolean): Promise<void> => {
      const { status, body: answer } = await rest.post(place, sent);
      if (isGood !== status < 300) wrong.push(`${path} ${what}: ${status} ${JSON.stringify(answer).slice(0, 300)}`);
    };
    for (const name of required)
      await check(`without ${name}`, Object.fromEntries(Object.entries(body).filter(([each]) => each !== name)), false);
    await check('as in the example', body, true);
    const again = about(records, example);
    const least = Object.fromEntries(required.map((name) => [name, again[name]]));
    // a second link between the same two records is no new record
    if (!path.includes('/relations/')) await check('with what is required', least, true);
  }
  expect(wrong).toEqual([]);
  expect(checked).toBeGreaterThanOrEqual(2);
});
