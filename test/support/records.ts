import type { Actor, Data } from './tenant.js';

/** Creates a customer and returns it as `{ id number name accountNo code version }`; fails the test if the graph refuses. */
export async function customer(by: Actor, input: { name: string } & Record<string, unknown>): Promise<Data> {
  const { customerCreate } = await by.graph(
    'mutation Create($input: CustomerInput!) { customerCreate(input: $input) { customer { id number name accountNo code version } userErrors { code field message } } }',
    { input },
  );
  if (customerCreate.userErrors.length > 0) throw new Error(`The customer was refused: ${JSON.stringify(customerCreate.userErrors)}`);
  return customerCreate.customer;
}

/** How much has been written in the tenant so far: a refusal must leave all of it alone. */
export async function written({ sql }: { sql: (text: string) => Promise<Data[]> }): Promise<Data> {
  const [counts] = await sql('select (select count(*)::int from audit_entry) audit, (select count(*)::int from outbox) events, (select coalesce(max(seq), 0)::int from feed_head) seq');
  return counts;
}
