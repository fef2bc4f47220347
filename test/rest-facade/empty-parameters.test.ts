import { filled } from '../support/filled.js';
import { isChosen } from '../support/generated.js';
import { address } from '../support/http.js';
import { ask, parametersOf, timeless } from '../support/parameters.js';
import { customer } from '../support/records.js';
import { tenant, type Data, type Dialect, type TestTenant } from '../support/tenant.js';

// A parameter without a value says nothing, as a filter of the graph does: `status=` is no condition.

let t: TestTenant;
/** What stands in a path for each kind of record: a record of it that others hang on. */
const records: Record<string, Data> = {};
beforeAll(async () => {
  t = await tenant();
  await filled(t);
  for (const [kind, filter] of [
    ['customers', { name: '客户0' }],
    ['contacts', {}],
    ['opportunities', {}],
    ['contracts', {}],
    ['leads', {}],
    ['campaigns', {}],
    ['cases', {}],
  ] as const)
    [records[kind]] = (
      await t.admin.graph(
        `query ($filter: ${kindOf(kind)}Filter) { ${kind}(first: 1, filter: $filter) { nodes { id number } } }`,
        { filter },
      )
    )[kind].nodes;
}, 180_000);

const kindOf = (list: string): string =>
  list === 'opportunities' ? 'Opportunity' : `${list[0]!.toUpperCase()}${list.slice(1, -1)}`;

/** A path with records in it; those that are called otherwise in a dialect are customers or contacts there. */
function placed(dialect: Dialect, path: string): string {
  const key = dialect === 'lifecycle' || dialect === 'platform' ? 'number' : 'id';
  return path.replace(/(\w[\w-]*)\/\{\w+\}/g, (_, collection: string) => {
    const kind = { accounts: 'customers', 'customer-members': 'customers', members: 'contacts' }[collection];
    return `${collection}/${(records[kind ?? collection] ?? records['customers']!)[key]}`;
  });
}

test.each<Dialect>(['erp', 'cell', 'lifecycle', 'platform'])(
  'every parameter of every row of %s that is read says nothing where it is empty',
  async (dialect) => {
    const wrong: object[] = [];
    let [compared, answered] = [0, 0];
    const without = new Map<string, string>();
    for (const { path, name, rest } of await parametersOf(dialect, () => true)) {
      const place = placed(dialect, path);
      const key = `${place}?${rest}`;
      if (!without.has(key)) {
        const answer = await ask(t, dialect, key.replace('?&', '?'));
        without.set(key, timeless(answer));
        if (answer.status === 200) answered += 1;
      }
      for (const empty of ['', '%20%09', '%E3%80%80'])
        for (const written of [`${name}=${empty}`, `${name}[]=${empty}`, `${name}=${empty}&${name}=${empty}`]) {
          if (!isChosen(`${place} ${written}`, 8)) continue;
          const answer = await ask(t, dialect, `${place}?${written}${rest}`);
          if (withoutAddresses(timeless(answer)) !== withoutAddresses(without.get(key)!))
            wrong.push({
              place,
              written,
              rest,
              status: answer.status,
              body: JSON.stringify(answer.body).slice(0, 200),
            });
        }
      compared += 1;
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(20);
    expect(answered).toBeGreaterThan(7);
  },
  300_000,
);

/** Pages name the address they were asked under. */
const withoutAddresses = (answer: string): string => answer.replace(/\/[^"\s]*\?[^"]*/g, '');

describe('a file of a list', () => {
  const file = async (ending: string, query: string): Promise<[number, string]> => {
    const answer = await fetch(`${address()}/export/${ending}${query}`, {
      headers: { authorization: `Bearer ${t.admin.token}` },
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    // a workbook says when it was written
    return [answer.status, ending.endsWith('.xlsx') ? String(bytes.length) : bytes.toString('base64')];
  };

  test.each(['customers', 'contacts', 'opportunities', 'contracts'])(
    '%s has no filter where it is empty',
    async (list) => {
      for (const form of ['csv', 'json', 'xlsx']) {
        const whole = await file(`${list}.${form}`, '');
        expect(whole[0]).toBe(200);
        for (const query of [
          '?filter=',
          '?filter=%20',
          '?filter=null',
          '?filter={}',
          '?orderBy=',
          '?filter=&orderBy=',
          '?filter=null&orderBy=null',
          `?filter=${encodeURIComponent('{"search":"","isEmpty":null}')}`,
        ])
          expect([form, query, await file(`${list}.${form}`, query)]).toEqual([form, query, whole]);
      }
    },
  );
});

test('and is not an empty list of conditions: a parameter beside it counts', async () => {
  const { admin, ...one } = await tenant();
  await customer(admin, { name: '甲', status: 'ACTIVE' });
  await customer(admin, { name: '乙', status: 'LOST' });
  const own = { admin, ...one } as TestTenant;
  expect((await ask(own, 'cell', '/api/v1/crm/customers?status=&keyword=甲')).body.total).toBe(1);
  expect((await ask(own, 'lifecycle', '/api/v1/customers?status=&status=3')).body.data.total).toBe(1);
  expect((await ask(own, 'erp', '/api/v1/crm/accounts?status=')).body.data.list).toHaveLength(2);
  expect((await ask(own, 'platform', '/api/v1/customers/?status=&search=乙')).body.data.count).toBe(1);
});
