import { written } from '../../support/records.js';
import { tenant, type Data } from '../../support/tenant.js';
import { contract, day, rest, said, signed, talk, world } from './contracts.js';

describe('a contract', () => {
  test('goes into force and makes its customer a formal one, and never back', async () => {
    const { admin, customer } = await world();
    const id = await signed(admin, customer);
    const { customer_info } = (await rest(admin).get(`/customers/${customer}`)).body.data;
    expect([customer_info.status, customer_info.ltv, customer_info.next_renewal_date]).toEqual([2, 1000.5, day(30)]);
    expect(said(await rest(admin).put(`/contracts/${id}`, { status: 1, contract_name: '新名' }))).toEqual([
      400,
      '40005',
      'status',
    ]);
    expect((await rest(admin).get(`/contracts/${id}`)).body.data).toMatchObject({
      status: 2,
      contract_name: '服务合同',
    });
    expect((await rest(admin).put(`/contracts/${id}`, { status: 4 })).body.data.status).toBe(4);
  });

  test('is renewed as the same contract', async () => {
    const { admin, customer, sql } = await world();
    const id = await signed(admin, customer);
    const { data } = (
      await rest(admin).post(`/contracts/${id}/renew`, {
        new_end_date: `${day(400)}T00:00:00Z`,
        renewal_terms: '价格不变',
      })
    ).body as Data;
    expect([data.contract_id, data.end_date, data.contract_amount]).toEqual([id, day(400), 1000.5]);
    expect(await sql('select terms, old_amount, new_amount from contract_renewal')).toEqual([
      { terms: '价格不变', old_amount: '1000.50', new_amount: '1000.50' },
    ]);
    expect(said(await rest(admin).post(`/contracts/${id}/renew`, { new_end_date: day(1) }))).toEqual([
      400,
      '40005',
      'new_end_date',
    ]);
    expect(said(await rest(admin).post(`/contracts/${id}/renew`, {}))).toEqual([
      400,
      'INVALID_PARAMETER',
      'new_end_date',
    ]);
  });

  test('that ends soon is found, the first to end first', async () => {
    const { admin, customer } = await world();
    const [late, soon] = [await signed(admin, customer, day(80)), await signed(admin, customer, day(5))];
    await signed(admin, customer, day(200));
    const ids = async (query: string): Promise<number[]> =>
      (await rest(admin).get(`/contracts/expiring${query}`)).body.data.items.map(
        ({ contract_id }: Data) => contract_id,
      );
    expect(await ids('')).toEqual([soon, late]);
    expect(await ids('?days=10')).toEqual([soon]);
    for (const days of ['0', '366', 'x', '1.5'])
      expect(said(await rest(admin).get(`/contracts/expiring?days=${days}`))).toEqual([
        400,
        'INVALID_PARAMETER',
        'days',
      ]);
  });

  test('counts for the order of customers by value and by next renewal', async () => {
    const { admin, customer } = await world();
    const [second, third] = await Promise.all(
      ['乙公司', '丙公司'].map(
        async (customer_name) =>
          ((await rest(admin).post('/customers', { customer_name, customer_type: 1 })).body as Data).data.customer_id,
      ),
    );
    await signed(admin, customer, day(50), 10);
    await signed(admin, second, day(10), 500);
    const ids = async (sort: string): Promise<number[]> =>
      (await rest(admin).get(`/customers?sort=${sort}`)).body.data.items.map(({ customer_id }: Data) => customer_id);
    expect(await ids('ltv,desc')).toEqual([second, customer, third]);
    expect(await ids('next_renewal_date,asc')).toEqual([second, customer, third]);
  });

  test.each<[string, object, string, string]>([
    ['no title', { contract_name: undefined }, 'INVALID_PARAMETER', 'contract_name'],
    ['an unknown type', { contract_type: 4 }, 'INVALID_PARAMETER', 'contract_type'],
    ['no amount', { contract_amount: undefined }, 'INVALID_PARAMETER', 'contract_amount'],
    ['an amount below zero', { contract_amount: -1 }, '40005', 'contract_amount'],
    ['a word for an amount', { contract_amount: 'x' }, 'INVALID_PARAMETER', 'contract_amount'],
    ['a day that does not exist', { start_date: '2026-02-30' }, '40005', 'start_date'],
    ['a day in another form', { end_date: '31/12/2026' }, '40005', 'end_date'],
    ['an end before its start', { end_date: '2025-12-31' }, '40005', 'end_date'],
    ['a notice of no days', { renewal_notice_days: 0 }, 'INVALID_PARAMETER', 'renewal_notice_days'],
    ['terms too long', { payment_terms: '长'.repeat(101) }, 'INVALID_PARAMETER', 'payment_terms'],
    ['a link that is none', { contract_file_url: 'not a link' }, 'INVALID_PARAMETER', 'contract_file_url'],
    ['an unknown renewal', { renewal_type: 3 }, 'INVALID_PARAMETER', 'renewal_type'],
  ])('with %s is refused', async (_what, fields, code, field) => {
    const t = await world();
    const before = await written(t);
    expect(said(await rest(t.admin).post(`/customers/${t.customer}/contracts`, { ...contract, ...fields }))).toEqual([
      400,
      code,
      field,
    ]);
    expect(await written(t)).toEqual(before);
  });

  test('of a customer or by a number that is not there is not found', async () => {
    const { admin, sales, customer } = await world();
    const id = await signed(admin, customer);
    expect(said(await rest(admin).post('/customers/999999/contracts', contract))).toEqual([404, '40001', 'id']);
    expect(said(await rest(admin).get('/customers/999999/contracts'))).toEqual([404, '40001']);
    expect(said(await rest(admin).get('/contracts/999999'))).toEqual([404, 'NOT_FOUND']);
    expect(said(await rest(admin).put('/contracts/999999', { status: 2 }))).toEqual([404, 'NOT_FOUND']);
    expect((await rest(sales).get(`/contracts/${id}`)).status).toBe(200);
    expect(said(await rest((await tenant()).admin).get(`/contracts/${id}`))).toEqual([404, 'NOT_FOUND']);
  });
});

describe('a tag', () => {
  test('is one of its customer, once', async () => {
    const t = await world();
    const { data } = (await rest(t.admin).post(`/customers/${t.customer}/tags`, { tag_name: '重点' })).body as Data;
    expect([data.tag_type, data.tag_category, data.confidence]).toEqual([1, null, null]);
    const before = await written(t);
    expect(said(await rest(t.admin).post(`/customers/${t.customer}/tags`, { tag_name: '重点' }))).toEqual([
      400,
      'INVALID_PARAMETER',
      'tag_name',
    ]);
    for (const [fields, field] of [
      [{}, 'tag_name'],
      [{ tag_name: 'a<b>' }, 'tag_name'],
      [{ tag_name: '长'.repeat(101) }, 'tag_name'],
      [{ tag_name: '甲', tag_type: 4 }, 'tag_type'],
      [{ tag_name: '甲', tag_category: '长'.repeat(51) }, 'tag_category'],
    ] as const) {
      expect(said(await rest(t.admin).post(`/customers/${t.customer}/tags`, fields))).toEqual([
        400,
        'INVALID_PARAMETER',
        field,
      ]);
    }
    const other = ((await rest(t.admin).post('/customers', { customer_name: '乙公司', customer_type: 1 })).body as Data)
      .data.customer_id;
    expect(said(await rest(t.admin).delete(`/customers/${other}/tags/${data.tag_id}`))).toEqual([404, 'NOT_FOUND']);
    expect(said(await rest(t.admin).delete(`/customers/999999/tags/${data.tag_id}`))).toEqual([404, '40001', 'id']);
    expect(said(await rest(t.admin).post('/customers/999999/tags', { tag_name: '重点' }))).toEqual([
      404,
      '40001',
      'id',
    ]);
    expect((await written(t)).audit).toBe(before.audit + 1);
    await rest(t.admin).delete(`/customers/${t.customer}/tags/${data.tag_id}`);
    expect((await rest(t.admin).get(`/customers/${t.customer}/tags`)).body.data).toEqual([]);
  });
});

describe('a communication', () => {
  test('is kept with who held it, and shown latest first', async () => {
    const { sales, admin } = await world();
    const customer = (
      (await rest(sales).post('/customers', { customer_name: '乙公司', customer_type: 1 })).body as Data
    ).data.customer_id;
    const dates = ['2026-03-01', '2026-03-03 10:00:00', '2026-03-02T10:00:00+08:00'];
    for (const communication_date of dates)
      await rest(sales).post(`/customers/${customer}/communications`, {
        ...talk,
        communication_type: 4,
        communication_date,
      });
    const { items, total } = (
      await rest(admin).get(`/customers/${customer}/communications?communication_type=4&communication_type=1`)
    ).body.data;
    expect(total).toBe(3);
    expect(items.map((item: Data) => [item.communication_date, item.staff_name, item.importance])).toEqual([
      ['2026-03-03T02:00:00.000Z', 'sales', 2],
      ['2026-03-02T02:00:00.000Z', 'sales', 2],
      ['2026-02-28T16:00:00.000Z', 'sales', 2],
    ]);
    expect(
      (await rest(admin).get(`/customers/${customer}/communications?communication_type=1,2,3`)).body.data.total,
    ).toBe(0);
  });

  test.each<[string, object, string]>([
    ['no subject', { subject: undefined }, 'subject'],
    ['a subject too long', { subject: '长'.repeat(201) }, 'subject'],
    ['no content', { content: undefined }, 'content'],
    ['no channel', { communication_type: undefined }, 'communication_type'],
    ['an unknown channel', { communication_type: 5 }, 'communication_type'],
    ['an unknown direction', { direction: 0 }, 'direction'],
    ['a date that is none', { communication_date: 'yesterday' }, 'communication_date'],
    ['a date that does not exist', { communication_date: '2026-02-30T10:00:00Z' }, 'communication_date'],
    ['a duration below zero', { duration_minutes: -1 }, 'duration_minutes'],
    ['half a minute', { duration_minutes: 0.5 }, 'duration_minutes'],
    ['an outcome too long', { outcome: '长'.repeat(101) }, 'outcome'],
    ['a next action too long', { next_action: '长'.repeat(201) }, 'next_action'],
    ['an unknown mood', { sentiment: 4 }, 'sentiment'],
    ['an unknown importance', { importance: 'high' }, 'importance'],
    ['an unknown contact', { contact_id: 999999 }, 'contact_id'],
  ])('with %s is refused', async (_what, fields, field) => {
    const t = await world();
    const before = await written(t);
    expect(said(await rest(t.admin).post(`/customers/${t.customer}/communications`, { ...talk, ...fields }))).toEqual([
      400,
      'INVALID_PARAMETER',
      field,
    ]);
    expect(await written(t)).toEqual(before);
  });
});
