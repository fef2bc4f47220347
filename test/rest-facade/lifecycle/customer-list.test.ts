import { tenant, type Actor, type Data } from '../../support/tenant.js';
import type { Answer } from '../../support/http.js';

const rest = (by: Actor) => by.rest('lifecycle');

async function create(by: Actor, body: object): Promise<Data> {
  const answer = await rest(by).post('/customers', body);
  expect([answer.status, answer.body.success]).toEqual([200, true]);
  return answer.body.data;
}

/** What a refusal says, without the time and the trace. */
const said = ({ status, body }: Answer): Data => {
  const { success, code, error_code, errors } = body as Data;
  return { status, success, code, error_code, fields: errors.map(({ field }: Data) => field) };
};
const refusal = (status: number, error_code: string, ...fields: string[]): Data => ({
  status,
  success: false,
  code: status,
  error_code,
  fields,
});

describe('the list', () => {
  async function filled(): Promise<Actor> {
    const { admin } = await tenant();
    const rows = [
      ['甲公司', 1, 1, '软件', 1],
      ['乙公司', 2, 2, '软件开发', 2],
      ['丙公司', 3, 3, '物流', 3],
      ['丁公司', 1, 4, '物流', 1],
    ] as const;
    for (const [customer_name, customer_type, level, industry, status] of rows) {
      const { customer_id } = await create(admin, { customer_name, customer_type, level, industry });
      if (status !== 1) await rest(admin).put(`/customers/${customer_id}`, { status });
    }
    return admin;
  }
  const names = async (by: Actor, query: string): Promise<string> =>
    (await rest(by).get(`/customers${query}`)).body.data.items.map((item: Data) => item.customer_name[0]).join('');

  test('is filtered, sorted and paged', async () => {
    const admin = await filled();
    for (const [query, expected] of [
      ['', '丁丙乙甲'],
      ['?order=asc', '甲乙丙丁'],
      ['?sort=created_at&order=asc', '甲乙丙丁'],
      ['?sort=created_at,asc', '甲乙丙丁'],
      ['?sort=updated_at,desc', '丁丙乙甲'],
      ['?order=asc&status=1', '甲丁'],
      ['?order=asc&status=2&status=3', '乙丙'],
      ['?order=asc&status=2,3', '乙丙'],
      ['?order=asc&level=1,4', '甲丁'],
      ['?order=asc&industry=软件', '甲乙'],
      ['?order=asc&keyword=丙', '丙'],
      ['?order=asc&keyword=cust-', '甲乙丙丁'],
      ['?health_score_min=75&health_score_max=75&order=asc', '甲乙丙丁'],
      ['?health_score_min=75.1', ''],
      ['?page=2&size=3', '甲'],
      ['?page=9', ''],
      ['?size=&page=', '丁丙乙甲'],
      ['/search?q=公司&size=2&page=2', '乙甲'],
      ['?unknown=1&order=asc', '甲乙丙丁'],
    ] as const)
      expect([query, await names(admin, query)]).toEqual([query, expected]);
    expect((await rest(admin).get('/customers?page=2&size=3')).body.data).toMatchObject({
      total: 4,
      page: 2,
      size: 3,
      pages: 2,
    });
  });

  test.each([
    ['page=0', 'page'],
    ['page=x', 'page'],
    ['size=0', 'size'],
    ['size=101', 'size'],
    ['size=100000', 'size'],
    ['status=4', 'status'],
    ['status=1,x', 'status'],
    ['level=5', 'level'],
    ['sort=name', 'sort'],
    ['order=up', 'order'],
    ['sort=created_at,up', 'sort'],
    ['health_score_min=x', 'health_score_min'],
    ['health_score_max=101', 'health_score_max'],
    ['health_score_min=-1', 'health_score_min'],
    ['assigned_manager_id=x', 'assigned_manager_id'],
    ['page=99999999999', 'page'],
  ])('refuses ?%s', async (query, field) => {
    const { admin } = await tenant();
    expect(said(await rest(admin).get(`/customers?${query}`))).toEqual(refusal(400, 'INVALID_PARAMETER', field));
  });

  test('needs something to search for', async () => {
    const { admin } = await tenant();
    for (const query of ['', '?q=', '?q=%20'])
      expect(said(await rest(admin).get(`/customers/search${query}`))).toEqual(refusal(400, 'INVALID_PARAMETER', 'q'));
  });

  test('costs one statement whatever its size', async () => {
    const { admin } = await tenant();
    const batch = Array.from({ length: 50 }, (_, index) =>
      create(admin, {
        customer_name: `客户${index}`,
        customer_type: 1,
        contacts: [{ contact_name: `联系人${index}` }],
      }),
    );
    const [{ customer_id }] = await Promise.all(batch);
    for (const path of [
      '/customers?size=5',
      '/customers?size=50',
      '/customers/search?q=客户',
      `/customers/${customer_id}`,
      `/customers/${customer_id}/contacts`,
    ])
      expect([path, (await rest(admin).get(path)).statements]).toEqual([path, 1]);
  });
});
