import { Fresh } from './mutations.js';
import type { Data, Dialect } from './tenant.js';

/** What a request of a row sends: values of the path's parameters in their order, and the body. */
export type Sent = [path: Array<string | number>, body?: object];

const opaque = async (made: Promise<Data>): Promise<string> => (await made).id;
const number = async (made: Promise<Data>): Promise<number> => (await made).number;

/** A contact of a customer, both by number. */
async function contactOf(f: Fresh): Promise<Data> {
  const customer = await f.customer();
  const { body } = await f.mutate('contactCreate', { input: { name: f.name(), customer: customer.id } }, 'id number');
  return { customer: customer.number, contact: body.data.contactCreate.contact.number };
}

async function tagOf(f: Fresh): Promise<Data> {
  const customer = await f.customer();
  const { body } = await f.mutate('customerTagCreate', { input: { customer: customer.id, name: '重点' } }, 'id number');
  return { customer: customer.number, tag: body.data.customerTagCreate.customerTag.number };
}

async function linkOf(f: Fresh): Promise<Data> {
  const [customer, contact] = [await f.customer(), await f.contact()];
  await f.mutate('customerContactCreate', { input: { customer: customer.id, contact: contact.id } }, 'id');
  return { customer: customer.number, contact: contact.number };
}

const inForce = { startsOn: '2026-01-01', endsOn: '2098-12-31', status: 'IN_FORCE' };

/** For every row that writes a request with which it does something. */
export const requests: Record<Dialect, Record<string, (f: Fresh) => Promise<Sent>>> = {
  erp: {
    'POST /accounts': async (f) => [[], { name: f.name() }],
    'PUT /accounts/{id}': async (f) => [[await opaque(f.customer())], { name: f.name() }],
    'DELETE /accounts/{id}': async (f) => [[await opaque(f.customer())]],
    'PUT /accounts/{id}/status': async (f) => [[await opaque(f.customer())], { status: 'inactive' }],
    'POST /accounts/{id}/credit-assessment': async (f) => [[await opaque(f.customer())], { creditScore: 80 }],
    'POST /contacts': async (f) => [[], { accountId: await opaque(f.customer()), name: f.name() }],
    'PUT /contacts/{id}': async (f) => [[await opaque(f.contact())], { name: f.name() }],
    'DELETE /contacts/{id}': async (f) => [[await opaque(f.contact())]],
    'POST /activities': async (f) => [[], { accountId: await opaque(f.customer()), type: 'call', subject: f.name() }],
    'PUT /activities/{id}': async (f) => [[await opaque(f.activity())], { subject: f.name() }],
    'DELETE /activities/{id}': async (f) => [[await opaque(f.activity())]],
    'POST /cases': async (f) => [[], { accountId: await opaque(f.customer()), subject: f.name() }],
    'PUT /cases/{id}': async (f) => [[await opaque(f.case())], { subject: f.name() }],
    'DELETE /cases/{id}': async (f) => [[await opaque(f.case())]],
    'POST /cases/{id}/comments': async (f) => [[await opaque(f.case())], { content: '在查' }],
    'POST /cases/{id}/close': async (f) => [[await opaque(f.case())], { resolution: '好了' }],
    'POST /leads': async (f) => [
      [],
      { name: f.name(), company: f.name(), contactPerson: '张三', phone: '13800138000', source: 'website' },
    ],
    'PUT /leads/{id}': async (f) => [[await opaque(f.lead())], { company: f.name() }],
    'DELETE /leads/{id}': async (f) => [[await opaque(f.lead())]],
    'PUT /leads/{id}/status': async (f) => [[await opaque(f.lead())], { status: 'qualified' }],
    'POST /leads/{id}/convert': async (f) => [[await opaque(f.lead())], { createAccount: true }],
    'POST /opportunities': async (f) => [[], { accountId: await opaque(f.customer()), name: f.name() }],
    'PUT /opportunities/{id}': async (f) => [[await opaque(f.opportunity())], { name: f.name() }],
    'DELETE /opportunities/{id}': async (f) => [[await opaque(f.opportunity())]],
    'PUT /opportunities/{id}/stage': async (f) => [[await opaque(f.opportunity())], { stage: 'proposal' }],
    'POST /opportunities/{id}/win': async (f) => [[await opaque(f.opportunity())], { actualAmount: 10 }],
    'POST /opportunities/{id}/lose': async (f) => [[await opaque(f.opportunity())], { reason: '太贵' }],
    'POST /campaigns': async (f) => [
      [],
      { name: f.name(), type: 'event', startDate: '2026-06-01', endDate: '2026-06-30' },
    ],
    'PUT /campaigns/{id}': async (f) => [[await opaque(f.campaign())], { name: f.name() }],
    'DELETE /campaigns/{id}': async (f) => [[await opaque(f.campaign())]],
    'PUT /campaigns/{id}/status': async (f) => [[await opaque(f.campaign())], { status: 'active' }],
    'PUT /campaigns/{id}/metrics': async (f) => [[await opaque(f.campaign())], { impressions: 7 }],
  },
  cell: {
    'POST /customers': async (f) => [[], { name: f.name() }],
    'PATCH /customers/{id}': async (f) => [[await opaque(f.customer())], { name: f.name() }],
    'DELETE /customers/{id}': async (f) => [[await opaque(f.customer())]],
    'POST /contacts': async (f) => [[], { customerId: await opaque(f.customer()), name: f.name() }],
    'PATCH /contacts/{id}': async (f) => [[await opaque(f.contact())], { name: f.name() }],
    'DELETE /contacts/{id}': async (f) => [[await opaque(f.contact())]],
    'POST /opportunities': async (f) => [[], { customerId: await opaque(f.customer()), title: f.name() }],
    'PATCH /opportunities/{id}': async (f) => [[await opaque(f.opportunity())], { title: f.name() }],
    'DELETE /opportunities/{id}': async (f) => [[await opaque(f.opportunity())]],
    'POST /follow-ups': async (f) => [[], { customerId: await opaque(f.customer()), content: f.name() }],
    'PATCH /follow-ups/{id}': async (f) => [[await opaque(f.activity())], { content: f.name() }],
    'DELETE /follow-ups/{id}': async (f) => [[await opaque(f.activity())]],
    'POST /contracts': async (f) => [
      [],
      { customerId: await opaque(f.customer()), contractNo: f.name(), amountCents: 100 },
    ],
    'PATCH /contracts/{id}': async (f) => [[await opaque(f.contract())], { status: 2 }],
    'POST /payments': async (f) => [
      [],
      { contractId: await opaque(f.contract()), amountCents: 100, paymentAt: '2026-01-01' },
    ],
    'POST /customers/import': async (f) => [[], { items: [{ name: f.name() }] }],
    'POST /opportunities/import': async (f) => [
      [],
      { items: [{ customerId: await opaque(f.customer()), title: f.name() }] },
    ],
  },
  lifecycle: {
    'POST /customers': async (f) => [[], { customer_name: f.name(), customer_type: 1 }],
    'PUT /customers/{id}': async (f) => [[await number(f.customer())], { customer_name: f.name() }],
    'DELETE /customers/{id}': async (f) => [[await number(f.customer())]],
    'POST /customers/batch': async (f) => [[], { customers: [{ customer_name: f.name(), customer_type: 1 }] }],
    'PUT /customers/batch': async (f) => [
      [],
      { updates: [{ customer_id: await number(f.customer()), industry: f.name() }] },
    ],
    'POST /customers/{id}/contacts': async (f) => [
      [await number(f.customer())],
      { contact_name: f.name(), phone: '13800138000' },
    ],
    'PUT /customers/{id}/contacts/{contactId}': async (f) =>
      contactOf(f).then(({ customer, contact }) => [[customer, contact], { contact_name: f.name() }]),
    'DELETE /customers/{id}/contacts/{contactId}': async (f) =>
      contactOf(f).then(({ customer, contact }) => [[customer, contact]]),
    'PUT /customers/{id}/contacts/{contactId}/primary': async (f) =>
      contactOf(f).then(({ customer, contact }) => [[customer, contact]]),
    'POST /customers/{id}/contracts': async (f) => [
      [await number(f.customer())],
      {
        contract_name: f.name(),
        contract_type: 1,
        contract_amount: 100,
        start_date: '2026-01-01',
        end_date: '2026-12-31',
      },
    ],
    'PUT /contracts/{id}': async (f) => [[await number(f.contract())], { contract_name: f.name() }],
    'POST /contracts/{id}/renew': async (f) => [[await number(f.contract(inForce))], { new_end_date: '2099-12-31' }],
    'POST /customers/{id}/tags': async (f) => [[await number(f.customer())], { tag_name: '重点', tag_type: 1 }],
    'DELETE /customers/{id}/tags/{tagId}': async (f) => tagOf(f).then(({ customer, tag }) => [[customer, tag]]),
    'POST /customers/{id}/communications': async (f) => [
      [await number(f.customer())],
      {
        communication_type: 1,
        direction: 1,
        subject: f.name(),
        content: '谈了',
        communication_date: '2026-01-01T08:00:00Z',
      },
    ],
    'POST /customers/{id}/health-score/calculate': async (f) => [[await number(f.customer())]],
    'POST /customers/{id}/success-tasks': async (f) => [
      [await number(f.customer())],
      {
        task_title: f.name(),
        task_type: 1,
        assigned_to: (await f.by.graph('{ viewer { user { number } } }')).viewer.user.number,
      },
    ],
  },
  platform: {
    'POST /customers/': async (f) => [[], { name: f.name() }],
    'PUT /customers/{id}/': async (f) => [[await number(f.customer())], { name: f.name() }],
    'PATCH /customers/{id}/': async (f) => [[await number(f.customer())], { name: f.name() }],
    'DELETE /customers/{id}/': async (f) => [[await number(f.customer())]],
    'POST /customers/bulk-create/': async (f) => [[], { customers: [{ name: f.name() }] }],
    'POST /customers/bulk-update/': async (f) => [
      [],
      { customers: [{ id: await number(f.customer()), name: f.name() }] },
    ],
    'POST /customers/bulk-delete/': async (f) => [
      [],
      { customer_ids: [await number(f.customer())], ids: [await number(f.customer())] },
    ],
    'POST /customers/members/relations/': async (f) => [
      [],
      { customer_id: await number(f.customer()), member_id: await number(f.contact()) },
    ],
    'PUT /customers/members/relations/{id}/': async (f) => [[await number(f.link())], { position: f.name() }],
    'PATCH /customers/members/relations/{id}/': async (f) => [[await number(f.link())], { position: f.name() }],
    'DELETE /customers/members/relations/{id}/': async (f) => [[await number(f.link())]],
    'POST /customers/members/relations/{id}/set-primary/': async (f) => [[await number(f.link())]],
    'POST /customers/members/relations/customer-members/delete/': async (f) =>
      linkOf(f).then(({ customer, contact }) => [[], { customer_id: customer, member_ids: [contact] }]),
    'POST /customers/members/relations/member-customers/delete/': async (f) =>
      linkOf(f).then(({ customer, contact }) => [[], { member_id: contact, customer_ids: [customer] }]),
    'POST /customers/tenants/relations/': async (f) => (
      await f.t.outsider.id(),
      [[], { customer_id: await number(f.customer()), tenant_id: f.t.outsider.tenant, relation_type: 'partner' }]
    ),
    'PUT /customers/tenants/relations/{id}/': async (f) => [[await number(f.tenantLink())], { description: f.name() }],
    'PATCH /customers/tenants/relations/{id}/': async (f) => [
      [await number(f.tenantLink())],
      { description: f.name() },
    ],
    'DELETE /customers/tenants/relations/{id}/': async (f) => [[await number(f.tenantLink())]],
    'POST /customers/tenants/relations/{id}/set-primary/': async (f) => [[await number(f.tenantLink())]],
  },
};

/** A request of a row with new records: method, path below the base of the dialect, body. */
export async function requestOf(
  f: Fresh,
  dialect: Dialect,
  row: string,
): Promise<{ method: 'post' | 'put' | 'patch' | 'delete'; path: string; body: Data }> {
  const [method, pattern] = row.split(' ') as [string, string];
  const [values, body] = await requests[dialect][row]!(f);
  const rest = [...values];
  return {
    method: method.toLowerCase() as 'post',
    path: pattern.replace(/\{\w+\}/g, () => String(rest.shift())),
    body,
  };
}
