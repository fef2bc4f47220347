import { customer } from '../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

/** What each order field is in SQL: the oracle that the pages are compared with. */
export const columns: Record<string, string> = {
  CREATED_AT: 'created_at',
  UPDATED_AT: 'updated_at',
  NUMBER: 'number',
  NAME: 'name',
  ACCOUNT_NO: 'account_no',
  STATUS: 'status',
  TIER: "case when tier = 'BRONZE' then 1 when tier = 'SILVER' then 2 when tier = 'GOLD' then 3 when tier = 'PLATINUM' then 4 end",
  HEALTH_SCORE: 'health_score',
  HELD_SINCE: 'held_since',
  POOLED_AT: 'pooled_at',
  RECYCLE_ON: 'recycle_on',
  INDUSTRY: 'industry',
  REGION: 'region',
  LAST_CONTACT_AT: 'last_contact_at',
  LIFETIME_VALUE:
    "(select coalesce(sum(agreed_amount), 0) from contract k where k.tenant_id = app_tenant() and k.customer_id = customer.id and k.status in ('IN_FORCE', 'EXPIRED'))",
  // all of the test's contracts are in the currency of the tenant
  LIFETIME_VALUE_IN_TENANT_CURRENCY:
    "(select coalesce(sum(agreed_amount), 0) from contract k where k.tenant_id = app_tenant() and k.customer_id = customer.id and k.status in ('IN_FORCE', 'EXPIRED'))",
  NEXT_RENEWAL_ON:
    "(select min(ends_on) from contract k where k.tenant_id = app_tenant() and k.customer_id = customer.id and k.status = 'IN_FORCE')",
};
export type Direction = 'ASC' | 'DESC';
export interface Step {
  field: string;
  direction: Direction;
}

export const size = 31;
export const pick = <T>(values: T[], index: number): T => values[index % values.length]!;

export let t: TestTenant;

const contract =
  'mutation ($input: ContractInput!) { contractCreate(input: $input) { contract { id } userErrors { code field } } }';

/** Few distinct values, many nulls, and ties in everything but what must be unique. */
async function fill(by: Actor): Promise<void> {
  const input = (index: number): Data => ({
    name: `${pick(['甲', 'a', 'A', 'ä', 'Z', '_', '%', "'"], index * 5)}${pick(['', ' ', '公司', '"', '\\'], index)}${index}`,
    industry: pick([null, '制造', '软件', null, 'it', '"a, b"\n\\'], index * 7),
    region: pick([null, null, '华北'], index),
    tier: pick(['GOLD', 'BRONZE', 'PLATINUM', 'SILVER'], index * 3),
    status: pick(['ACTIVE', 'POTENTIAL', 'LOST'], index),
    lastContactAt: pick(
      [null, '2026-03-01T08:30:00.123Z', '2026-03-01T08:30:00.124Z', null, '1999-12-31T23:59:59.999+08:00'],
      index,
    ),
  });
  for (let index = 0; index < size; index += 1) {
    const { number } = await customer(by, input(index));
    if (index % 3 === 0)
      await by.graph(contract, {
        input: {
          name: '年度合同',
          customer: String(number),
          amount: { amount: pick([100, 200], index) },
          status: pick(['IN_FORCE', 'DRAFT'], index),
          endsOn: pick([null, '2027-01-31', '2027-06-30'], index),
        },
      });
  }
}

/** Fills a tenant with customers among which many are alike by every order. */
export async function prepare(): Promise<void> {
  t = await tenant();
  await fill(t.admin);
  await t.sql(
    "update customer set health_score = (number % 3) * 12.5, health_score_units = (number % 3) * 125, created_at = (date_trunc('minute', created_at at time zone 'UTC') - (number % 4) * interval '1 ms') at time zone 'UTC', updated_at = '2026-01-01' where tenant_id = app_tenant()",
  );
}

/** The whole list as the database itself orders it; ties follow the number, in the direction of the last step. */
export async function ordered(steps: Step[], where = 'true', from = t): Promise<string[]> {
  const terms = [
    ...steps.map(({ field, direction }) => `${columns[field]} ${direction}`),
    `number ${steps.at(-1)?.direction ?? 'DESC'}`,
  ];
  const rows = await from.sql<{ id: string }>(
    `select id::text from customer where tenant_id = app_tenant() and deleted_at is null and ${where} order by ${terms.join(', ')}`,
  );
  return rows.map(({ id }) => id);
}

export const pageQuery = `query ($filter: CustomerFilter, $orderBy: [CustomerOrder!], $first: Int, $after: String, $last: Int, $before: String, $offset: Int) {
  customers(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before, offset: $offset) {
    totalCount nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

export interface Page {
  ids: string[];
  totalCount: number;
  cursors: string[];
  info: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

export async function page(variables: object, by = t.admin): Promise<Page> {
  const { customers } = await by.graph(pageQuery, variables);
  const ids = customers.nodes.map(({ id }: Data) => id);
  const cursors = customers.edges.map(({ cursor }: Data) => cursor);
  expect(customers.edges.map(({ node }: Data) => node.id)).toEqual(ids);
  expect([customers.pageInfo.startCursor, customers.pageInfo.endCursor]).toEqual([
    cursors[0] ?? null,
    cursors.at(-1) ?? null,
  ]);
  return { ids, cursors, totalCount: customers.totalCount, info: customers.pageInfo };
}

/** Pages from front to back by cursor. */
export async function forward(
  variables: object,
  step: number,
  total: number,
  between = async (): Promise<void> => {},
): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = null; ; await between()) {
    const { ids, info } = await page({ ...variables, first: step, after });
    expect(info.hasPreviousPage).toBe(after !== null);
    found.push(...ids);
    if (!info.hasNextPage) return found;
    expect(ids).toHaveLength(step);
    expect(found.length).toBeLessThan(total);
    after = info.endCursor;
  }
}

/** Pages from back to front by cursor, put together in the order of the list. */
export async function backward(variables: object, step: number, total: number): Promise<string[]> {
  const found: string[] = [];
  for (let before: string | null = null; ;) {
    const { ids, info } = await page({ ...variables, last: step, before });
    expect(info.hasNextPage).toBe(before !== null);
    found.unshift(...ids);
    if (!info.hasPreviousPage) return found;
    expect(ids).toHaveLength(step);
    expect(found.length).toBeLessThan(total);
    before = info.startCursor;
  }
}

export async function byNumber(variables: object, step: number, total: number): Promise<string[]> {
  const found: string[] = [];
  for (let offset = 0; ; offset += step) {
    const { ids, info, totalCount } = await page({ ...variables, first: step, offset });
    expect([totalCount, info.hasPreviousPage, info.hasNextPage]).toEqual([total, offset > 0, offset + step < total]);
    found.push(...ids);
    if (!info.hasNextPage) return found;
  }
}
