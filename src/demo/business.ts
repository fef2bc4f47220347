import type { ContractStatus } from '../contracts/contract.entity.js';
import type { CustomerStatus } from '../customers/customer.entity.js';
import type { LeadStatus } from '../leads/lead.entity.js';
import { aDay, dayOf, instant, startOf } from './calendar.js';
import { companyOf, mobile, person } from './company.js';
import { Random, hash } from './random.js';
import { heldBy } from './organisation.js';
import { demoId, ids } from './ids.js';
import type { Row, Generator, CustomerSummary } from './generator.js';
import * as words from './sample-texts.js';

/** How many campaigns a tenant has had. */
export const campaigns = 6;
/** Every so many customers there is a lead. */
export const leadEvery = 4;

/** What came of a customer beside opportunities and contracts: payments, changes of state, tags, the lead that it once was. Throws dice of its own, so that the stories stay as they are. */
export function generateBusiness(generator: Generator, summary: CustomerSummary): void {
  const random = new Random(hash(`${generator.code} business ${summary.index}`));
  payments(generator, random, summary);
  statusChanges(generator, summary);
  tags(generator, random, summary);
  if (summary.index % leadEvery === 0) lead(generator, random, summary);
}

const record = ({ tenantId, author }: Pick<CustomerSummary, 'tenantId' | 'author'>, id: string, at: number): Row => ({
  tenant_id: tenantId,
  id,
  created_at: instant(at),
  created_by_id: author,
  updated_at: instant(at),
  updated_by_id: author,
});

/** In how many parts of the amount contracts of each state have been paid, and how often. */
const paidParts: Record<ContractStatus, Record<string, number>> = {
  DRAFT: { none: 1 },
  IN_FORCE: { none: 2, first: 4, both: 4 },
  EXPIRED: { first: 1, both: 9 },
  TERMINATED: { none: 1, first: 3 },
};

function payments(generator: Generator, random: Random, summary: CustomerSummary): void {
  const { contract, index, end } = summary;
  const parts = { none: [], first: ['首付款'], both: ['首付款', '尾款'] }[
    random.weighted(paidParts[contract.status]) as 'none' | 'first' | 'both'
  ];
  const half = Math.floor(Number(contract.amount) / 2);
  for (const [n, remark] of parts.entries()) {
    const at = Math.min(end, contract.signed! + (n + random.next()) * 25 * aDay);
    generator.write('payment', {
      ...record(summary, demoId(generator.code, 'payment', index * 2 + n), at),
      contract_id: contract.id,
      paid_amount: (n === 0 ? half : Number(contract.amount) - half).toFixed(2),
      paid_at: instant(at),
      method: random.weighted({ BANK_TRANSFER: 8, CHEQUE: 1, ALIPAY: 1 }),
      remark,
    });
  }
}

/** The states that a customer went through on its way to each. */
const ways: Record<CustomerStatus, CustomerStatus[]> = {
  POTENTIAL: ['POTENTIAL'],
  ACTIVE: ['POTENTIAL', 'ACTIVE'],
  INACTIVE: ['POTENTIAL', 'ACTIVE', 'INACTIVE'],
  LOST: ['POTENTIAL', 'ACTIVE', 'LOST'],
};
const reasons: Partial<Record<CustomerStatus, string>> = {
  ACTIVE: '合同签订',
  INACTIVE: '合同到期，暂无新需求',
  LOST: '转向竞争对手',
};

function statusChanges(
  generator: Generator,
  { tenantId, customerId, index, status, author, began, end, contract }: CustomerSummary,
): void {
  const signed = contract.signed ?? began;
  for (const [n, to] of ways[status].slice(1).entries()) {
    generator.write('status_change', {
      tenant_id: tenantId,
      id: demoId(generator.code, 'statusChange', index * 2 + n),
      created_at: instant(n === 0 ? signed : signed + 0.8 * (end - signed)),
      customer_id: customerId,
      from_status: ways[status][n]!,
      to_status: to,
      reason: reasons[to] ?? null,
      changed_by_id: author,
    });
  }
}

function tags(
  generator: Generator,
  random: Random,
  { tenantId, customerId, index, author, began, end }: CustomerSummary,
): void {
  const first = random.whole(0, words.tags.length - 1);
  const count = random.whole(0, 2);
  for (let n = 0; n < count; n += 1) {
    const [name, category, kind] = words.tags[(first + n) % words.tags.length]!;
    generator.write('customer_tag', {
      tenant_id: tenantId,
      id: demoId(generator.code, 'tag', index * 2 + n),
      created_at: instant(began + random.next() * (end - began)),
      customer_id: customerId,
      name,
      kind,
      category,
      confidence: kind === 'AUTOMATIC' ? random.between(60, 99).toFixed(2) : null,
      added_by_id: author,
    });
  }
}

/** A lead is either what became of this customer, or somebody else whom the same salesperson follows. */
function lead(generator: Generator, random: Random, summary: CustomerSummary): void {
  const { code, customers } = generator;
  const { index, began, end } = summary;
  const status = random.weighted<LeadStatus>({ NEW: 3, QUALIFIED: 3, UNQUALIFIED: 2, CONVERTED: 4 });
  const converted = status === 'CONVERTED';
  const who = person(random);
  const at = converted ? began - random.between(2, 30) * aDay : began + random.next() * (end - began);
  const company = companyOf(code, converted ? index : customers + index);
  generator.write('lead', {
    ...record(summary, demoId(code, 'lead', index / leadEvery), at),
    updated_at: instant(converted ? began : at),
    name: `${company.short}${random.pick(words.products)}需求`,
    company: company.name,
    contact_person: who.name,
    phone: random.chance(0.8) ? mobile(random) : null,
    email: random.chance(0.6) ? `${who.login}${index}@example.com` : null,
    source: random.weighted({ WEBSITE: 4, REFERRAL: 2, EVENT: 2, COLD_CALL: 3, OTHER: 1 }),
    status,
    status_reason: status === 'UNQUALIFIED' ? '暂无预算' : null,
    campaign_id: random.chance(0.4) ? demoId(code, 'campaign', random.whole(0, campaigns - 1)) : null,
    ...heldBy(code, summary.ownerIndex, { since: at, until: end, isPooled: !converted, kind: 'LEAD' }),
    customer_id: converted ? summary.customerId : null,
    contact_id: converted ? summary.contactId : null,
    opportunity_id: converted ? summary.opportunityId : null,
    converted_at: converted ? instant(began) : null,
  });
}

/** The campaigns of a tenant: the last one is planned, the one before it runs, the others are over. */
export function generateCampaigns(generator: Generator): void {
  const random = new Random(hash(`${generator.code} campaigns`));
  const id = ids(generator.code, 'campaign');
  const today = startOf(generator.today);
  const manager = demoId(generator.code, 'user', 1);
  for (let n = 0; n < campaigns; n += 1) {
    const starts = today + (n - campaigns + 2) * 120 * aDay - (n === campaigns - 1 ? 80 : 20) * aDay;
    const status = n === campaigns - 1 ? 'PLANNING' : n === campaigns - 2 ? 'ACTIVE' : 'COMPLETED';
    const planned = status === 'PLANNING';
    const clicks = random.whole(200, 4000);
    const budget = random.whole(2, 20) * 10_000;
    const [name, kind] = words.campaigns[n % words.campaigns.length]!;
    generator.write('campaign', {
      ...record(
        { tenantId: demoId(generator.code, 'tenant', 0), author: manager },
        id(n),
        Math.min(starts, today) - 30 * aDay,
      ),
      code: `CMP${String(generator.next('campaign')).padStart(3, '0')}`,
      name,
      kind,
      status,
      owner_id: manager,
      target_audience: random.pick(['老客户', '潜在客户', '老客户、潜在客户']),
      starts_on: dayOf(starts),
      ends_on: dayOf(starts + 45 * aDay),
      planned_budget: `${budget}.00`,
      spent_amount: planned ? null : `${Math.round(budget * random.between(0.5, 1.05))}.00`,
      earned_amount: planned ? null : `${Math.round(budget * random.between(0.4, 4))}.00`,
      impressions: planned ? null : clicks * random.whole(8, 40),
      clicks: planned ? null : clicks,
      conversions: planned ? null : Math.round(clicks * random.between(0.02, 0.15)),
    });
  }
}
