// What is asked of each contender, and how its answer is brought into one form for comparison.
import { demoId } from '../src/demo/ids.js';
import { created } from './data.mjs';

const post = (path, body) => ({ method: 'POST', path, body: JSON.stringify(body) });
const get = (path) => ({ method: 'GET', path });
const pick = (count) => Math.floor(Math.random() * count);

/** What a request is about, drawn at random; `customers` is how many each tenant has. */
export const draws = {
  W1: (world) => aboutCustomer(world, 2 * pick(Math.floor(world.customers / 2))),
  W2: (world) => ({
    ...aboutTenant(world),
    status: 'ACTIVE',
    offset: 20 * pick(Math.min(20, Math.floor(world.customers / 60))),
  }),
  // deals go to customers with odd indexes, which W1 does not read
  W3: (world) => {
    const about = aboutCustomer(world, 2 * pick(Math.floor(world.customers / 2)) + 1);
    return {
      ...about,
      customer: about.id,
      user: demoId(about.code, 'user', 0),
      name: `${created} ${pick(1e6)}`,
      amount: `${1000 + pick(900_000)}.50`,
      expectedCloseOn: '2027-03-01',
    };
  },
  W4: (world) => ({ ...aboutTenant(world), page: 1 + pick(Math.min(20, Math.floor(world.customers / 20))) }),
  W5: (world) => aboutCustomer(world, pick(world.customers)),
};

function aboutTenant({ codes }) {
  const code = codes[pick(codes.length)];
  return { code, tenant: demoId(code, 'tenant', 0) };
}
function aboutCustomer(world, index) {
  const about = aboutTenant(world);
  return { ...about, id: demoId(about.code, 'customer', index) };
}

const order = 'orderBy: [{ field: NUMBER }]';
const W1 = `query W1($id: ID!) { customer(id: $id) {
  id name code status tier industry region phone email healthScore owner { name }
  contacts(first: 20, ${order}) { edges { role primary node { id name department mobile email } } }
  contracts(first: 20, ${order}) { nodes { id code name status amount { amount currency } startsOn endsOn } }
  opportunities(first: 20, filter: { open: true }, ${order}) { nodes { id code name stage probability amount { amount currency } expectedCloseOn } }
  stageChanges(first: 10, orderBy: [{ field: NUMBER, direction: DESC }]) { nodes { fromStage toStage createdAt opportunity { name } } }
  openOpportunityCount openOpportunityAmount { amount } wonOpportunityAmount { amount } contractAmount { amount }
} }`;
const W2 = `query W2($status: [CustomerStatus!], $offset: Int) { customers(first: 20, offset: $offset, filter: { status: $status }, orderBy: [{ field: NAME }]) {
  nodes { id name code status tier region primaryContact { name mobile } contracts { totalCount } }
} }`;
const W3 = `mutation W3($input: OpportunityInput!) { opportunityCreate(input: $input) {
  opportunity { id code name stage probability amount { amount currency } customer { id name } } userErrors { code }
} }`;

const plainly = (query) =>
  query
    .replace('edges { role primary node {', 'nodes { role primary contact {')
    .replace('$id: ID!', '$tenant: ID!, $id: ID!')
    .replace('customer(id: $id)', 'customer(tenant: $tenant, id: $id)')
    .replace(/\((?:first|filter)[^)]*\)/g, '');
const naiveW2 = `query W2($tenant: ID!, $status: String!, $offset: Int!) { customers(tenant: $tenant, status: $status, offset: $offset) { nodes { id name code status tier region primaryContact { contact { name mobile } } contracts { totalCount } } } }`;
const naiveW3 = `mutation W3($tenant: ID!, $user: ID!, $customer: ID!, $name: String!, $amount: String!, $expectedCloseOn: String!) {
  create(tenant: $tenant, user: $user, customer: $customer, name: $name, amount: $amount, expectedCloseOn: $expectedCloseOn) { opportunity { id code name stage probability amount { amount currency } customer { id name } } userErrors } }`;

const foreign = (table) => `${table}ByTenantIdAnd`;
const graphileW1 = `query W1($tenant: UUID!, $id: UUID!) { customer: customerByTenantIdAndRowId(tenantId: $tenant, rowId: $id) {
  id: rowId name code status tier industry region phone email healthScore owner: ${foreign('userAccount')}OwnerId { name }
  contacts: customerContactsByTenantIdAndCustomerId(first: 20, orderBy: NUMBER_ASC) { nodes { role primary contact: ${foreign('contact')}ContactId { id: rowId name department mobile email } } }
  contracts: contractsByTenantIdAndCustomerId(first: 20, orderBy: NUMBER_ASC) { nodes { id: rowId code name status agreedAmount currency startsOn endsOn } }
  opportunities: openDeals(first: 20) { nodes { id: rowId code name stage probability expectedAmount currency expectedCloseOn } }
  stageChanges: moves(first: 10) { nodes { fromStage toStage createdAt opportunity: ${foreign('opportunity')}OpportunityId { name } } }
  openCount openAmount wonAmount contractAmount
} }`;
const graphileW2 = `query W2($tenant: UUID!, $status: String!, $offset: Int!) { customers: allCustomers(first: 20, offset: $offset, orderBy: [NAME_ASC, NUMBER_ASC], condition: { tenantId: $tenant, status: $status }) { nodes {
  id: rowId name code status tier region
  primaryContact: mainContact { contact: ${foreign('contact')}ContactId { name mobile } }
  contracts: contractsByTenantIdAndCustomerId { totalCount }
} } }`;
const graphileW3 = `mutation W3($input: CreateDealInput!) { createDeal(input: $input) {
  opportunity: result { id: rowId code name stage probability expectedAmount currency customer: ${foreign('customer')}CustomerId { id: rowId name } } } }`;

const input = ({ customer, name, amount, expectedCloseOn }) => ({ customer, name, amount, expectedCloseOn });

/** Requests by contender and workload. The server gets a token and no tenant; the others get the tenant's id with each request. */
export const requests = {
  server: {
    W1: ({ id }) => post('/graphql', { query: W1, variables: { id } }),
    W2: ({ status, offset }) => post('/graphql', { query: W2, variables: { status: [status], offset } }),
    W3: ({ amount, ...draw }) =>
      post('/graphql', { query: W3, variables: { input: { ...input(draw), amount: { amount } } } }),
    W4: ({ page }) => get(`/api/v1/crm/accounts?page=${page}&pageSize=20`),
    W5: ({ id }) => get(`/api/v1/crm/customers/${id}/360`),
  },
  floor: {
    W1: (draw) => post('/W1', draw),
    W2: (draw) => post('/W2', draw),
    W3: (draw) => post('/W3', draw),
    W4: ({ tenant, page }) => get(`/W4?${new URLSearchParams({ tenant, page })}`),
    W5: ({ tenant, code, id }) => get(`/W5?${new URLSearchParams({ tenant, code, id })}`),
  },
  postgraphile: {
    W1: ({ tenant, id }) => post('/graphql', { query: graphileW1, variables: { tenant, id } }),
    W2: ({ tenant, status, offset }) => post('/graphql', { query: graphileW2, variables: { tenant, status, offset } }),
    W3: ({ tenant, user, customer, name, amount, expectedCloseOn }) =>
      post('/graphql', {
        query: graphileW3,
        variables: { input: { tenant, author: user, customer, name, amount, expectedCloseOn } },
      }),
  },
  naive: {
    W1: ({ tenant, id }) => post('/', { query: plainly(W1), variables: { tenant, id } }),
    W2: ({ tenant, status, offset }) => post('/', { query: naiveW2, variables: { tenant, status, offset } }),
    W3: ({ tenant, user, ...draw }) => post('/', { query: naiveW3, variables: { tenant, user, ...input(draw) } }),
  },
};

export const workloads = ['W1', 'W2', 'W3', 'W4', 'W5'];
export const titles = {
  W1: 'customer 360',
  W2: 'page of 20 customers',
  W3: 'create an opportunity',
  W4: 'REST page of 20 accounts',
  W5: 'REST customer 360',
};
export const has = (contender, workload) => Boolean(requests[contender][workload]);

const money = (amount, currency) => (amount === null ? null : { amount, currency });
const total = (amount) => ({ amount: amount ?? '0' });

/** The shape that PostGraphile and the naive stack give to what stands on a relation and to sums, in the server's. */
const related = {
  W1: ({ customer: { contacts, ...rest } }) => ({
    customer: {
      ...rest,
      contacts: { edges: contacts.nodes.map(({ contact: node, ...edge }) => ({ ...edge, node })) },
      ...Object.fromEntries(
        ['openOpportunityAmount', 'wonOpportunityAmount', 'contractAmount'].map((sum) => [
          sum,
          total(rest[sum]?.amount),
        ]),
      ),
    },
  }),
  W2: ({ customers: { nodes } }) => ({
    customers: {
      nodes: nodes.map(({ primaryContact, ...node }) => ({ ...node, primaryContact: primaryContact?.contact ?? null })),
    },
  }),
  W3: (data) => data,
};

/** PostGraphile's names and numbers as the naive stack has them. */
const shaped = {
  W1: ({ customer: { openCount, openAmount, wonAmount, contractAmount, ...rest } }) => ({
    customer: {
      ...rest,
      contracts: {
        nodes: rest.contracts.nodes.map(({ agreedAmount, currency, ...node }) => ({
          ...node,
          amount: money(agreedAmount, currency),
        })),
      },
      opportunities: {
        nodes: rest.opportunities.nodes.map(({ expectedAmount, currency, ...node }) => ({
          ...node,
          amount: money(expectedAmount, currency),
        })),
      },
      openOpportunityCount: Number(openCount),
      openOpportunityAmount: { amount: openAmount },
      wonOpportunityAmount: { amount: wonAmount },
      contractAmount: { amount: contractAmount },
    },
  }),
  W2: (data) => data,
  W3: ({
    createDeal: {
      opportunity: { expectedAmount, currency, ...opportunity },
    },
  }) => ({
    opportunityCreate: { opportunity: { ...opportunity, amount: money(expectedAmount, currency) }, userErrors: [] },
  }),
};

/** REST answers are compared whole. */
const isRest = (workload) => workload === 'W4' || workload === 'W5';

/** An answer in the one form in which all are compared: members sorted, exact numbers without trailing zeros, instants in UTC. */
export function normal(contender, workload, answer) {
  if (answer.errors) throw new Error(`${contender} ${workload}: ${JSON.stringify(answer.errors[0])}`);
  let data = isRest(workload) ? answer : answer.data;
  if (contender === 'postgraphile') data = shaped[workload](data);
  if (contender === 'naive' && data.create) data = { opportunityCreate: data.create };
  if (contender === 'postgraphile' || contender === 'naive') data = related[workload](data);
  return JSON.stringify(data, (key, value) => {
    if (key === 'code' && workload === 'W3') return '(code)';
    if (key === 'id' && workload === 'W3') return '(id)';
    if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return new Date(value).toISOString();
    if (typeof value === 'string' && /^\d+\.\d+$/.test(value)) return String(Number(value));
    return value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  });
}
