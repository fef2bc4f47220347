import { tenant, type Actor, type Data, type TestTenant } from '../../support/tenant.js';
import { send, type Answer } from '../../support/http.js';

/** A fresh tenant with one record of each kind, made through the dialect. `{account}` and the like in paths and bodies stand for their ids. */
export interface World extends TestTenant {
  ids: Record<string, string>;
  /** Sends a request as `METHOD /path`, by the administrator unless told. */
  ask(request: string, body?: unknown, options?: { by?: Actor; headers?: Record<string, string> }): Promise<Answer>;
  /** As `ask`, for a request that must succeed: gives its `data`. */
  data(request: string, body?: unknown, options?: { by?: Actor; headers?: Record<string, string> }): Promise<Data>;
}

/** What the world begins with, each made by its request and body. */
const beginnings = {
  account: [
    'POST /accounts',
    { name: '华信科技', phone: '13800138001', email: 'info@huaxin.example', creditLimit: 1000 },
  ],
  contact: ['POST /contacts', { accountId: '{account}', name: '李四', position: '经理', phone: '13900139001' }],
  opportunity: ['POST /opportunities', { accountId: '{account}', name: '服务器采购', estimatedAmount: 5000 }],
  activity: [
    'POST /activities',
    {
      accountId: '{account}',
      contactId: '{contact}',
      type: 'meeting',
      subject: '产品演示',
      startTime: '2026-03-01T10:00:00Z',
      endTime: '2026-03-01T11:00:00Z',
    },
  ],
  case: [
    'POST /cases',
    { accountId: '{account}', contactId: '{contact}', subject: '登录问题', type: 'issue', priority: 'high' },
  ],
  lead: [
    'POST /leads',
    { name: '潜在客户', company: '绿洲科技', contactPerson: '张三', phone: '13700137001', source: 'website' },
  ],
  campaign: [
    'POST /campaigns',
    { name: '新品发布会', type: 'event', startDate: '2026-06-01', endDate: '2026-06-30', budget: 1000 },
  ],
} satisfies Record<string, readonly [string, object]>;

export const everything = Object.keys(beginnings) as Array<keyof typeof beginnings>;

export async function world(...kinds: ReadonlyArray<keyof typeof beginnings>): Promise<World> {
  const t = await tenant();
  const ids: Record<string, string> = { unknown: '01890000-0000-7000-8000-000000000000' };
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => ids[name] ?? whole);
  const ask: World['ask'] = (request, body, { by = t.admin, headers = {} } = {}) => {
    const [method, path] = filled(request).split(' ') as [string, string];
    const sent =
      typeof body === 'object' && body !== null ? (JSON.parse(filled(JSON.stringify(body))) as unknown) : body;
    return send(
      method,
      `/api/v1/crm${path}`,
      { authorization: `Bearer ${by.token}`, 'x-api-dialect': 'erp', ...headers },
      sent,
    );
  };
  const data: World['data'] = async (request, body, options) => {
    const answer = await ask(request, body, options);
    expect([answer.status, answer.body]).toEqual([200, { code: 200, message: 'success', data: answer.body.data }]);
    return answer.body.data;
  };
  for (const kind of kinds) {
    const [request, body] = beginnings[kind];
    ids[kind] = (await data(request, body)).id;
  }
  return { ...t, ids, ask, data };
}
