import type { Actor, Data } from './tenant.js';

/** Creates a customer and returns it as `{ id number name accountNo code version }`; fails the test if the graph refuses. */
export async function customer(by: Actor, input: { name: string } & Record<string, unknown>): Promise<Data> {
  const { customerCreate } = await by.graph(
    'mutation Create($input: CustomerInput!) { customerCreate(input: $input) { customer { id number name accountNo code version } userErrors { code field message } } }',
    { input },
  );
  if (customerCreate.userErrors.length > 0)
    throw new Error(`The customer was refused: ${JSON.stringify(customerCreate.userErrors)}`);
  return customerCreate.customer;
}

/** How much has been written in the tenant so far: a refusal must leave all of it alone. That something has become due is told by the clock, whatever is asked meanwhile, and does not count. */
export async function written({ sql }: { sql: (text: string) => Promise<Data[]> }): Promise<Data> {
  const [counts] = await sql(
    "with due as (select count(*)::int n from outbox where type like '%.due') select (select count(*)::int from audit_entry) audit, (select count(*)::int from outbox) - n events, (select coalesce(max(seq), 0)::int from feed_head) - n seq from due",
  );
  return counts;
}

async function created(by: Actor, record: string, input: object, fields: string): Promise<Data> {
  const type = `${record[0]!.toUpperCase()}${record.slice(1)}`;
  const data = await by.graph(
    `mutation Create($input: ${type}Input!) { ${record}Create(input: $input) { ${record} { id number version ${fields} } userErrors { code field message } } }`,
    { input },
  );
  const payload = data[`${record}Create`];
  if (payload.userErrors.length > 0)
    throw new Error(`The ${record} was refused: ${JSON.stringify(payload.userErrors)}`);
  return payload[record];
}

/** Creates a contact, linked where `customer` is given; returns it with the link as `link { id primary }`. */
export const contact = (by: Actor, input: { name: string } & Record<string, unknown>): Promise<Data> =>
  created(by, 'contact', input, 'name link { id primary }');

/** Creates an opportunity and returns it as `{ id number version code stage }`. */
export const opportunity = (
  by: Actor,
  input: { name: string; customer: string } & Record<string, unknown>,
): Promise<Data> => created(by, 'opportunity', input, 'code stage');

/** Creates a contract and returns it as `{ id number version code status }`. */
export const contract = (
  by: Actor,
  input: { name: string; customer: string } & Record<string, unknown>,
): Promise<Data> => created(by, 'contract', input, 'code status');

/** Creates an activity and returns it as `{ id number version status }`. */
export const activity = (by: Actor, input: Record<string, unknown>): Promise<Data> =>
  created(by, 'activity', input, 'status');

/** Creates a case and returns it as `{ id number version code status }`. */
export const caseOf = (
  by: Actor,
  input: { subject: string; customer: string } & Record<string, unknown>,
): Promise<Data> => created(by, 'case', input, 'code status');

/** Creates a lead and returns it as `{ id number version }`. */
export const lead = (by: Actor, input: { name: string } & Record<string, unknown>): Promise<Data> =>
  created(by, 'lead', input, '');
