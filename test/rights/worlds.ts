import { fillNgramsOfTenant } from '../../src/model/ngram-index.js';
import { allModels, type EntityModel, type FieldModel } from '../../src/model/model.js';
import { openOrm } from '../../src/database/orm.js';
import config from '../../mikro-orm.config.js';
import { ownerUrl } from '../support/http.js';
import type { Random } from '../support/operations.js';
import { sqlIn, type Actor, type Data, type TestTenant } from '../support/tenant.js';
import { watched } from '../support/time.js';
import { uploaded } from '../support/upload.js';
import { schema } from './schema.js';

// A tenant whose every text, phone, e-mail, day of birth and amount says by its form whose it is and which right it takes to
// see it: an answer that holds one is a finding without a word of what the answer should be.

/** Whose records: of one salesperson, of another one, of nobody, of another tenant. */
export const places = ['mine', 'theirs', 'free', 'foreign'] as const;
export type Place = (typeof places)[number];
export type Kind = 'plain' | 'contact' | 'amount';

/** A row that was marked: what it is, and whose. */
export interface Marked {
  model: EntityModel;
  id: string;
  number: number;
  place: Place;
}

export interface Worlds {
  t: TestTenant;
  rows: Marked[];
  /** a contact that is nobody's to see, since its only customer is deleted */
  gone: string;
  /** whether a lead and a customer have the same phone, by which the lead matches the customer */
  met?: boolean;
}

const orm = openOrm(config, ownerUrl());
afterAll(() => orm.close());

const letterOf: Record<Place, string> = { mine: 'A', theirs: 'B', free: 'C', foreign: 'X' };
const placeOf = (sign: string): Place =>
  places.find((place, index) => letterOf[place] === sign || String(index + 1) === sign)!;
const digitOf = (place: Place): number => places.indexOf(place) + 1;

/** The canaries in a text, with what each is and whose. */
export function* canariesIn(text: string): Generator<{ kind: Kind; place: Place; value: string }> {
  const forms: Array<[Kind, RegExp]> = [
    ['plain', /Zq([ABCX])\d+q/g],
    ['contact', /Hq([ABCX])\d+q/g],
    ['contact', /(?<![\da-f-])1397([1-4])\d{6}(?![\da-f])/g],
    ['contact', /\b187([1-4])-07-(?:1[3-9]|2\d)/g],
    ['amount', /(?<![\d.a-f-])7703([1-4])0\d{3}\.?17(?!\d)/g],
  ];
  for (const [kind, form] of forms)
    for (const [value, sign] of text.matchAll(form)) yield { kind, place: placeOf(sign!), value };
}

const pad = (value: number, length: number): string => String(value % 10 ** length).padStart(length, '0');
let count = 0;

/** A value of a column that says whose it is; undefined for columns that cannot. */
function canary({ spec, sqlType, property }: FieldModel, place: Place, n: number): string | undefined {
  if (!spec) return undefined;
  const digit = digitOf(place);
  if (spec.mask === 'phone') return `1397${digit}${pad(n, 2)}${pad(n, 4)}`;
  if (spec.mask === 'email') return `zHq${letterOf[place]}${n}q@example.com`;
  if (spec.mask === 'amount') return `7703${digit}0${pad(n, 3)}.17`;
  if (spec.mask === 'contact')
    return spec.kind === 'day' ? `187${digit}-07-${pad(13 + (n % 15), 2)}` : `Hq${letterOf[place]}${n}q`;
  if (spec.kind !== 'text' || sqlType !== 'text' || spec.format || !spec.shown) return undefined;
  return /^(code|accountNo|mediaType|sha256|login)$/.test(property) ? undefined : `Zq${letterOf[place]}${n}q`;
}

/** The entities whose records the graph shows, and whose rows callers see by their rights: saved views are seen by what they say themselves (`test/views`). */
export const shownModels = (): EntityModel[] =>
  allModels().filter(
    ({ name, owned, table }) =>
      owned &&
      table &&
      schema.getType(name) &&
      !['AuditEntry', 'HealthRun', 'SavedView', 'Webhook', 'WebhookDelivery'].includes(name),
  );

type Sql = TestTenant['sql'];
const sqlOf = ({ t }: Worlds, place: Place): Sql =>
  place === 'foreign' ? (text, values) => sqlIn(ownerUrl(), t.outsider.tenant, text, values) : t.sql;

async function set(
  sql: Sql,
  { model, id }: Pick<Marked, 'model' | 'id'>,
  values: Record<string, unknown>,
): Promise<void> {
  const columns = Object.keys(values);
  if (columns.length === 0) return;
  const list = columns.map((property, index) => `"${model.fields.get(property)!.column}" = $${index + 2}`).join(', ');
  await sql(`update "${model.table}" set ${list} where tenant_id = app_tenant() and id = $1`, [
    id,
    ...Object.values(values),
  ]);
}

/** Puts canaries into all rows that have none yet. */
async function mark(worlds: Worlds, place: Place): Promise<void> {
  const sql = sqlOf(worlds, place);
  for (const model of shownModels()) {
    const isUser = model.name === 'User';
    const rows = await sql<{ id: string; number: number }>(
      `select id, number from "${model.table}" where tenant_id = app_tenant() and not (id = any($1::uuid[])) order by number`,
      [worlds.rows.map(({ id }) => id)],
    );
    for (const { id, number } of rows) {
      const values: Record<string, string> = {};
      for (const field of model.fields.values()) {
        const value = canary(field, place, (count += 1));
        // colleagues are known to all by their names
        if (value !== undefined && (!isUser || field.spec?.mask)) values[field.property] = value;
      }
      const row = { model, id, number, place };
      await set(sql, row, values);
      worlds.rows.push(row);
    }
  }
  await settle(worlds, place);
}

/** Has searches and histories say what rows now hold; of histories only what is hidden, where it is said what that is. */
async function settle(worlds: Worlds, place: Place, hidden?: Hidden, random?: Random): Promise<void> {
  const sql = sqlOf(worlds, place);
  for (const model of shownModels().filter(({ searched }) => searched.length > 0)) {
    await sql(`delete from "${model.table}_gram" where tenant_id = app_tenant()`);
    const [tenant] = await sql<{ id: string }>('select app_tenant() as id');
    await sql(fillNgramsOfTenant(model), [tenant!.id]);
  }
  const rows = new Map(worlds.rows.map((row) => [row.id, row]));
  const entries = await sql<{ id: string; record: string; changes: Data }>(
    'select id, record, changes from audit_entry where tenant_id = app_tenant()',
  );
  for (const { id, record, changes } of entries) {
    const row = rows.get(record);
    if (!row) continue;
    for (const property of Object.keys(changes)) {
      const field = row.model.fields.get(property);
      if (!field) continue;
      const renewed = (old: unknown): unknown =>
        (hidden
          ? other(field, row, old, hidden, random!)
          : row.model.name !== 'User' || field.spec?.mask
            ? canary(field, row.place, (count += 1))
            : undefined) ?? old;
      changes[property] = changes[property].map((old: unknown) => (old === null ? null : renewed(old)));
    }
    await sql('update audit_entry set changes = $2 where tenant_id = app_tenant() and id = $1', [
      id,
      JSON.stringify(changes),
    ]);
  }
}

/** What is hidden from a caller: of which rows which values. */
export type Hidden = Record<Kind, readonly Place[]>;

/** Gives what is hidden other values, in every row and in the histories; what masks leave to be seen stays. */
export async function perturb(worlds: Worlds, hidden: Hidden, random: Random): Promise<void> {
  for (const place of new Set(Object.values(hidden).flat())) {
    const sql = sqlOf(worlds, place);
    for (const model of shownModels()) {
      const rows = worlds.rows.filter((row) => row.place === place && row.model === model);
      const stored = await sql<Data>(`select * from "${model.table}" where tenant_id = app_tenant() and id = any($1)`, [
        rows.map(({ id }) => id),
      ]);
      for (const row of rows) {
        const before = stored.find(({ id }) => id === row.id);
        if (!before) continue;
        const values: Record<string, unknown> = {};
        for (const field of model.fields.values()) {
          const value = other(field, row, before[field.column], hidden, random);
          if (value !== undefined) values[field.property] = value;
        }
        await set(sql, row, values);
      }
    }
  }
  for (const place of new Set(Object.values(hidden).flat())) await settle(worlds, place, hidden, random);
  if (!hidden.contact.includes('mine') || !hidden.contact.includes('free')) return;
  if (worlds.met) worlds.met = false;
  else await meet(worlds);
}

/** Another value for a hidden column; undefined for one that stays. */
function other(field: FieldModel, { model, place }: Marked, stored: Data, hidden: Hidden, random: Random): unknown {
  const { spec, property } = field;
  if (!spec) return undefined;
  const n = 1_000 + random.below(1_000_000);
  if (spec.mask === 'amount') {
    if (!hidden.amount.includes(place)) return undefined;
    return random.of([canary(field, place, n), '0.01', '77', '99999999.17', ...(field.nullable ? [null] : [])]);
  }
  if (spec.mask) {
    if (!hidden.contact.includes(place) || stored === null)
      return spec.mask === 'contact' && hidden.contact.includes(place) ? canary(field, place, n) : undefined;
    if (spec.mask === 'phone') return `${stored.slice(0, 5)}${pad(n, 2)}${stored.slice(7)}`;
    return spec.mask === 'contact' && random.once(3) ? null : canary(field, place, n);
  }
  if (!hidden.plain.includes(place) || model.name === 'User' || spec.kind === 'reference') return undefined;
  if (spec.kind === 'enum') return random.of(spec.values!);
  return canary(field, place, n) ?? (property === 'description' ? null : undefined);
}

/** Adds a record by a mutation that must succeed; returns it as `{ id number }`. */
async function add(by: Actor, name: string, input: object, more = ''): Promise<Data> {
  const mutation = `${name}Create`;
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  const { [mutation]: payload } = await by.graph(
    `mutation ($input: ${type}Input!) { ${mutation}(input: $input${more}) { ${name} { id number } userErrors { code field } } }`,
    { input },
  );
  expect(payload.userErrors).toEqual([]);
  return payload[name];
}

const run = async (by: Actor, mutation: string): Promise<void> => {
  for (const payload of Object.values(await by.graph(mutation)) as Data[]) expect(payload.userErrors ?? []).toEqual([]);
};

/**
 * One of everything on customers of one place, so that whatever is worked out of amounts has something to be worked out of.
 * Returns the ids of the first of them, and of the lead.
 */
async function fill(by: Actor, place: Place): Promise<{ customer: string; lead: string }> {
  const amount = (value: string): object => ({ amount: value });
  const customers = [];
  for (const index of [1, 2, 3])
    customers.push(
      await add(by, 'customer', {
        name: `${place} ${index}`,
        phone: `1390000000${index}`,
        email: `a${index}@example.com`,
        bankAccount: '6222',
        creditLimit: amount('1000'),
        ...(place === 'free' && { owner: null }),
      }),
    );
  const [first, second, third] = customers as [Data, Data, Data];
  for (const { id } of [first, second]) {
    const person = await add(by, 'contact', {
      name: '张三',
      customer: id,
      phone: '13900000009',
      email: 'b@example.com',
      wechat: 'wx',
      primary: true,
    });
    const open = await add(by, 'opportunity', { name: '商机', customer: id, amount: amount('500') });
    await add(by, 'opportunity', { name: '赢单', customer: id, amount: amount('700'), stage: 'CLOSED_WON' });
    const terms = {
      name: '合同',
      customer: id,
      amount: amount('100'),
      startsOn: '2020-01-01',
      dueOn: '2020-02-01',
      signedOn: '2020-01-01',
      status: 'IN_FORCE',
    };
    const contract = await add(by, 'contract', { ...terms, opportunity: open.id, endsOn: '2098-12-31' });
    const renewed = await add(by, 'contract', { ...terms, endsOn: '2020-12-31' });
    await run(
      by,
      `mutation { contractRenew(id: "${renewed.id}", input: { endsOn: "2097-12-31", dueOn: "2021-02-01", amount: { amount: "200" } }) { userErrors { code field } } }`,
    );
    for (const paidAt of ['2020-01-15T00:00:00Z', '2020-03-15T00:00:00Z', new Date().toISOString()])
      await add(by, 'payment', { contract: contract.id, amount: amount('20'), paidAt });
    await add(by, 'payment', { contract: renewed.id, amount: amount('150'), paidAt: '2020-03-01T00:00:00Z' });
    const task = await add(by, 'case', { subject: '故障', customer: id, contact: person.id });
    await add(by, 'caseComment', { case: task.id, content: '在查' });
    await add(by, 'activity', { subject: '拜访', customer: id, status: 'COMPLETED', startsAt: '2026-03-01T08:00:00Z' });
    await add(by, 'successTask', { title: '任务', customer: id, kind: 'RENEWAL' });
    await add(by, 'customerTag', { customer: id, name: '标签' });
    await add(by, 'creditAssessment', { customer: id, score: 80, creditLimit: amount('900') });
    await run(
      by,
      `mutation { usageEventsCreate(inputs: [{ customer: "${id}", kind: LOGIN, person: "a" }, { customer: "${id}", kind: FEATURE, feature: "f" }]) { userErrors { code } } }`,
    );
    await run(by, `mutation { customerCalculateHealth(id: "${id}") { userErrors { code } } }`);
    await run(
      by,
      `mutation { customerUpdate(id: "${id}", input: { phone: "13900000077", creditLimit: { amount: "2000" }, status: INACTIVE }) { userErrors { code } } }`,
    );
    await uploaded(by, 'a.txt', '0123456789', { contract: contract.id });
  }
  await add(by, 'customerRelation', { from: first.id, to: third.id, kind: 'PARTNER' });
  const lead = await add(by, 'lead', {
    name: '线索',
    company: '公司',
    contactPerson: '李四',
    phone: '13900000055',
    email: 'c@example.com',
    source: 'WEBSITE',
  });
  await add(by, 'activity', { subject: '回访', lead: lead.id, status: 'COMPLETED', startsAt: '2026-03-02T08:00:00Z' });
  return { customer: first.id, lead: lead.id };
}

/** Gives a customer and a lead to somebody and back, so that there is a history of owners. */
async function handRound(
  { admin, manager }: TestTenant,
  { customer, lead }: Record<'customer' | 'lead', string>,
  owner: Actor,
): Promise<void> {
  for (const by of [manager, owner])
    await run(
      admin,
      `mutation { customerUpdate(id: "${customer}", input: { owner: "${await by.id()}" }) { userErrors { code field } }
        leadsAssign(ids: ["${lead}"], input: { owner: "${await by.id()}" }) { userErrors { code field } } }`,
    );
}

/** Shares a customer with another tenant and with a colleague who sees it anyway. */
async function share({ admin, viewer, outsider }: TestTenant, customer: string): Promise<void> {
  await add(admin, 'customerTenant', { customer, tenant: outsider.tenant, relationType: 'PARTNER' });
  await add(admin, 'customerMember', { customer, user: await viewer.id() });
}

/** What those who administer decide: a limit, and how far a role reaches, which is as it was in the end. */
async function decide({ admin, sales2 }: TestTenant): Promise<void> {
  await add(admin, 'holdingLimit', { kind: 'CUSTOMER', user: await sales2.id(), max: 1000 });
  for (const reach of ['DEPARTMENT', 'OWN'])
    await run(
      admin,
      `mutation { roleReachChange(role: SALES, record: LEAD, use: WRITE, reach: ${reach}) { userErrors { code field } } }`,
    );
}

/** Somebody whose only customer is deleted is not there any more. Returns the contact's id. */
async function leaveBehind(by: Actor): Promise<string> {
  const { id } = await add(by, 'customer', { name: '没有了' });
  const person = await add(by, 'contact', { name: '没有了', customer: id });
  await run(by, `mutation { customerDelete(id: "${id}") { userErrors { code field } } }`);
  return person.id;
}

/** The worlds: records of each place, each with canaries, and the users, the campaign and the links of the tenant. */
export async function buildWorlds(t: TestTenant): Promise<Worlds> {
  const worlds: Worlds = { t, rows: [], gone: '' };
  // users are known from their first request on
  for (const one of [t.outsider, t.manager, t.viewer]) await one.id();
  for (const [place, by] of [
    ['mine', t.sales],
    ['theirs', t.sales2],
    ['free', t.admin],
    ['foreign', t.outsider],
  ] as const) {
    await by.id();
    const first = await fill(by, place);
    if (place === 'mine' || place === 'theirs') {
      await handRound(t, first, by);
      await share(t, first.customer);
    }
    if (place === 'free') {
      await add(by, 'campaign', { name: '活动', kind: 'EVENT', budget: { amount: '5000' } });
      await decide(t);
    }
    await mark(worlds, place);
  }
  await meet(worlds);
  worlds.gone = await leaveBehind(t.admin);
  await untilOverdueIsPublished(t);
  return worlds;
}

/** Gives a lead that nobody follows and a customer of the salesperson the same phone: whoever sees both knows that they belong together. */
async function meet(worlds: Worlds): Promise<void> {
  const { t, rows } = worlds;
  const of = (kind: string, place: Place): string =>
    rows.find(({ model, place: at }) => model.name === kind && at === place)!.id;
  await t.sql("update lead set phone = '13912345678' where tenant_id = app_tenant() and id = $1", [of('Lead', 'free')]);
  await t.sql("update customer set phone = '13912345678' where tenant_id = app_tenant() and id = $1", [
    of('Customer', 'mine'),
  ]);
  worlds.met = true;
}

/** The server publishes terms that became overdue by itself, and changes nothing more once it has. */
async function untilOverdueIsPublished(t: TestTenant): Promise<void> {
  await watched(t);
  for (;;) {
    const [left] = await t.sql<{ n: number }>(
      "select count(*)::int n from contract where tenant_id = app_tenant() and due_on < '2026-01-01' and checked_due_on is distinct from due_on",
    );
    if (left!.n === 0) return;
    await new Promise((done) => setTimeout(done, 200));
  }
}
