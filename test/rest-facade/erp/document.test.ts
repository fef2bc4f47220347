import { erp } from '../../../rest-facade/erp/index.js';
import { exchangeOf, type Answer } from '../../support/http.js';
import { tenant, type Actor, type Data } from '../../support/tenant.js';
import { contents, uploaded } from '../../support/upload.js';
import { documented, extras, type Operation } from './document.js';

const rowOf = (operation: string): Data =>
  erp.rows.find(({ method, pattern }) => `${method} ${pattern}` === operation.replace(/\{(\w+)\}/g, ':$1'));
const written = ({ method, pattern }: Data): string => `${method} ${pattern.replace(/:(\w+)/g, '{$1}')}`;
const isPage = (one: Operation): one is Operation & { data: Data[] } => Array.isArray(one.data);

describe('the rows', () => {
  test('are the documented operations and the named ones beyond, each once', () => {
    const known = [...documented.map(({ operation }) => operation), ...extras];
    expect(erp.rows.map(written).toSorted()).toEqual(known.toSorted());
    expect(documented.map(({ section }) => section)).toHaveLength(
      new Set(documented.map(({ section }) => section)).size,
    );
  });

  test.each(documented.filter(({ parameters }) => parameters).map((one) => [one.operation, one.parameters!] as const))(
    '%s takes the documented parameters',
    (operation, parameters) => {
      expect(Object.keys(rowOf(operation).params.query)).toEqual(parameters);
    },
  );

  test.each(documented.filter(({ data }) => data !== null).map((one) => [one.operation, one] as const))(
    '%s gives the documented members',
    (operation, one) => {
      expect(Object.keys(rowOf(operation).shape)).toEqual(
        Object.keys(isPage(one) ? one.data[0]! : (one.data as object)),
      );
    },
  );

  test.each(documented.filter(({ body }) => body).map((one) => [one.operation, one.body!] as const))(
    '%s takes the documented members',
    (operation, body) => {
      expect(Object.keys(rowOf(operation).params.body)).toEqual(expect.arrayContaining(Object.keys(body)));
    },
  );
});

/** Moments that are not the client's to give: their form is documented, not their value. */
const moments = new Set(['createdAt', 'updatedAt', 'responseTime', 'resolutionTime']);
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** An ERP client that calls records by the ids of the document. */
class Client {
  private readonly ids = new Map<string, string>();

  constructor(private readonly actor: Actor) {}

  /** Sends a request that must succeed; returns its `data` with documented ids and times in place of real ones. */
  async send(request: string, body?: object, example?: unknown): Promise<Data> {
    const [method, path] = this.translated(request).split(' ') as [string, string];
    const rest = this.actor.rest('erp');
    const answer: Answer =
      method === 'GET'
        ? await rest.get(path)
        : await rest[method.toLowerCase() as 'post'](path, body && JSON.parse(this.translated(JSON.stringify(body))));
    if (answer.status !== 200 || answer.body.code !== 200 || answer.body.message !== 'success')
      throw new Error(exchangeOf(answer));
    expect(answer.headers.get('x-api-dialect')).toBe('erp');
    return this.like(answer.body.data, example);
  }

  /** The id that stands for a documented one. */
  id = (documentedId: string): string => this.translated(documentedId);

  private translated = (text: string): string => text.replace(/\b[a-z]+-00\d\b/g, (id) => this.ids.get(id) ?? id);

  private like(value: Data, example: Data, name = ''): Data {
    if (Array.isArray(value)) return value.map((item, index) => this.like(item, example?.[index], name));
    if (value !== null && typeof value === 'object')
      return Object.fromEntries(
        Object.entries(value).map(([key, part]) => [key, this.like(part, example?.[key], key)]),
      );
    if (typeof value !== 'string' || typeof example !== 'string') return value;
    if (moments.has(name)) return moment.test(value) ? example : value;
    if (/^[a-z]+-00\d$/.test(example) && !this.ids.has(example)) this.ids.set(example, value);
    return this.translated(example) === value ? example : value;
  }
}

test('the documented examples, sent in order on an empty tenant, are answered as documented', async () => {
  const { admin } = await tenant();
  const client = new Client(admin);
  for (const one of documented) {
    for (const [request, body] of one.before ?? []) await client.send(request, body);
    if (one.attached) await attach(admin, client.id(one.id!), ...one.attached);
    if (one.section === '3.2') await contractOver500000(admin, client.id('account-001'));
    const expected = isPage(one) ? { list: one.data, total: one.data.length, page: 1, pageSize: 10 } : one.data;
    const data = await client.send(
      one.operation.replace('{id}', one.id ?? '') + (one.query ? `?${one.query}` : ''),
      one.body,
      expected,
    );
    if (one.computed) {
      expect({ [one.operation]: typesOf(data) }).toEqual({ [one.operation]: typesOf(expected) });
      continue;
    }
    expect({ [one.operation]: data }).toEqual({ [one.operation]: expected });
    expect(JSON.stringify(data)).toBe(JSON.stringify(expected));
  }
});

/** Members and their types; a list is as its first item. */
function typesOf(value: Data): Data {
  if (Array.isArray(value)) return value.slice(0, 1).map(typesOf);
  return value !== null && typeof value === 'object'
    ? Object.entries(value).map(([name, part]) => [name, typesOf(part)])
    : typeof value;
}

/** The content behind a link of the document: the name says of what kind it is. */
async function attach(by: Actor, id: string, to: string, name: string): Promise<void> {
  await uploaded(by, name, contents[name.endsWith('.pdf') ? 'a.pdf' : 'a.png'], { [to]: id });
}

/** Credit is used by contracts, which the ERP's interface does not have. */
async function contractOver500000(by: Actor, customer: string): Promise<void> {
  const input = {
    code: 'C-1',
    name: '年度框架',
    customer,
    amount: { amount: '500000' },
    status: 'IN_FORCE',
    startsOn: '2023-01-01',
    endsOn: '2099-12-31',
  };
  expect(
    await by.graph.userErrors(
      'mutation ($input: ContractInput!) { contractCreate(input: $input) { userErrors { code field } } }',
      { input },
    ),
  ).toEqual([]);
}
