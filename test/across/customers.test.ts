import type { Answer } from '../support/http.js';
import { tenant, type Actor, type Data } from '../support/tenant.js';

/** What a customer is to every entry point, in the words of the graph. */
interface Seen {
  name: string;
  industry?: string | null;
  phone?: string | null;
}

interface Keys {
  id: string;
  number: number;
}

/** One way in: how it writes a customer, how it reads one, and what it can tell of it. */
interface InProcessClient {
  create(actor: Actor, customer: Required<Seen>): Promise<Answer>;
  rename(actor: Actor, keys: Keys, name: string): Promise<Answer>;
  remove(actor: Actor, keys: Keys): Promise<Answer>;
  read(actor: Actor, keys: Keys): Promise<Answer>;
  seen(body: Data): Seen;
  /** phones always leave it masked */
  masks?: true;
  /** it has no industry */
  withoutIndustry?: true;
  withoutPhone?: true;
}

const graph = (actor: Actor, query: string, variables: object): Promise<Answer> => actor.graph.raw(query, variables);

const servers: Record<string, InProcessClient> = {
  graph: {
    create: (actor, input) =>
      graph(
        actor,
        'mutation ($input: CustomerInput!) { customerCreate(input: $input) { customer { id } userErrors { code } } }',
        { input },
      ),
    rename: (actor, { id }, name) =>
      graph(
        actor,
        'mutation ($id: ID!, $input: CustomerInput!) { customerUpdate(id: $id, input: $input) { userErrors { code } } }',
        { id, input: { name } },
      ),
    remove: (actor, { id }) => graph(actor, 'mutation ($id: ID!) { customerDelete(id: $id) { deletedId } }', { id }),
    read: (actor, { id }) => graph(actor, 'query ($id: ID!) { customer(id: $id) { name industry phone } }', { id }),
    seen: ({ data }) => data.customer,
  },
  erp: {
    create: (actor, { name, industry, phone }) =>
      actor.rest('erp').post('/accounts', { name, type: 'corporate', industry, phone }),
    rename: (actor, { id }, name) => actor.rest('erp').put(`/accounts/${id}`, { name }),
    remove: (actor, { id }) => actor.rest('erp').delete(`/accounts/${id}`),
    read: (actor, { id }) => actor.rest('erp').get(`/accounts/${id}`),
    seen: ({ data: { name, industry, phone } }) => ({ name, industry, phone }),
  },
  cell: {
    create: (actor, { name, phone }) => actor.rest('cell').post('/customers', { name, contactPhone: phone }),
    rename: (actor, { id }, name) => actor.rest('cell').patch(`/customers/${id}`, { name }),
    remove: (actor, { id }) => actor.rest('cell').delete(`/customers/${id}`),
    read: (actor, { id }) => actor.rest('cell').get(`/customers/${id}`),
    seen: ({ name, contactPhone }) => ({ name, phone: contactPhone || null }),
    masks: true,
    withoutIndustry: true,
  },
  lifecycle: {
    create: (actor, { name, industry }) =>
      actor.rest('lifecycle').post('/customers', { customer_name: name, customer_type: 1, industry }),
    rename: (actor, { number }, name) => actor.rest('lifecycle').put(`/customers/${number}`, { customer_name: name }),
    remove: (actor, { number }) => actor.rest('lifecycle').delete(`/customers/${number}`),
    read: (actor, { number }) => actor.rest('lifecycle').get(`/customers/${number}`),
    seen: ({ data: { customer_info } }) => ({ name: customer_info.customer_name, industry: customer_info.industry }),
    withoutPhone: true,
  },
  platform: {
    create: (actor, { name, industry, phone }) =>
      actor.rest('platform').post('/customers/', {
        name,
        type: 'enterprise',
        value_level: 'gold',
        status: 'active',
        industry_type: industry,
        primary_contact_phone: phone,
      }),
    rename: (actor, { number }, name) => actor.rest('platform').patch(`/customers/${number}/`, { name }),
    remove: (actor, { number }) => actor.rest('platform').delete(`/customers/${number}/`),
    read: (actor, { number }) => actor.rest('platform').get(`/customers/${number}/`),
    seen: ({ data: { name, industry_type, primary_contact_phone } }) => ({
      name,
      industry: industry_type,
      phone: primary_contact_phone,
    }),
  },
};

const masked = (phone: string | null | undefined): string | null =>
  phone ? `${phone.slice(0, 3)}****${phone.slice(-4)}` : null;

/** What an entry point can show of a customer that another one wrote. */
function expected(reading: InProcessClient, written: Seen): Seen {
  const { name, industry = null, phone = null } = written;
  return {
    name,
    ...(!reading.withoutIndustry && { industry }),
    ...(!reading.withoutPhone && { phone: reading.masks ? masked(phone) : phone }),
  };
}

const customer = { name: '北京科技有限公司', industry: '科技', phone: '13800138001' };

test.each(Object.keys(servers))(
  'what is written through %s is read through every other entry point, renamed and deleted there',
  async (name) => {
    const writer = servers[name]!;
    const { admin } = await tenant();
    const created = await writer.create(admin, customer);
    expect([200, 201]).toContain(created.status);
    const { nodes } = (await admin.graph('{ customers { nodes { id number } } }')).customers as { nodes: Keys[] };
    expect(nodes).toHaveLength(1);
    const keys = nodes[0]!;
    const written: Seen = {
      name: customer.name,
      ...(!writer.withoutIndustry && { industry: customer.industry }),
      ...(!writer.withoutPhone && { phone: customer.phone }),
    };

    for (const reading of Object.values(servers)) {
      const answer = await reading.read(admin, keys);
      expect({ entry: reading.seen(answer.body), status: answer.status }).toEqual({
        entry: expected(reading, written),
        status: 200,
      });
    }

    for (const [other, client] of Object.entries(servers)) {
      const renamed = { ...written, name: `${customer.name}（${other}）` };
      expect((await client.rename(admin, keys, renamed.name)).status).toBe(200);
      for (const reading of Object.values(servers))
        expect(reading.seen((await reading.read(admin, keys)).body)).toEqual(expected(reading, renamed));
    }

    expect((await writer.remove(admin, keys)).status).toBe(200);
    for (const [other, reading] of Object.entries(servers)) {
      const answer = await reading.read(admin, keys);
      if (other === 'graph') expect(answer.body.data).toEqual({ customer: null });
      else expect(answer.status).toBe(404);
    }
  },
);
