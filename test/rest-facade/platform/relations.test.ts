import { contact } from '../../support/records.js';
import { tenant, type Data } from '../../support/tenant.js';
import { world, type World } from './world.js';

const fields = '/customers/members/relations';
const tenants = '/customers/tenants/relations';

const primaryOnes = async (w: World, base: string): Promise<number[]> =>
  (await w.data(`GET ${base}/?is_primary=true&ordering=id`)).results.map(({ id }: Data) => id);

describe('members', () => {
  test('the primary one is one per customer, also when several are chosen at once', async () => {
    const w = await world('customer', 'member', 'relation');
    const others: number[] = [];
    for (const name of ['李四', '王五', '赵六']) {
      const { number } = await contact(w.admin, { name });
      others.push(
        (await w.data(`POST ${fields}/`, { customer_id: '{customer}', member_id: number, is_primary: true }, 201)).id,
      );
      expect(await primaryOnes(w, fields)).toEqual([others.at(-1)]);
    }
    const twenty = Array.from({ length: 5 }, () => [w.ids['relation'], ...others]).flat();
    const answers = await Promise.all(twenty.map((id) => w.ask(`POST ${fields}/${id}/set-primary/`)));
    expect(answers.map(({ status }) => status)).toEqual(twenty.map(() => 200));
    const [chosen, ...more] = await primaryOnes(w, fields);
    expect(more).toEqual([]);
    expect((await w.data(`GET ${fields}/primary/?customer_id={customer}`)).id).toBe(chosen);
    expect((await w.data(`GET ${fields}/?customer_id={customer}`)).results[0].id).toBe(chosen);
    await w.data(`PATCH ${fields}/${chosen}/`, { is_primary: false });
    expect((await w.ask(`GET ${fields}/primary/?customer_id={customer}`)).status).toBe(404);
  });

  test('a primary relation may be removed; it is gone for good, its two sides stay', async () => {
    const w = await world('customer', 'member', 'relation');
    await w.data(`POST ${fields}/{relation}/set-primary/`);
    expect(await w.data(`DELETE ${fields}/{relation}/`)).toBeNull();
    expect(await w.sql('select id from customer_contact')).toEqual([]);
    expect((await w.data('GET /customers/{customer}/')).name).toBe('甲公司');
    await w.data(`POST ${fields}/`, { customer_id: '{customer}', member_id: '{member}' }, 201);
  });

  test('are listed by customer and by member, each with the relation behind it', async () => {
    const w = await world('customer', 'member', 'relation');
    const [listed] = await w.data(`GET ${fields}/customer-members/?customer_id={customer}`);
    expect(listed).toMatchObject({
      id: w.ids['member'],
      username: '张三',
      nick_name: '张三',
      phone: '13900139000',
      is_active: true,
      relation: { id: w.ids['relation'], role: null, is_primary: false },
    });
    const [customer] = await w.data(`GET ${fields}/member-customers/?member_id={member}`);
    expect(customer).toMatchObject({
      id: w.ids['customer'],
      name: '甲公司',
      status: 'active',
      relation: { id: w.ids['relation'] },
    });
    await w.data('DELETE /customers/{customer}/');
    // who is at no other customer has gone with it
    expect(await w.ask(`GET ${fields}/member-customers/?member_id={member}`)).toMatchObject({
      status: 404,
      body: { message: '联系人不存在' },
    });
  });

  test('are unlinked from either side, those that are not linked being reported', async () => {
    const w = await world('customer', 'member', 'relation');
    const one = await w.ask(`POST ${fields}/customer-members/delete/`, {
      customer_id: '{customer}',
      member_ids: ['{member}', '{nobody}'],
    });
    expect([one.status, one.body.data]).toEqual([
      207,
      {
        deleted_count: 1,
        failed_count: 1,
        deleted_ids: [w.ids['member']],
        failed_ids: [{ id: w.ids['nobody'], error: '关系不存在' }],
      },
    ]);
    await w.data(`POST ${fields}/`, { customer_id: '{customer}', member_id: '{member}' }, 201);
    expect(
      await w.data(`POST ${fields}/member-customers/delete/`, { member_id: '{member}', customer_ids: ['{customer}'] }),
    ).toEqual({ deleted_count: 1, failed_count: 0, deleted_ids: [w.ids['customer']], failed_ids: [] });
    expect((await w.data(`GET ${fields}/`)).count).toBe(0);
  });

  test('the list is filtered by either side, role and primary mark', async () => {
    const w = await world('customer', 'member', 'relation');
    const { number } = await contact(w.admin, { name: '李四' });
    const second = (
      await w.data(
        `POST ${fields}/`,
        { customer_id: '{customer}', member_id: number, role: '技术', is_primary: true },
        201,
      )
    ).id;
    const listed = async (query: string): Promise<number[]> =>
      (await w.data(`GET ${fields}/?${query}`)).results.map(({ id }: Data) => id);
    const first = w.ids['relation'];
    expect(await listed('')).toEqual([second, first]);
    expect(await listed('ordering=id')).toEqual([first, second]);
    expect(await listed('member_id={member}')).toEqual([first]);
    expect(await listed('role=技术')).toEqual([second]);
    expect(await listed('is_primary=false')).toEqual([first]);
    expect(await listed('customer_id={nobody}')).toEqual([]);
  });
});

describe('tenants', () => {
  test('the primary one is one per customer and relation type, also when several are chosen at once', async () => {
    const w = await world('customer', 'link');
    const third = (await tenant()).admin;
    await third.graph('{ viewer { user { id } } }');
    const add = async (type: string): Promise<number> =>
      (
        await w.data(
          `POST ${tenants}/`,
          { customer_id: '{customer}', tenant_id: third.tenant, relation_type: type, is_primary: true },
          201,
        )
      ).id;
    const [partner, supplier] = [await add('partner'), await add('supplier')];
    expect(await primaryOnes(w, tenants)).toEqual([partner, supplier]);
    const twenty = Array.from({ length: 10 }, () => [w.ids['link'], partner]).flat();
    const answers = await Promise.all(twenty.map((id) => w.ask(`POST ${tenants}/${id}/set-primary/`)));
    expect(answers.map(({ status }) => status)).toEqual(twenty.map(() => 200));
    const chosen = await primaryOnes(w, tenants);
    expect(chosen).toHaveLength(2);
    expect(chosen).toContain(supplier);
    expect((await w.data(`GET ${tenants}/primary/?customer_id={customer}&relation_type=supplier`)).id).toBe(supplier);
    expect(await w.data(`DELETE ${tenants}/${supplier}/`)).toBeNull();
    expect((await w.ask(`GET ${tenants}/primary/?customer_id={customer}&relation_type=supplier`)).status).toBe(404);
  });

  test('a relation is active by its term, and is_active says so', async () => {
    const w = await world('customer', 'link');
    const changed = async (body: object): Promise<boolean> =>
      (await w.data(`PATCH ${tenants}/{link}/`, body)).is_active;
    expect(await changed({ start_date: '2000-01-01' })).toBe(true);
    expect(await changed({ end_date: '2000-12-31' })).toBe(false);
    expect((await w.data(`GET ${tenants}/?is_active=false`)).count).toBe(1);
    expect(await changed({ start_date: '2999-01-01', end_date: null })).toBe(false);
    expect(await changed({ start_date: '', description: '无期限' })).toBe(true);
  });

  test('between two that are not related there is nothing', async () => {
    const w = await world('customer', 'link');
    expect(await w.data(`GET ${tenants}/between/?customer_id={customer}&tenant_id=${w.code}`)).toEqual([]);
    expect(await w.data(`GET ${tenants}/between/?customer_id={customer}&tenant_id={outsider}`)).toMatchObject([
      { id: w.ids['link'], relation_type: 'partner' },
    ]);
  });
});
