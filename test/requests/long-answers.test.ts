import { type Answer } from '../support/http.js';
import { rawSocket } from '../support/socket.js';
import { tenant, type TestTenant } from '../support/tenant.js';

// Answers that are encoded piece by piece, and statements that would be too long to be one.

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
});

const times = (count: number, make: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ');

test('a long answer arrives whole, whoever encodes it, with signs of any length at every place where it is taken apart', async () => {
  // one, two, three and four bytes, and lengths that have no common factor with those of the pieces
  const names = Array.from({ length: 20 }, (_, n) => `公司${'𠮷é野😀'.repeat(9)}${'x'.repeat(n)}`);
  for (const name of names)
    await t.admin.graph(
      `mutation ($name: String!) { customerCreate(input: { name: $name }) { userErrors { code } } }`,
      { name },
    );
  const query = `{ customers(first: 20, orderBy: [{ field: NUMBER }]) { nodes { ${times(180, (n) => `n${n}: name`)} } } }`;
  const expected = {
    customers: {
      nodes: names.map((name) => Object.fromEntries(Array.from({ length: 180 }, (_, n) => [`n${n}`, name]))),
    },
  };
  const ask = (): Promise<Answer> => t.admin.graph.raw(query, {}, { 'accept-encoding': 'identity' });
  const twice = [await ask(), await ask()];
  for (const { status, headers, body } of twice) {
    const length = Buffer.byteLength(JSON.stringify(body));
    expect(status).toBe(200);
    expect(body.data).toEqual(expected);
    expect(length).toBeGreaterThan(3 * 65_536);
    // and the end of the line
    expect(Number(headers.get('content-length'))).toBe(length + 1);
  }
  const socket = await rawSocket({ token: t.admin.token });
  for (const id of ['first', 'again']) {
    socket.send({ id, type: 'subscribe', payload: { query } });
    expect(await socket.next()).toEqual({ id, type: 'next', payload: { data: expected } });
    expect(await socket.next()).toEqual({ id, type: 'complete' });
  }
});

test('an operation whose statement would take PostgreSQL seconds before it begins is answered by short ones', async () => {
  await t.sales.graph('mutation { customerCreate(input: { name: "长语句" }) { userErrors { code } } }');
  const asked = (count: number): string =>
    `{ customers(first: 1) { nodes { ${times(count, (n) => `c${n}: contracts(first: ${n + 1}) { nodes { outstandingAmount { amount } } } o${n}: opportunities(first: ${n + 1}) { nodes { amount { amount } } }`)} } } }`;
  const [short, long] = [await t.sales.graph.raw(asked(2)), await t.sales.graph.raw(asked(60))];
  expect([short.status, short.headers.get('x-crm-executor')]).toEqual([200, 'compiled']);
  expect([long.status, long.headers.get('x-crm-executor')]).toEqual([200, 'plain; its statement would be too long']);
  expect(Object.keys(long.body.data.customers.nodes[0])).toHaveLength(120);
  expect(new Set(Object.values(long.body.data.customers.nodes[0]).map((page) => JSON.stringify(page)))).toEqual(
    new Set(['{"nodes":[]}']),
  );
});
