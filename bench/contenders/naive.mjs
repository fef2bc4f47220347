// What one writes without thinking of speed: Apollo Server with resolvers, MikroORM entities, a DataLoader per relation.
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { MikroORM } from '@mikro-orm/postgresql';
import DataLoader from 'dataloader';
import { randomUUID } from 'node:crypto';
import config from '../../mikro-orm.config.js';

const orm = new MikroORM({
  ...config,
  clientUrl: process.env.BENCH_DATABASE_URL,
  pool: { min: 0, max: Number(process.env.BENCH_POOL) },
  allowGlobalContext: false,
});
const open = ['PROSPECTING', 'QUALIFICATION', 'NEEDS_ANALYSIS', 'PROPOSAL', 'NEGOTIATION'];

const typeDefs = `#graphql
  type Money { amount: String currency: String }
  type User { name: String }
  type Contact { id: ID name: String department: String mobile: String email: String }
  type Link { role: String primary: Boolean contact: Contact }
  type Links { nodes: [Link!]! }
  type Contract { id: ID code: String name: String status: String amount: Money startsOn: String endsOn: String }
  type Contracts { nodes: [Contract!]! totalCount: Int! }
  type Deal { id: ID code: String name: String stage: String probability: Int amount: Money expectedCloseOn: String customer: Customer }
  type Deals { nodes: [Deal!]! }
  type Move { fromStage: String toStage: String createdAt: String opportunity: Deal }
  type Moves { nodes: [Move!]! }
  type Customer {
    id: ID name: String code: String status: String tier: String industry: String region: String phone: String email: String healthScore: String
    owner: User contacts: Links contracts: Contracts opportunities: Deals stageChanges: Moves primaryContact: Link
    openOpportunityCount: Int openOpportunityAmount: Money wonOpportunityAmount: Money contractAmount: Money
  }
  type Customers { nodes: [Customer!]! }
  type Created { opportunity: Deal userErrors: [String!]! }
  type Query { customer(tenant: ID!, id: ID!): Customer customers(tenant: ID!, status: String!, offset: Int!): Customers }
  type Mutation { create(tenant: ID!, user: ID!, customer: ID!, name: String!, amount: String!, expectedCloseOn: String!): Created }
`;

/** Rows of an entity by the id of the record that they belong to. */
const many = (ctx, entity, property, orderBy) =>
  loader(ctx, `${entity}.${property}`, async (ids) => {
    const rows = await ctx.em.find(
      entity,
      {
        tenant: ctx.tenant,
        [property]: ids.map((id) => [ctx.tenant, id]),
        ...(entity !== 'StageChange' && { deletedAt: null }),
      },
      { orderBy: orderBy ?? { number: 'asc' } },
    );
    const groups = new Map(ids.map((id) => [id, []]));
    for (const row of rows) groups.get(row[property].id)?.push(row);
    return ids.map((id) => groups.get(id));
  });
const one = (ctx, entity) =>
  loader(ctx, entity, async (ids) => {
    const rows = new Map((await ctx.em.find(entity, { tenant: ctx.tenant, id: [...ids] })).map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id) ?? null);
  });
function loader(ctx, key, load) {
  if (!ctx.loaders.has(key)) ctx.loaders.set(key, new DataLoader(load));
  return ctx.loaders.get(key);
}

const opportunities = ({ id }, ctx) => many(ctx, 'Opportunity', 'customer').load(id);
const contracts = ({ id }, ctx) => many(ctx, 'Contract', 'customer').load(id);
const links = ({ id }, ctx) => many(ctx, 'CustomerContact', 'customer').load(id);
const sum = (rows, of) => {
  const amounts = rows.map(of).filter((amount) => amount !== null && amount !== undefined);
  return amounts.length === 0
    ? null
    : { amount: String(amounts.reduce((total, amount) => total + Math.round(Number(amount) * 100), 0) / 100) };
};
const money = (amount, currency) => (amount === null || amount === undefined ? null : { amount, currency });
const iso = (value) => (value === null || value === undefined ? null : new Date(value).toISOString());

const resolvers = {
  Query: {
    customer: (_, { tenant, id }, ctx) => {
      ctx.tenant = tenant;
      return ctx.em.findOne('Customer', { tenant, id, deletedAt: null });
    },
    customers: async (_, { tenant, status, offset }, ctx) => {
      ctx.tenant = tenant;
      return {
        nodes: await ctx.em.find(
          'Customer',
          { tenant, status, deletedAt: null },
          { orderBy: { name: 'asc', number: 'asc' }, limit: 20, offset },
        ),
      };
    },
  },
  Mutation: {
    create: async (_, { tenant, user, customer, name, amount, expectedCloseOn }, ctx) => {
      ctx.tenant = tenant;
      const { em } = ctx;
      const person = em.getReference('User', [tenant, user]);
      const opportunity = em.create('Opportunity', {
        tenant,
        id: randomUUID(),
        code: `N-${randomUUID().slice(0, 28)}`,
        customer: em.getReference('Customer', [tenant, customer]),
        name,
        stage: 'PROSPECTING',
        probability: 10,
        expectedAmount: amount,
        currency: 'CNY',
        expectedCloseOn,
        version: 1,
        createdBy: person,
        updatedBy: person,
        createdAt: new Date().toISOString(),
        updatedAt: new Date().toISOString(),
      });
      await em.flush();
      return { opportunity, userErrors: [] };
    },
  },
  Customer: {
    owner: ({ owner }, _, ctx) => owner && one(ctx, 'User').load(owner.id),
    contacts: async (customer, _, ctx) => ({ nodes: (await links(customer, ctx)).slice(0, 20) }),
    contracts: async (customer, _, ctx) => {
      const rows = await contracts(customer, ctx);
      return { nodes: rows.slice(0, 20), totalCount: rows.length };
    },
    opportunities: async (customer, _, ctx) => ({
      nodes: (await opportunities(customer, ctx)).filter(({ stage }) => open.includes(stage)).slice(0, 20),
    }),
    stageChanges: async (customer, _, ctx) => {
      const moves = await many(ctx, 'StageChange', 'opportunity', { number: 'desc' }).loadMany(
        (await opportunities(customer, ctx)).map(({ id }) => id),
      );
      return {
        nodes: moves
          .flat()
          .sort((a, b) => b.number - a.number)
          .slice(0, 10),
      };
    },
    primaryContact: async (customer, _, ctx) => (await links(customer, ctx)).find(({ primary }) => primary) ?? null,
    openOpportunityCount: async (customer, _, ctx) =>
      (await opportunities(customer, ctx)).filter(({ stage }) => open.includes(stage)).length,
    openOpportunityAmount: async (customer, _, ctx) =>
      sum(
        (await opportunities(customer, ctx)).filter(({ stage }) => open.includes(stage)),
        ({ expectedAmount }) => expectedAmount,
      ),
    wonOpportunityAmount: async (customer, _, ctx) =>
      sum(
        (await opportunities(customer, ctx)).filter(({ stage }) => stage === 'CLOSED_WON'),
        ({ wonAmount }) => wonAmount,
      ),
    contractAmount: async (customer, _, ctx) =>
      sum(
        (await contracts(customer, ctx)).filter(({ status }) => status === 'IN_FORCE'),
        ({ agreedAmount }) => agreedAmount,
      ),
  },
  Link: { contact: ({ contact }, _, ctx) => one(ctx, 'Contact').load(contact.id) },
  Contract: { amount: ({ agreedAmount, currency }) => money(agreedAmount, currency) },
  Deal: {
    amount: ({ expectedAmount, currency }) => money(expectedAmount, currency),
    customer: ({ customer }, _, ctx) => one(ctx, 'Customer').load(customer.id),
  },
  Move: { createdAt: ({ createdAt }) => iso(createdAt), opportunity: ({ opportunity }) => opportunity },
};

const server = new ApolloServer({ typeDefs, resolvers, includeStacktraceInErrorResponses: true });
await startStandaloneServer(server, {
  listen: { port: Number(process.env.PORT), host: '127.0.0.1' },
  context: async () => ({ em: orm.em.fork(), loaders: new Map(), tenant: '' }),
});
