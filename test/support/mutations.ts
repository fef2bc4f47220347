import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, type GraphQLField } from 'graphql';
import { pool } from './pools.js';
import * as records from './records.js';
import { uploaded } from './upload.js';
import type { Answer } from './http.js';
import type { Actor, Data, TestTenant } from './tenant.js';

/** The graph that is served (`test/graphql/schema.test.ts` holds the file against the server). */
export const schema = buildSchema(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8'));

/** Every mutation of it, by name. */
export const mutations: Record<string, GraphQLField<unknown, unknown>> = schema.getMutationType()!.getFields();

/** Makes new records of a tenant, one more with each call. */
export class Fresh {
  private count = 0;

  constructor(
    readonly t: TestTenant,
    readonly by: Actor = t.admin,
  ) {}

  /** The department whose members work with the pools that are made; nobody does where it is unset. */
  members?: string;

  name(): string {
    return `新${(this.count += 1)}`;
  }

  customer = (): Promise<Data> => records.customer(this.by, { name: this.name() });
  contact = async (): Promise<Data> =>
    records.contact(this.by, { name: this.name(), customer: (await this.customer()).id });
  opportunity = async (): Promise<Data> =>
    records.opportunity(this.by, { name: this.name(), customer: (await this.customer()).id });
  contract = async (more: object = {}): Promise<Data> =>
    records.contract(this.by, {
      name: this.name(),
      customer: (await this.customer()).id,
      amount: { amount: '1000' },
      ...more,
    });
  activity = async (): Promise<Data> =>
    records.activity(this.by, {
      kind: 'CALL',
      subject: this.name(),
      customer: (await this.customer()).id,
      status: 'PLANNED',
    });
  case = async (): Promise<Data> =>
    records.caseOf(this.by, { subject: this.name(), customer: (await this.customer()).id });
  file = (): Promise<Data> => uploaded(this.by);

  /** The same records, as another caller. */
  as = (by: Actor): Fresh => new Fresh(this.t, by);

  /** What a mutation of the table below makes. */
  async made(mutation: string): Promise<Data> {
    const { body } = await this.mutate(mutation, await argumentsOf[mutation]!(this), 'id number version');
    return Object.values(body.data[mutation]).find(
      (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
    );
  }

  lead = (): Promise<Data> => this.made('leadCreate');
  pool = (): Promise<Data> => this.made('poolCreate');

  /** A new pool for records of that kind, which those who administer make. */
  async poolOf(record: 'customer' | 'lead'): Promise<string> {
    const input = { name: this.name(), kind: record.toUpperCase() };
    const { poolCreate } = await this.t.admin.graph(
      'mutation ($input: PoolInput!) { poolCreate(input: $input) { pool { id } } }',
      { input },
    );
    const { id } = poolCreate.pool;
    if (this.members)
      await this.t.admin.graph(
        'mutation ($id: ID!, $inputs: [PoolMemberInput!]!) { poolSetMembers(id: $id, inputs: $inputs) { userErrors { code } } }',
        { id, inputs: [{ department: this.members }] },
      );
    return id as string;
  }

  /** A customer or a lead that lies in a pool. */
  async pooled(record: 'customer' | 'lead'): Promise<string> {
    const { id: made } = await this[record]();
    await this.mutate(`${record}sReturn`, { ids: [made], pool: await this.poolOf(record) }, 'id');
    return made as string;
  }

  department = (): Promise<Data> => this.made('departmentCreate');
  holdingLimit = (): Promise<Data> => this.made('holdingLimitCreate');
  user = (): Promise<Data> => this.made('userCreate');
  campaign = (): Promise<Data> => this.made('campaignCreate');
  payment = (): Promise<Data> => this.made('paymentCreate');
  task = (): Promise<Data> => this.made('successTaskCreate');
  link = (): Promise<Data> => this.made('customerContactCreate');
  tenantLink = (): Promise<Data> => this.made('customerTenantCreate');

  /** Carries a mutation out; what it shows of each record of its payload is `members`. */
  async mutate(mutation: string, args: object, fields: string, headers: Record<string, string> = {}): Promise<Answer> {
    const { args: known, type } = mutations[mutation]!;
    const given = known.filter(({ name }) => name in args);
    const payload = (type as unknown as { getFields(): Record<string, { type: { toString(): string } }> }).getFields();
    const shown = Object.entries(payload)
      .filter(
        ([name, field]) =>
          name !== 'userErrors' &&
          /^[A-Z]\w+$/.test(String(field.type)) &&
          !/^(ID|Int|String|Boolean)$/.test(String(field.type)) &&
          // counts of what was done are no records
          !String(field.type).endsWith('Result'),
      )
      .map(([name]) => `${name} { ${fields.replace(/\bversion\b/, unversioned.has(name) ? '' : 'version')} }`);
    const bulk = 'results' in payload ? 'results { id userErrors { code field message } }' : '';
    const text =
      `mutation (${given.map(({ name, type: of }) => `$${name}: ${String(of)}`).join(', ')}) { ${mutation}${given.length > 0 ? `(${given.map(({ name }) => `${name}: $${name}`).join(', ')})` : ''} { ${shown.join(' ')} ${bulk} userErrors { code field message } } }`.replace(
        'mutation ()',
        'mutation',
      );
    const by = mutation === 'tenantCreate' ? this.t.platform : this.by;
    return by.graph.raw(text, args, headers);
  }
}

/** Members of payloads whose records have no version. */
const unversioned = new Set([
  'caseComment',
  'contractRenewal',
  'creditAssessment',
  'customerMember',
  'customerRelation',
  'customerTag',
  'healthScore',
  'tenant',
  'roleReach',
  'tokenRevocation',
]);

const id = (record: Data): { id: string } => ({ id: record.id });

/** For every mutation arguments with which it does something. */
export const argumentsOf: Record<string, (fresh: Fresh) => Promise<Record<string, unknown>>> = {
  activityCancel: async (f) => ({ ...id(await f.activity()), reason: '改期' }),
  activityComplete: async (f) => ({ ...id(await f.activity()), outcome: '已谈' }),
  activityCreate: async (f) => ({ input: { kind: 'CALL', subject: f.name(), customer: (await f.customer()).id } }),
  activityDelete: async (f) => id(await f.activity()),
  activityRestore: async (f) => deleted(f, 'activity', await f.activity()),
  activityUpdate: async (f) => ({ ...id(await f.activity()), input: { subject: f.name() } }),
  apiKeyCreate: async (f) => ({ input: { name: f.name(), scopes: ['crm:read'] } }),
  apiKeyRevoke: async (f) => ({ ...id(await f.made('apiKeyCreate')), reason: '停用' }),
  apiKeyRotate: async (f) => id(await f.made('apiKeyCreate')),
  campaignChangeStatus: async (f) => ({ ...id(await f.campaign()), status: 'ACTIVE' }),
  campaignCreate: async (f) => ({
    input: { name: f.name(), kind: 'EVENT', startsOn: '2026-06-01', endsOn: '2026-06-30' },
  }),
  campaignDelete: async (f) => id(await f.campaign()),
  campaignRestore: async (f) => deleted(f, 'campaign', await f.campaign()),
  campaignRecordMetrics: async (f) => ({ ...id(await f.campaign()), input: { impressions: 7 } }),
  campaignUpdate: async (f) => ({ ...id(await f.campaign()), input: { name: f.name() } }),
  caseClose: async (f) => ({ ...id(await f.case()), input: { resolution: '已解决' } }),
  caseCommentCreate: async (f) => ({ input: { case: (await f.case()).id, content: '在查' } }),
  caseCreate: async (f) => ({ input: { subject: f.name(), customer: (await f.customer()).id } }),
  caseDelete: async (f) => id(await f.case()),
  caseRestore: async (f) => deleted(f, 'case', await f.case()),
  caseChangeStatus: async (f) => ({ ...id(await f.case()), status: 'IN_PROGRESS' }),
  caseRate: async (f) => ({ ...id(await closedCase(f)), input: { satisfaction: 5 } }),
  caseReopen: async (f) => ({ ...id(await closedCase(f)), reason: '又坏了' }),
  caseUpdate: async (f) => ({ ...id(await f.case()), input: { subject: f.name() } }),
  contactCreate: async (f) => ({ input: { name: f.name(), customer: (await f.customer()).id } }),
  contactDelete: async (f) => id(await f.contact()),
  contactRestore: async (f) => deleted(f, 'contact', await f.contact()),
  contactUnlinkCustomers: async (f) => linkedBothWays(f, 'contact'),
  contactUpdate: async (f) => ({ ...id(await f.contact()), input: { name: f.name() } }),
  contactsCreate: async (f) => ({ inputs: [{ name: f.name(), customer: (await f.customer()).id }] }),
  contractChangeStatus: async (f) => ({ ...id(await f.contract()), status: 'IN_FORCE' }),
  contractCreate: async (f) => ({ input: { name: f.name(), customer: (await f.customer()).id } }),
  contractDelete: async (f) => id(await f.contract()),
  contractRestore: async (f) => deleted(f, 'contract', await f.contract()),
  contractRenew: async (f) => ({
    ...id(await f.contract({ startsOn: '2026-01-01', endsOn: '2098-12-31', status: 'IN_FORCE' })),
    input: { endsOn: '2099-12-31' },
  }),
  contractSign: async (f) => ({ ...id(await f.contract()), signedOn: '2026-01-01' }),
  contractUpdate: async (f) => ({ ...id(await f.contract()), input: { name: f.name() } }),
  contractsExpire: async (f) => (
    await f.contract({ startsOn: '2019-01-01', endsOn: '2019-12-31', status: 'IN_FORCE' }),
    {}
  ),
  creditAssessmentCreate: async (f) => ({
    input: { customer: (await f.customer()).id, score: 80, creditLimit: { amount: '5000' } },
  }),
  customerCalculateHealth: async (f) => id(await f.customer()),
  customerChangeStatus: async (f) => ({ ...id(await f.customer()), status: 'LOST' }),
  customerContactCreate: async (f) => ({
    input: { customer: (await f.customer()).id, contact: (await f.contact()).id },
  }),
  customerContactDelete: async (f) => id(await f.link()),
  customerContactSetPrimary: async (f) => id(await f.link()),
  customerContactUpdate: async (f) => ({ ...id(await f.link()), input: { position: '经理' } }),
  customerCreate: async (f) => ({ input: { name: f.name() } }),
  customerDelete: async (f) => id(await f.customer()),
  customerOnboard: async (f) => ({ input: { name: f.name() }, contacts: [{ name: f.name() }] }),
  customerRelationCreate: async (f) => ({
    input: { from: (await f.customer()).id, to: (await f.customer()).id, kind: 'PARTNER' },
  }),
  customerRelationDelete: async (f) => id(await f.made('customerRelationCreate')),
  customerRestore: async (f) => ({ ...(await deleted(f, 'customer', await f.customer())), input: {} }),
  customerMemberCreate: async (f) => ({ input: { customer: (await f.customer()).id, user: await f.t.sales2.id() } }),
  customerMemberUpdate: async (f) => ({ ...id(await f.made('customerMemberCreate')), input: { access: 'WRITE' } }),
  customerMemberDelete: async (f) => id(await f.made('customerMemberCreate')),
  customerTagCreate: async (f) => ({ input: { customer: (await f.customer()).id, name: '重点' } }),
  customerTagDelete: async (f) => id(await f.made('customerTagCreate')),
  customerTenantCreate: async (f) => (
    await f.t.outsider.id(),
    { input: { customer: (await f.customer()).id, tenant: f.t.outsider.tenant, relationType: 'PARTNER' } }
  ),
  customerTenantDelete: async (f) => id(await f.tenantLink()),
  customerTenantSetPrimary: async (f) => id(await f.tenantLink()),
  customerTenantUpdate: async (f) => ({ ...id(await f.tenantLink()), input: { description: '合作' } }),
  customerUnlinkContacts: async (f) => linkedBothWays(f, 'customer'),
  customerUpdate: async (f) => ({ ...id(await f.customer()), input: { name: f.name() } }),
  customersDelete: async (f) => ({ ids: [(await f.customer()).id] }),
  customersOnboard: async (f) => ({ inputs: [{ customer: { name: f.name() } }] }),
  customersUpdate: async (f) => ({ inputs: [{ ...id(await f.customer()), input: { name: f.name() } }] }),
  departmentCreate: async (f) => ({ input: { name: f.name() } }),
  departmentDelete: async (f) => id(await f.department()),
  departmentMove: async (f) => ({ ...id(await f.department()), parent: (await f.department()).id }),
  departmentRestore: async (f) => deleted(f, 'department', await f.department()),
  departmentUpdate: async (f) => ({ ...id(await f.department()), input: { name: f.name() } }),
  directorySync: async (f) => ({
    input: {
      departments: [{ id: randomUUID(), name: f.name() }],
      users: [{ id: `u-${randomUUID()}`, name: f.name() }],
    },
  }),
  fileAttach: async (f) => ({ ...id(await f.file()), input: { contract: (await f.contract()).id } }),
  fileDelete: async (f) => id(await f.file()),
  fileDetach: async (f) => id(await uploaded(f.by, 'a.txt', 'x', { contract: (await f.contract()).id })),
  fileRestore: async (f) => deleted(f, 'file', await f.file()),
  healthRunStart: async (f) => (await f.customer(), {}),
  holdingLimitCreate: async (f) => ({ input: { kind: 'LEAD', user: (await f.user()).id, max: 7 } }),
  holdingLimitDelete: async (f) => id(await f.made('holdingLimitCreate')),
  holdingLimitRestore: async (f) => deleted(f, 'holdingLimit', await f.made('holdingLimitCreate')),
  holdingLimitUpdate: async (f) => ({ ...id(await f.made('holdingLimitCreate')), input: { max: 8 } }),
  leadChangeStatus: async (f) => ({ ...id(await f.lead()), status: 'QUALIFIED' }),
  leadConvert: async (f) => ({ ...id(await f.lead()), input: { createCustomer: true } }),
  leadCreate: async (f) => ({
    input: { name: f.name(), company: f.name(), contactPerson: '张三', phone: '13800138000', source: 'WEBSITE' },
  }),
  leadDelete: async (f) => id(await f.lead()),
  leadRestore: async (f) => deleted(f, 'lead', await f.lead()),
  leadUndoConversion: async (f) => {
    const { id: lead } = await f.lead();
    await f.mutate('leadConvert', { id: lead, input: { createCustomer: true, createContact: true } }, 'id');
    return { id: lead };
  },
  leadUpdate: async (f) => ({ ...id(await f.lead()), input: { company: f.name() } }),
  opportunitiesCreate: async (f) => ({ inputs: [{ name: f.name(), customer: (await f.customer()).id }] }),
  opportunityChangeStage: async (f) => ({ ...id(await f.opportunity()), stage: 'PROPOSAL' }),
  opportunityCorrect: async (f) => ({ ...id(await wonOpportunity(f)), input: { amount: { amount: '77.00' } } }),
  opportunityCreate: async (f) => ({ input: { name: f.name(), customer: (await f.customer()).id } }),
  opportunityDelete: async (f) => id(await f.opportunity()),
  opportunityLose: async (f) => ({ ...id(await f.opportunity()), input: { reason: '太贵' } }),
  opportunityRestore: async (f) => deleted(f, 'opportunity', await f.opportunity()),
  opportunityUpdate: async (f) => ({ ...id(await f.opportunity()), input: { name: f.name() } }),
  opportunityWin: async (f) => ({ ...id(await f.opportunity()), input: { amount: { amount: '100' } } }),
  paymentCreate: async (f) => ({ input: { contract: (await f.contract()).id, amount: { amount: '10' } } }),
  paymentDelete: async (f) => id(await f.payment()),
  paymentRestore: async (f) => deleted(f, 'payment', await f.payment()),
  poolRuleCreate: async (f) => ({
    input: { pool: await pool(f.t, { name: f.name() }), name: f.name(), trigger: 'HELD', days: 30 },
  }),
  poolRuleDelete: async (f) => id(await f.made('poolRuleCreate')),
  poolRuleUpdate: async (f) => ({ ...id(await f.made('poolRuleCreate')), input: { days: 60 } }),
  poolCreate: async (f) => ({ input: { name: f.name(), kind: 'CUSTOMER' } }),
  poolDelete: async (f) => id(await f.pool()),
  poolRestore: async (f) => deleted(f, 'pool', await f.pool()),
  poolSetMembers: async (f) => {
    const { id: pool } = await f.pool();
    const members = (await Promise.all([f.t.sales.id(), f.t.sales2.id()])).map((user) => ({ user }));
    await f.mutate('poolSetMembers', { id: pool, inputs: members }, 'id');
    return { id: pool, inputs: [{ ...members[0], role: 'ADMIN' }] };
  },
  poolUpdate: async (f) => ({ ...id(await f.pool()), input: { name: f.name() } }),
  savedViewCreate: async (f) => ({ input: { name: f.name(), kind: 'CUSTOMER', filter: '{"owner":["ME"]}' } }),
  savedViewDelete: async (f) => id(await f.made('savedViewCreate')),
  savedViewSetDefault: async (f) => ({ kind: 'CUSTOMER', view: (await f.made('savedViewCreate')).id }),
  savedViewSetRoleDefault: async (f) => {
    const { id: view } = await f.made('savedViewCreate');
    await f.mutate('savedViewUpdate', { id: view, input: { sharing: 'TENANT' } }, 'id');
    return { role: 'SALES', kind: 'CUSTOMER', view };
  },
  savedViewUpdate: async (f) => ({ ...id(await f.made('savedViewCreate')), input: { name: f.name() } }),
  successTaskChangeStatus: async (f) => ({ ...id(await f.task()), status: 'IN_PROGRESS' }),
  successTaskCreate: async (f) => ({ input: { customer: (await f.customer()).id, title: f.name(), kind: 'RENEWAL' } }),
  successTaskDelete: async (f) => id(await f.task()),
  successTaskRestore: async (f) => deleted(f, 'successTask', await f.task()),
  successTaskUpdate: async (f) => ({ ...id(await f.task()), input: { title: f.name() } }),
  userCreate: async () => ({ input: { login: `u-${randomUUID()}` } }),
  userDeactivate: async (f) => id(await f.user()),
  userHandOver: async (f) => {
    const [from, to] = [await f.user(), await f.user()];
    await records.customer(f.by, { name: f.name(), owner: from.id });
    await f.mutate('leadCreate', { input: { name: f.name(), source: 'OTHER', owner: from.id } }, 'id');
    return { ...id(from), input: { to: { owner: to.id } } };
  },
  userReactivate: async (f) => id(await deactivatedUser(f)),
  userUpdate: async (f) => ({ ...id(await f.user()), input: { name: f.name() } }),
  webhookCreate: async (f) => ({ input: { url: `https://1.1.1.1/${f.name()}`, types: ['crm.healthRun.created'] } }),
  webhookDelete: async (f) => id(await f.made('webhookCreate')),
  webhookDisable: async (f) => ({ ...id(await f.made('webhookCreate')), reason: '停用' }),
  webhookEnable: async (f) => id(await disabledWebhook(f)),
  webhookReplay: async (f) => (await f.customer(), id(await f.made('webhookCreate'))),
  webhookRetry: async (f) => id(await webhookWithDead(f)),
  webhookRotateSecret: async (f) => id(await f.made('webhookCreate')),
  webhookUpdate: async (f) => ({ ...id(await f.made('webhookCreate')), input: { description: '通知' } }),
  tenantCreate: async (f) => ({ input: { code: `n-${randomUUID()}`, name: f.name() } }),
  tenantUpdate: async (f) => ({ input: { name: f.name() } }),
  roleReachChange: async (f) => {
    const reach = { role: 'SALES', record: 'LEAD', use: 'WRITE' };
    await f.mutate('roleReachChange', { ...reach, reach: 'DEPARTMENT' }, 'id');
    return { ...reach, reach: 'SUBORDINATES' };
  },
  tokenRevoke: async (f) => ({ jti: f.name(), reason: '丢失' }),
  usageEventsCreate: async (f) => ({ inputs: [{ customer: (await f.customer()).id, kind: 'LOGIN' }] }),
};

/** How records of a kind get owners and pools. */
const ownership = (record: 'customer' | 'lead'): typeof argumentsOf => ({
  [`${record}sAssign`]: async (f) => ({ ids: [(await f[record]()).id], input: { owner: await f.t.sales.id() } }),
  [`${record}sMovePool`]: async (f) => ({ ids: [await f.pooled(record)], pool: await f.poolOf(record) }),
  [`${record}sPick`]: async (f) => ({ ids: [await f.pooled(record)] }),
  [`${record}sReveal`]: async (f) => ({ ids: [await f.pooled(record)] }),
  [`${record}sProtect`]: async (f) => ({ ids: [(await f[record]()).id], until: '2099-12-31' }),
  [`${record}sReturn`]: async (f) => ({ ids: [(await f[record]()).id], pool: await f.poolOf(record) }),
  [`${record}sTransfer`]: async (f) => ({ ids: [(await f[record]()).id], to: await f.t.sales.id() }),
});
Object.assign(argumentsOf, ownership('customer'), ownership('lead'));

async function closedCase(f: Fresh): Promise<Data> {
  const made = await f.case();
  await f.mutate('caseClose', { id: made.id, input: { resolution: '好了' } }, 'id');
  return made;
}

async function wonOpportunity(f: Fresh): Promise<Data> {
  const made = await f.opportunity();
  await f.mutate('opportunityWin', { id: made.id }, 'id');
  return made;
}

/** A record of that kind that has been deleted. */
async function deleted(f: Fresh, record: string, made: Data): Promise<{ id: string }> {
  await f.mutate(`${record}Delete`, { id: made.id }, 'id');
  return id(made);
}

async function deactivatedUser(f: Fresh): Promise<Data> {
  const made = await f.user();
  await f.mutate('userDeactivate', { id: made.id }, 'id');
  return made;
}

/** Its version rises with the change of its state. */
async function disabledWebhook(f: Fresh): Promise<Data> {
  const made = await f.made('webhookCreate');
  await f.mutate('webhookDisable', { id: made.id }, 'id');
  return made;
}

/** Disabled, so that nothing is sent when the dead delivery is brought back. */
async function webhookWithDead(f: Fresh): Promise<Data> {
  const made = await disabledWebhook(f);
  await f.t.sql(
    "insert into webhook_delivery (tenant_id, id, webhook_id, seq, event, type, subject, body, status) select tenant_id, gen_random_uuid(), id, 1, 'e', 'crm.nothing.happened', 's', '{}', 'DEAD' from webhook where id = $1 returning tenant_id",
    [made.id],
  );
  return made;
}

async function linkedBothWays(f: Fresh, side: 'customer' | 'contact'): Promise<Record<string, unknown>> {
  const [customer, contact] = [await f.customer(), await f.contact()];
  await f.mutate('customerContactCreate', { input: { customer: customer.id, contact: contact.id } }, 'id');
  return side === 'customer'
    ? { id: customer.id, contacts: [contact.id] }
    : { id: contact.id, customers: [customer.id] };
}
