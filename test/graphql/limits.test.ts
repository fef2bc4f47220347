import { getIntrospectionQuery } from 'graphql';
import { tenant, type TestTenant } from '../support/tenant.js';

let t: TestTenant;
beforeAll(async () => {
  t = await tenant();
});

/** As many fields below one another as asked for: customers, their contacts, the customers of those, and so on; a leaf at the end. */
function deep(levels: number): string {
  const cycle = ['contacts(first: 1)', 'nodes', 'customers(first: 1)', 'nodes'];
  const path = [
    'customers(first: 1)',
    'nodes',
    ...Array.from({ length: levels - 3 }, (_, index) => cycle[index % cycle.length]!),
  ];
  return `${path.join(' { ')} { __typename${' }'.repeat(path.length)}`;
}

async function refusal(query: string, variables: object = {}): Promise<string> {
  const { status, body } = await t.admin.graph.raw(query, variables);
  expect(status).toBe(400);
  expect(body.data).toBeUndefined();
  expect(body.errors).toHaveLength(1);
  return body.errors[0].message;
}

const passes = async (query: string, variables: object = {}): Promise<void> => {
  expect((await t.admin.graph.raw(query, variables)).body.errors).toBeUndefined();
};

test('15 fields below one another are allowed, 16 are not', async () => {
  await passes(`{ ${deep(15)} }`);
  expect(await refusal(`{ ${deep(16)} }`)).toBe('The operation is too large: fields more than 15 deep.');
});

test('fragments count where they are spread', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `F${index}`);
  const doubling = names
    .map(
      (name, index) =>
        `fragment ${name} on Customer { ${index === 11 ? 'name' : `...F${index + 1} ... { ...F${index + 1} }`} }`,
    )
    .join('\n');
  expect(await refusal(`{ customers { nodes { ...F0 } } }\n${doubling}`)).toBe(
    'The operation is too large: more than 2000 fields.',
  );
  await passes(`{ customers { nodes { ...F4 } } }\n${doubling.split('\n').slice(4).join('\n')}`);
});

test('20 fields at the root are allowed, 21 are not, aliases and fragments included', async () => {
  const roots = (count: number): string =>
    Array.from({ length: count }, (_, index) => `a${index}: viewer { roles }`).join(' ');
  await passes(`{ ${roots(20)} }`);
  expect(await refusal(`{ ${roots(21)} }`)).toBe('The operation is too large: more than 20 fields at the root.');
  expect(await refusal(`{ ...F b: viewer { roles } } fragment F on Query { ${roots(20)} }`)).toBe(
    'The operation is too large: more than 20 fields at the root.',
  );
});

describe('rows of all pages', () => {
  const query = 'query ($n: Int, $m: Int) { customers(first: $n) { nodes { contacts(last: $m) { nodes { id } } } } }';

  test('are counted with nested pages multiplied, and by the variables of the request', async () => {
    await passes(query, { n: 199, m: 500 });
    expect(await refusal(query, { n: 200, m: 500 })).toBe(
      'The operation is too large: Its pages can have 100200 rows; the limit is 100000.',
    );
    await passes(query, { n: 1, m: 1 });
  });

  test('are 20 where no size is given', async () => {
    await passes('{ customers(first: 235) { nodes { contacts { nodes { customers { nodes { id } } } } } } }');
    expect(
      await refusal('{ customers(first: 238) { nodes { contacts { nodes { customers { nodes { id } } } } } } }'),
    ).toBe('The operation is too large: Its pages can have 100198 rows; the limit is 100000.');
  });

  test('are the same for both executors and for a text that is known already', async () => {
    for (const executor of ['plain', 'compiled']) {
      const { status, body } = await t.admin.graph.raw(query, { n: 500, m: 500 }, { 'x-crm-executor': executor });
      expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
    }
  });
});

test('the schema can be asked for', () => passes(getIntrospectionQuery()));

describe('what asks for the schema counts like the rest', () => {
  const whole = '__schema { types { fields { args { name } } inputFields { name } enumValues { name } } }';

  test('once and twice it may be asked for whole, many times it may not', async () => {
    await passes(`{ ${whole} }`);
    const many = Array.from({ length: 20 }, (_, index) => `a${index}: ${whole}`).join(' ');
    expect(await refusal(`{ ${many} }`)).toMatch(
      /^The operation is too large: Its pages can have \d+ rows; the limit is 100000\.$/,
    );
    const within = Array.from({ length: 30 }, (_, index) => `a${index}: types { fields { args { name } } }`).join(' ');
    expect(await refusal(`{ __schema { ${within} } }`)).toMatch(/rows; the limit is 100000/);
    const fields = Array.from({ length: 2_000 }, (_, index) => `a${index}: description`).join(' ');
    expect(await refusal(`{ __schema { types { ${fields} } } }`)).toMatch(
      /^The operation is too large: (?:more than 2000 fields|Its pages)/,
    );
  });
});
