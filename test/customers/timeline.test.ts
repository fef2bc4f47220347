import { activity, caseOf, contract, customer, opportunity } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

const page =
  'query ($id: ID!, $first: Int, $after: String, $filter: TimelineFilter) { customer(id: $id) { timeline(first: $first, after: $after, filter: $filter) { totalCount nodes { at kind title by { login } record { __typename id } } pageInfo { hasNextPage endCursor } } } }';

/** A customer with one of everything, on days of their own. */
async function prepare(t: TestTenant): Promise<Record<string, string>> {
  const { id } = await customer(t.sales, { name: '甲' });
  const { id: sale } = await opportunity(t.sales, { name: '商机', customer: id });
  const { id: signed } = await contract(t.sales, { name: '合同', customer: id, signedOn: '2026-01-05' });
  const { id: reported } = await caseOf(t.sales, { subject: '故障', customer: id });
  await t.sales.graph('mutation ($id: ID!) { caseChangeStatus(id: $id, status: RESOLVED) { userErrors { code } } }', {
    id: reported,
  });
  const { id: call } = await activity(t.sales, {
    content: '电话沟通',
    customer: id,
    status: 'COMPLETED',
    startsAt: '2026-01-02T03:00:00Z',
  });
  await activity(t.sales, { subject: '以后', customer: id, startsAt: '2030-01-01T00:00:00Z' });
  await t.sql("update stage_change set created_at = '2026-01-01' where tenant_id = app_tenant()");
  await t.sql("update contract set created_at = '2026-01-03' where tenant_id = app_tenant()");
  await t.sql(
    "update service_case set created_at = '2026-01-06', resolved_at = '2026-01-07' where tenant_id = app_tenant()",
  );
  const [change] = await t.sql('select id from stage_change');
  return { id, opportunity: sale, signed, reported, call, change: change!['id'] };
}

test('a timeline shows everything that happened, newest first, in one statement', async () => {
  const t = await tenant();
  const { id, signed, reported, call, change } = await prepare(t);
  const answer = await t.sales.graph.raw(page, { id });
  expect(answer.statements).toBe(1);
  expect(answer.body.data.customer.timeline).toEqual({
    totalCount: 6,
    nodes: [
      {
        at: '2026-01-07T00:00:00.000Z',
        kind: 'CASE_RESOLVED',
        title: '故障',
        by: null,
        record: { __typename: 'Case', id: reported },
      },
      {
        at: '2026-01-06T00:00:00.000Z',
        kind: 'CASE_OPENED',
        title: '故障',
        by: { login: 'sales' },
        record: { __typename: 'Case', id: reported },
      },
      {
        at: '2026-01-04T16:00:00.000Z',
        kind: 'CONTRACT_SIGNED',
        title: '合同',
        by: null,
        record: { __typename: 'Contract', id: signed },
      },
      {
        at: '2026-01-03T00:00:00.000Z',
        kind: 'CONTRACT_CREATED',
        title: '合同',
        by: { login: 'sales' },
        record: { __typename: 'Contract', id: signed },
      },
      {
        at: '2026-01-02T03:00:00.000Z',
        kind: 'ACTIVITY',
        title: '电话沟通',
        by: { login: 'sales' },
        record: { __typename: 'Activity', id: call },
      },
      {
        at: '2026-01-01T00:00:00.000Z',
        kind: 'STAGE_CHANGE',
        title: '商机',
        by: { login: 'sales' },
        record: { __typename: 'StageChange', id: change },
      },
    ],
    pageInfo: { hasNextPage: false, endCursor: expect.any(String) },
  });
});

test.each([1, 2, 4])(
  'pages of %i go through it without loss or repetition, also where moments are equal',
  async (first) => {
    const t = await tenant();
    const { id } = await prepare(t);
    await t.sql(
      "update service_case set created_at = '2026-01-03', resolved_at = '2026-01-03' where tenant_id = app_tenant()",
    );
    const all = (await t.sales.graph(page, { id })).customer.timeline.nodes;
    const seen: Data[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { nodes, pageInfo }: Data = (await t.sales.graph(page, { id, first, after })).customer.timeline;
      seen.push(...nodes);
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(seen).toEqual(all);
    expect(all.map(({ at }: Data) => at)).toEqual(
      all
        .map(({ at }: Data) => at)
        .toSorted()
        .toReversed(),
    );
  },
);

test('it is filtered by kind and day', async () => {
  const t = await tenant();
  const { id } = await prepare(t);
  const kinds = async (filter: object): Promise<string[]> =>
    (await t.sales.graph(page, { id, filter })).customer.timeline.nodes.map(({ kind }: Data) => kind);
  expect(await kinds({ kind: ['ACTIVITY', 'STAGE_CHANGE'] })).toEqual(['ACTIVITY', 'STAGE_CHANGE']);
  expect(await kinds({ from: '2026-01-05', until: '2026-01-06' })).toEqual(['CASE_OPENED', 'CONTRACT_SIGNED']);
});

test("what is deleted, or another customer's, is not in it", async () => {
  const t = await tenant();
  const { id, opportunity: sale, call } = await prepare(t);
  const { id: other } = await customer(t.sales, { name: '乙' });
  await t.sales.graph(
    `mutation { opportunityDelete(id: "${sale}") { deletedId } activityDelete(id: "${call}") { deletedId } }`,
  );
  expect((await t.sales.graph(page, { id })).customer.timeline.nodes.map(({ kind }: Data) => kind)).toEqual([
    'CASE_RESOLVED',
    'CASE_OPENED',
    'CONTRACT_SIGNED',
    'CONTRACT_CREATED',
  ]);
  expect((await t.sales.graph(page, { id: other })).customer.timeline.totalCount).toBe(0);
});
