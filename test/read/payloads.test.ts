import { customer } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// A payload's records are read by compiled plans after the change; the plain executor must show the same.

let t: TestTenant;
beforeEach(async () => {
  t = await tenant();
});

const selection = `customer { ...C again: id contacts(first: $n) @include(if: $with) { totalCount edges { position } } owner { login } createdBy { login } }
  same: customer { number } userErrors { code field } __typename`;
const create = `mutation ($input: CustomerInput!, $n: Int, $with: Boolean!) { made: customerCreate(input: $input) { ${selection} } } fragment C on Customer { name phone credit { limit { amount } } }`;

async function change(
  executor: string,
  query: string,
  variables: object,
  by = t.admin,
): Promise<{ body: Data; ran: string | null; statements: number }> {
  const answer = await by.graph.raw(query, variables, { 'x-crm-executor': executor });
  return { body: answer.body, ran: answer.headers.get('x-crm-executor'), statements: answer.statements };
}

test('shows the record after the change, as the plain executor does', async () => {
  const answers = [];
  for (const [index, executor] of ['plain', 'compiled', 'compiled'].entries()) {
    const { body, ran } = await change(executor, create, {
      input: { name: `客户 "${index}"`, phone: '13800138000', creditLimit: { amount: '5' } },
      n: 2,
      with: index > 0,
    });
    expect(ran).toBe(executor === 'plain' ? 'plain; as asked' : 'compiled');
    answers.push(body.data.made);
  }
  for (const [index, made] of answers.entries()) {
    expect(JSON.stringify({ ...made, customer: { ...made.customer, again: '' }, same: null })).toBe(
      JSON.stringify({
        customer: {
          name: `客户 "${index}"`,
          phone: '13800138000',
          credit: { limit: { amount: '5.00' } },
          again: '',
          ...(index > 0 && { contacts: { totalCount: 0, edges: [] } }),
          owner: null,
          createdBy: { login: 'admin' },
        },
        same: null,
        userErrors: [],
        __typename: 'CustomerCreatePayload',
      }),
    );
    expect(made.same).toEqual({ number: expect.any(Number) });
  }
});

test('shows no record where the change was refused, and none that the caller may no longer see', async () => {
  const { body } = await change('compiled', create, { input: { name: ' ' }, with: false });
  expect(body.data.made).toEqual({
    customer: null,
    same: null,
    userErrors: [{ code: 'REQUIRED', field: ['input', 'name'] }],
    __typename: 'CustomerCreatePayload',
  });
  const { id } = await customer(t.sales, { name: '我的' });
  const give =
    'mutation ($id: ID!, $owner: ID!) { customerUpdate(id: $id, input: { owner: $owner }) { customer { name } userErrors { code } } }';
  const given = await change('compiled', give, { id, owner: await t.sales2.id() }, t.sales);
  expect([given.ran, given.body.data.customerUpdate]).toEqual(['compiled', { customer: null, userErrors: [] }]);
});

test('a change that may not be made is refused in the same words by both executors', async () => {
  const [plain, compiled] = [
    await change('plain', create, { input: { name: 'x' }, with: false }, t.viewer),
    await change('compiled', create, { input: { name: 'x' }, with: false }, t.viewer),
  ];
  expect(compiled.body.errors.map((error: Data) => error.extensions.code)).toEqual(['FORBIDDEN']);
  expect(compiled.body).toEqual(plain.body);
  expect(await t.sql('select 1 from customer')).toEqual([]);
});

test('where several changes are made at once, each payload shows the state between them', async () => {
  const { id } = await customer(t.admin, { name: 'eins' });
  const step = (name: string): string =>
    `${name}: customerUpdate(id: "${id}", input: { name: "${name}" }) { customer { name version } }`;
  const { body, ran } = await change('compiled', `mutation { ${step('zwei')} ${step('drei')} }`, {});
  expect(ran).toBe('plain; several changes in one operation');
  expect(body.data).toEqual({
    zwei: { customer: { name: 'zwei', version: 2 } },
    drei: { customer: { name: 'drei', version: 3 } },
  });
});

test("an argument that is refused only while reading leaves the change made once, with the executor's error", async () => {
  const query =
    'mutation ($after: String) { customerCreate(input: { name: "einmal" }) { customer { name contacts(after: $after) { totalCount } } userErrors { code } } }';
  const { body } = await change('compiled', query, { after: 'nonsense' });
  expect(body.errors).toEqual([
    expect.objectContaining({
      path: ['customerCreate', 'customer', 'contacts'],
      extensions: expect.objectContaining({ code: 'CURSOR_INVALID' }),
    }),
  ]);
  expect(body.data).toEqual({ customerCreate: { customer: null, userErrors: [] } });
  expect(await t.sql('select name from customer')).toEqual([{ name: 'einmal' }]);
});
