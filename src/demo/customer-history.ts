import type { ContractStatus } from '../contracts/contract.entity.js';
import type { CustomerStatus } from '../customers/customer.entity.js';
import type { OpportunityStage } from '../opportunities/opportunity.entity.js';
import { likelihood } from '../opportunities/opportunity.entity.js';
import { generateBusiness } from './business.js';
import { aDay, dayOf, instant, startOf } from './calendar.js';
import { address, companyOf, digits, mobile, person, type Company } from './company.js';
import { isOpen, byCustomerStatus, wayTo, worth } from './opportunities.js';
import { heldBy, others } from './organisation.js';
import { Random, hash } from './random.js';
import { ids, type DemoKind } from './ids.js';
import { generateService } from './service.js';
import { generateSuccess } from './success.js';
import type { Row, Generator, CustomerSummary } from './generator.js';
import * as words from './sample-texts.js';

/** How much each customer has. */
export const per = { contacts: 3, opportunities: 2, contracts: 1 } as const;

/** Every so many customers, one also knows the second contact of the customer before it. */
export const sharedEvery = 50;

/** How long customers have to pay after signing. */
const daysToPay = 60;

const firstDay = -900;
const lastDay = -3;

/** Writes customers `from` to `to` (not included) with everything on them. */
export function generateHistory(generator: Generator, from: number, to: number): void {
  const id = Object.fromEntries(
    (
      [
        'tenant',
        'user',
        'customer',
        'contact',
        'link',
        'opportunity',
        'contract',
        'activity',
        'case',
        'comment',
      ] as const
    ).map((kind) => [kind, ids(generator.code, kind)]),
  ) as Ids;
  const change = ids(generator.code, 'stageChange');
  const seed = hash(generator.code);
  for (let index = from; index < to; index += 1)
    new CustomerHistory(generator, id, change, index, new Random(Math.imul(seed + index, 0x9e3779b1))).generate();
}

type Ids = Record<
  Exclude<
    DemoKind,
    | 'stageChange'
    | 'payment'
    | 'statusChange'
    | 'tag'
    | 'lead'
    | 'campaign'
    | 'healthScore'
    | 'usageEvent'
    | 'successTask'
  >,
  (index: number) => string
>;

interface Opportunity {
  id: string;
  name: string;
  amount: string;
  closedAt: number | null;
}

/** What happened with one customer. */
class CustomerHistory {
  readonly tenantId: string;
  readonly end: number;
  readonly began: number;
  private readonly company: Company;
  readonly status: CustomerStatus;
  readonly customerId: string;
  readonly owner: string | null;
  /** its place among the users */
  readonly ownerIndex: number | null;
  readonly author: string;
  private contacted = 0;
  private health = 0;

  constructor(
    private readonly generator: Generator,
    private readonly id: Ids,
    private readonly changeId: (index: number) => string,
    readonly index: number,
    private readonly random: Random,
  ) {
    const today = startOf(generator.today);
    const first = today + firstDay * aDay;
    this.tenantId = id.tenant(0);
    this.end = today - 60_000;
    this.began = first + ((index + random.next()) / generator.customers) * (today + lastDay * aDay - first);
    this.company = companyOf(generator.code, index);
    this.status = random.weighted(
      Object.fromEntries(Object.entries(byCustomerStatus).map(([status, { share }]) => [status, share])),
    ) as CustomerStatus;
    this.customerId = id.customer(index);
    const salesperson = others + random.whole(0, generator.salespeople - 1);
    this.ownerIndex = random.chance(0.06) ? null : salesperson;
    this.owner = this.ownerIndex === null ? null : id.user(this.ownerIndex);
    this.author = id.user(salesperson);
  }

  generate(): void {
    const people = Array.from({ length: per.contacts }, () => ({
      ...person(this.random),
      mobile: mobile(this.random),
    }));
    this.customer(people[0]!);
    for (const [n, contact] of people.entries()) this.contact(contact, n);
    if (this.index % sharedEvery === sharedEvery - 1) this.sharedContact();
    const opportunities = Array.from({ length: per.opportunities }, (_, n) => this.opportunity(n));
    const [contract] = Array.from({ length: per.contracts }, (_, n) => this.contract(n, opportunities[0]!));
    const summary = {
      ...this,
      contactId: this.id.contact(this.index * per.contacts),
      opportunityId: opportunities[0]!.id,
      contract: contract!,
    };
    generateBusiness(this.generator, summary);
    generateSuccess(this.generator, summary, this.health);
    this.service(opportunities[1]!);
  }

  /** Dice of its own: what is added here leaves the rest of the story as it was. */
  private service(opportunity: Opportunity): void {
    const { generator, id, index } = this;
    const random = new Random(hash(`${generator.code} service ${index}`));
    generateService(
      {
        index,
        activities: generator.activities,
        customerId: this.customerId,
        contactId: id.contact(index * per.contacts),
        opportunityId: opportunity.id,
        opportunityName: opportunity.name,
        author: this.author,
        colleague: id.user(1),
        began: this.began,
        contacted: this.contacted,
        end: this.end,
        id,
        write: generator.write,
        record: (...fields) => this.record(...fields),
        caseNumber: () => `CAS${padded(generator.next('case'), 3)}`,
      },
      random,
    );
  }

  private write(table: string, row: Row): void {
    this.generator.write(table, row);
  }

  /** What records have in common. */
  private record(id: string, createdAt: number, updatedAt = createdAt, version = 1): Row {
    return {
      tenant_id: this.tenantId,
      id,
      created_at: instant(createdAt),
      version,
      created_by_id: this.author,
      updated_at: instant(updatedAt),
      updated_by_id: this.author,
    };
  }

  private customer(primary: { name: string; login: string; mobile: string }): void {
    const { random, company, generator } = this;
    const day = dayOf(this.began).replaceAll('-', '');
    const { health, tiers } = byCustomerStatus[this.status];
    const enterprise = company.trade.kind === 'ENTERPRISE';
    const size = random.weighted({ MICRO: 20, SMALL: 40, MEDIUM: 28, LARGE: 12 });
    const contacted = this.began + random.next() * (this.end - this.began);
    this.contacted = contacted;
    const place = address(random, company);
    this.write('customer', {
      ...this.record(this.customerId, this.began, contacted),
      account_no: `ACC${padded(generator.next('account'), 3)}`,
      code: `CUST-${day}-${padded(generator.next(`customer ${day}`), 4)}`,
      name: company.name,
      kind: company.trade.kind,
      status: this.status,
      tier: random.weighted({ BRONZE: tiers[0], SILVER: tiers[1], GOLD: tiers[2], PLATINUM: tiers[3] }),
      industry: company.trade.industry,
      region: company.region,
      size,
      scale: { MICRO: '微型', SMALL: '小型', MEDIUM: '中型', LARGE: '大型' }[size],
      address: place,
      registered_address: place,
      website: enterprise ? `https://www.example.com/${primary.login}` : null,
      description: `${company.city}的${company.trade.industry}客户，${company.trade.scope}。`,
      remarks: random.chance(0.3) ? random.pick(words.remarks) : null,
      source: random.pick(words.sources),
      contact_person: primary.name,
      phone: primary.mobile,
      email: mail(primary.login, this.index),
      tax_no: `91${company.area}MA${digits(random, 8)}`,
      license_no: `${company.area}${digits(random, 9)}`,
      registered_capital: enterprise ? `${random.pick([50, 100, 200, 500, 1000, 3000, 5000, 10000])} 万元` : null,
      legal_representative: person(random).name,
      business_scope: company.trade.scope,
      established_on: dayOf(this.began - random.whole(300, 9000) * aDay),
      bank_name: `${random.pick(words.banks)}${company.city}分行`,
      bank_account: `6200000${digits(random, 6)}${digits(random, 6)}`,
      credit_rating: random.weighted({ AAA: 10, AA: 25, A: 45, BBB: 20 }),
      payment_terms: random.pick(words.paymentTerms),
      credit_limit: money(300_000 * random.spread(), 10_000),
      ...heldBy(this.generator.code, this.ownerIndex, {
        since: this.began,
        until: this.end,
        isPooled: this.index % 2 === 0,
        kind: 'CUSTOMER',
      }),
      health_score: (this.health = Number(random.between(...health).toFixed(1))).toFixed(1),
      last_contact_at: instant(contacted),
    });
  }

  private contact(contact: { name: string; login: string; mobile: string }, n: number): void {
    const { random, id } = this;
    const nth = this.index * per.contacts + n;
    const at = n === 0 ? this.began : this.began + 0.5 * random.next() * (this.end - this.began);
    const primary = n === 0;
    this.write('contact', {
      ...this.record(id.contact(nth), at),
      name: contact.name,
      department: random.pick(words.departments),
      phone: random.chance(0.5) ? `0${random.whole(10, 99)}-0000${digits(random, 4)}` : null,
      mobile: contact.mobile,
      email: mail(contact.login, this.index),
      wechat: random.chance(0.7) ? `wx_${contact.login.replace('.', '_')}${this.index}` : null,
      address: random.chance(0.4) ? address(random, this.company) : null,
      birthday: random.chance(0.5) ? dayOf(startOf('1970-01-01') + random.whole(0, 11_000) * aDay) : null,
      preferences: random.chance(0.4) ? random.pick(words.preferences) : null,
      contact_preference: random.pick(words.channels),
      decision_maker: primary ? random.chance(0.7) : random.chance(0.15),
      influence: primary ? random.weighted({ HIGH: 6, MEDIUM: 4 }) : random.weighted({ HIGH: 1, MEDIUM: 4, LOW: 5 }),
      last_contact_at: instant(at + random.next() * (this.end - at)),
    });
    this.link(nth, nth, at, primary);
  }

  private link(nth: number, contact: number, at: number, primary: boolean): void {
    const { random, id } = this;
    this.write('customer_contact', {
      ...this.record(id.link(nth), at),
      customer_id: this.customerId,
      contact_id: id.contact(contact),
      role: random.pick(words.linkRoles),
      position: random.pick(words.positions),
      primary,
      remarks: null,
    });
  }

  private sharedContact(): void {
    const nth = this.generator.customers * per.contacts + Math.floor(this.index / sharedEvery);
    this.link(nth, (this.index - 1) * per.contacts + 1, this.end - this.random.whole(1, 20) * 3_600_000, false);
  }

  /** Closed opportunities began early in the time since the customer is known, so that there was time to win them and to sign; open ones lately. */
  private opportunity(n: number): Opportunity {
    const { random, id } = this;
    const stage = random.weighted<OpportunityStage>(byCustomerStatus[this.status][n === 0 ? 'first' : 'others']);
    const known = this.end - this.began;
    const begins = isOpen(stage)
      ? Math.max(this.began, this.end - random.between(5, 150) * aDay)
      : this.began + random.between(0, n === 0 ? 0.2 : 0.6) * known;
    const ends = begins + Math.min(random.between(20, 200) * aDay, 0.6 * (this.end - begins));
    const way = wayTo(stage, random);
    const moments = way.map((_, step) =>
      step === 0 ? begins : begins + ((step + random.between(-0.3, 0)) / (way.length - 1)) * (ends - begins),
    );
    const moved = moments.at(-1)!;
    const closedAt = isOpen(stage) ? null : moved;
    const amount = money(worth[stage] * random.spread(), 100);
    const name = `${this.company.short}${random.pick(words.products)}${random.pick(words.projects)}`;
    const reason =
      stage === 'CLOSED_WON'
        ? random.pick(words.wonReasons)
        : stage === 'CLOSED_LOST'
          ? random.pick(words.lostReasons)
          : null;
    const nth = this.index * per.opportunities + n;
    const expected = closedAt ?? this.end + random.whole(-20, 150) * aDay;
    this.write('opportunity', {
      ...this.record(id.opportunity(nth), begins, moved, way.length),
      code: `OPP${padded(this.generator.next('opportunity'), 3)}`,
      customer_id: this.customerId,
      owner_id: this.owner,
      name,
      description: `为${this.company.name}提供的${name}。`,
      stage,
      probability: likelihood[stage],
      expected_amount: amount,
      won_amount: stage === 'CLOSED_WON' ? amount : null,
      expected_close_on: dayOf(expected),
      closed_at: closedAt === null ? null : instant(closedAt),
      close_reason: reason,
    });
    for (const [step, to] of way.entries()) {
      this.write('stage_change', {
        tenant_id: this.tenantId,
        id: this.changeId(nth * 10 + step),
        created_at: instant(moments[step]!),
        opportunity_id: id.opportunity(nth),
        from_stage: way[step - 1] ?? null,
        to_stage: to,
        reason: step > 0 && step === way.length - 1 ? reason : null,
        changed_by_id: this.author,
        stayed: step > 0 ? ((Math.trunc(moments[step]!) - Math.trunc(moments[step - 1]!)) / 1000).toFixed(3) : null,
        returned: step > 0 ? way.slice(0, step).includes(to) : null,
      });
    }
    return { id: id.opportunity(nth), name, amount, closedAt };
  }

  private contract(n: number, opportunity: Opportunity): CustomerSummary['contract'] {
    const { random } = this;
    const status = random.weighted<ContractStatus>(byCustomerStatus[this.status].contract);
    const signed = status === 'DRAFT' ? null : opportunity.closedAt!;
    const createdAt = signed ?? this.began + random.between(0.3, 1) * (this.end - this.began);
    const { starts, ends } = this.term(status, createdAt);
    const day = dayOf(createdAt).replaceAll('-', '');
    const due = signed === null ? null : signed + daysToPay * aDay;
    this.write('contract', {
      ...this.record(this.id.contract(this.index * per.contracts + n), createdAt),
      code: `CONT-${day}-${padded(this.generator.next(`contract ${day}`), 4)}`,
      customer_id: this.customerId,
      opportunity_id: signed === null ? null : opportunity.id,
      name: `${opportunity.name.replace(/项目$/, '')}合同`,
      kind: random.weighted({ SERVICE: 5, PURCHASE: 3, FRAMEWORK: 2 }),
      status,
      agreed_amount: opportunity.amount,
      starts_on: dayOf(starts),
      ends_on: dayOf(ends),
      signed_on: signed === null ? null : dayOf(signed),
      renewal: random.chance(0.3) ? 'AUTOMATIC' : 'MANUAL',
      notice_days: random.pick([30, 60, 90]),
      payment_terms: random.pick(words.paymentTerms),
      service_level: random.pick(words.serviceLevels),
      due_on: due === null ? null : dayOf(due),
      // what was overdue before the end of the generated history has been published
      checked_due_on: due === null || due > this.end ? null : dayOf(due),
    });
    return { id: this.id.contract(this.index * per.contracts + n), amount: opportunity.amount, signed, status };
  }

  /** Terms run for half a year up to three years; one in force has not ended yet, an expired one has. */
  private term(status: ContractStatus, signed: number): { starts: number; ends: number } {
    const { random, end } = this;
    if (status === 'DRAFT') return lasting(end + random.whole(5, 60) * aDay, 365);
    if (status === 'EXPIRED')
      return { starts: signed, ends: signed + random.between(0.4, 0.95) * (end - aDay - signed) };
    if (status === 'TERMINATED') return lasting(signed, 365);
    const possible = [182, 365, 730, 1095].filter((days) => signed + (days - 1) * aDay > end + aDay);
    return lasting(signed, possible[random.chance(0.3) && possible.length > 1 ? 1 : 0]!);
  }
}

/** First and last day of a term of that many days. */
const lasting = (starts: number, days: number): { starts: number; ends: number } => ({
  starts,
  ends: starts + (days - 1) * aDay,
});

const padded = (value: number, width: number): string => String(value).padStart(width, '0');
const money = (amount: number, unit: number): string => `${Math.max(1, Math.round(amount / unit)) * unit}.00`;
const mail = (login: string, index: number): string => `${login}${index + 1}@example.com`;
