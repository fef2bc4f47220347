import { tenant, type Actor, type Data, type TestTenant } from '../../support/tenant.js';
import type { Answer } from '../../support/http.js';

// What tests of contracts and of what follows them begin with.

export const rest = (by: Actor) => by.rest('lifecycle');
export const said = ({ status, body }: Answer): Data => [
  status,
  (body as Data).error_code,
  ...(body as Data).errors.map(({ field }: Data) => field),
];
export const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);

export const contract = {
  contract_name: '服务合同',
  contract_type: 1,
  contract_amount: 1000.5,
  start_date: '2026-01-01',
  end_date: '2026-12-31',
};
export const talk = {
  communication_type: 1,
  direction: 1,
  subject: '续约',
  content: '客户愿意续约',
  communication_date: '2026-03-01T08:30:00Z',
};

export async function world(): Promise<TestTenant & { customer: number }> {
  const t = await tenant();
  const { body } = await rest(t.admin).post('/customers', { customer_name: '甲公司', customer_type: 1 });
  return { ...t, customer: (body as Data).data.customer_id };
}

export async function signed(by: Actor, customer: number, ends = day(30), amount = 1000.5): Promise<number> {
  const { body } = await rest(by).post(`/customers/${customer}/contracts`, {
    ...contract,
    contract_amount: amount,
    end_date: ends,
  });
  const { contract_id } = (body as Data).data;
  await rest(by).put(`/contracts/${contract_id}`, { status: 2 });
  return contract_id;
}
