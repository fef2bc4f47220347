import { send, type Answer } from '../../support/http.js';
import { contact } from '../../support/records.js';
import { tenant, type Actor, type Data, type TestTenant } from '../../support/tenant.js';

/** A fresh tenant and a client of the platform's interface; `{name}` in paths and bodies stands for the number kept under that name. */
export interface World extends TestTenant {
  ids: Record<string, string | number>;
  /** Sends a request as `METHOD /path`, by the administrator unless told. */
  ask(
    request: string,
    body?: unknown,
    options?: { by?: Actor; headers?: Record<string, string>; address?: string },
  ): Promise<Answer>;
  /** As `ask`, for a request that must succeed with that status: gives its `data`. */
  data(request: string, body?: unknown, status?: number): Promise<Data>;
}

/** Kinds of records that a world can begin with: customer 甲公司, member 张三, their relation, the relation of the customer with the outsider's tenant. */
type Kind = 'customer' | 'member' | 'relation' | 'link';

export async function world(...kinds: Kind[]): Promise<World> {
  const t = await tenant();
  const ids: World['ids'] = { nobody: 999_999_999, outsider: t.outsider.tenant };
  const filled = (text: string): string =>
    text.replace(/"?\{(\w+)\}"?/g, (whole, name: string) =>
      name in ids ? (whole.startsWith('"') ? JSON.stringify(ids[name]) : String(ids[name])) : whole,
    );
  const ask: World['ask'] = (request, body, { by = t.admin, headers = {}, address = '' } = {}) => {
    const [method, path] = filled(request).split(' ') as [string, string];
    const sent =
      typeof body === 'object' && body !== null ? (JSON.parse(filled(JSON.stringify(body))) as unknown) : body;
    return send(method, `${address}/api/v1${path}`, { authorization: `Bearer ${by.token}`, ...headers }, sent);
  };
  const data: World['data'] = async (request, body, status = 200) => {
    const answer = await ask(request, body);
    expect([answer.status, answer.body]).toEqual([
      status,
      { success: true, code: 200, message: '操作成功', data: answer.body.data },
    ]);
    return answer.body.data;
  };
  for (const kind of kinds) {
    if (kind === 'customer')
      ids['customer'] = (
        await data('POST /customers/', { name: '甲公司', primary_contact_phone: '13800138000' }, 201)
      ).id;
    if (kind === 'member') ids['member'] = (await contact(t.admin, { name: '张三', phone: '13900139000' })).number;
    if (kind === 'relation')
      ids['relation'] = (
        await data('POST /customers/members/relations/', { customer_id: '{customer}', member_id: '{member}' }, 201)
      ).id;
    if (kind === 'link') {
      await t.outsider.graph('{ viewer { user { id } } }');
      ids['link'] = (
        await data(
          'POST /customers/tenants/relations/',
          { customer_id: '{customer}', tenant_id: '{outsider}', relation_type: 'partner' },
          201,
        )
      ).id;
    }
  }
  return { ...t, ids, ask, data };
}
