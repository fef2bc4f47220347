import { queries } from '../support/http.js';
import { contact, contract, customer, opportunity } from '../support/records.js';
import { tenant, type Actor } from '../support/tenant.js';

const everything = `id name phone owner { name } createdBy { login } credit { limit { amount } used { amount } } openOpportunityCount openOpportunityAmount { amount } nextRenewalOn
  primaryContact { contact { name phone } }
  contacts(first: 50) { totalCount nodes { position primary contact { name phone } } }
  opportunities(first: 50) { totalCount nodes { name stage weightedAmount { amount } owner { name } stageChanges { nodes { toStage changedBy { name } } } } }
  contracts(first: 50) { totalCount nodes { name status amount { amount } } }
  stageChanges(first: 50) { totalCount nodes { fromStage toStage } }`;
const view360 = `query ($id: ID!) { customer(id: $id) { ${everything} } }`;
const list = `query ($first: Int) { customers(first: $first) { totalCount nodes { ${everything} } } }`;

/**
 * Where loaders batch what is asked at the same moment, one batch may fall into two when answers arrive apart. A statement
 * per row would make differences of dozens.
 */
const jitter = 2;

/** A customer with so many contacts, deals and contracts. */
async function full(by: Actor, name: string, rows: number): Promise<string> {
  const { id } = await customer(by, { name, owner: await by.id(), phone: '13812348000' });
  await Promise.all(Array.from({ length: rows }, async (_, index) => {
    await contact(by, { name: `${name} ${index}`, customer: id, primary: index === 0 });
    await opportunity(by, { name: `${name} ${index}`, customer: id, owner: await by.id(), amount: '5' });
    await contract(by, { name: `${name} ${index}`, customer: id, amount: '5' });
  }));
  return id;
}

describe.each(['admin', 'sales', 'viewer'] as const)('%s', (who) => {
  test('gets the whole of a customer in as many statements for 5 rows of each kind as for 50', async () => {
    const t = await tenant();
    const [small, large] = [await full(t.sales, '小', 5), await full(t.sales, '大', 50)];
    await t[who].id();
    const few = await queries(() => t[who].graph(view360, { id: small }));
    let found: { customer: { contacts: { nodes: unknown[] } } } | undefined;
    const many = await queries(async () => {
      found = await t[who].graph(view360, { id: large });
    });
    expect(found!.customer.contacts.nodes).toHaveLength(50);
    expect(few).toBeGreaterThan(0);
    expect(Math.abs(many - few)).toBeLessThanOrEqual(jitter);
  });

  test('gets a page with all that hangs on its rows in as many statements for 5 rows as for 50', async () => {
    const t = await tenant();
    for (let index = 0; index < 50; index += 10) await Promise.all(Array.from({ length: 10 }, (_, place) => full(t.sales, `客户${index + place}`, 1)));
    await t[who].id();
    const few = await queries(() => t[who].graph(list, { first: 5 }));
    let found: { customers: { nodes: unknown[] } } | undefined;
    const many = await queries(async () => {
      found = await t[who].graph(list, { first: 50 });
    });
    expect(found!.customers.nodes).toHaveLength(50);
    expect(few).toBeGreaterThan(0);
    expect(Math.abs(many - few)).toBeLessThanOrEqual(jitter);
  });
});

test('a change and the selection of its payload take as many statements for a rich customer as for a poor one', async () => {
  const { admin } = await tenant();
  const [small, large] = [await full(admin, '小', 1), await full(admin, '大', 30)];
  const change = (id: string): Promise<number> => queries(() => admin.graph(`mutation ($id: ID!) { customerUpdate(id: $id, input: { remarks: "x" }) { customer { ${everything} } userErrors { code } } }`, { id }));
  const [few, many] = [await change(small), await change(large)];
  expect(few).toBeGreaterThan(0);
  expect(Math.abs(many - few)).toBeLessThanOrEqual(jitter);
});
