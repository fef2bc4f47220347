import { filled } from '../support/filled.js';
import { someOf } from '../support/generated.js';
import { tenant, type Actor, type TestTenant } from '../support/tenant.js';
import { behind, fromBoth, kinds, served, valuesOf, type Kind } from './asking.js';
import type { GraphQLSchema } from 'graphql';

// Whatever records are grouped by: the groups make up all records, and the filter of each opens exactly its records.

let t: TestTenant;
let schema: GraphQLSchema;

beforeAll(async () => {
  t = await tenant();
  schema = await served();
  await filled(t);
});

const isTime = (field: string): boolean => /_(AT|ON|SINCE|UNTIL)$/.test(field);

describe.each(Object.keys(kinds) as Kind[])('%s', (kind) => {
  const callers = (): Actor[] => [t.admin, t.sales, t.viewer];

  test('by each field alone: the groups are all records, and open them', async () => {
    const fields = valuesOf(schema, `${kinds[kind].type}GroupField`);
    expect(fields.length).toBeGreaterThan(5);
    for (const field of someOf(fields, 8)) {
      for (const by of someOf(callers(), 3)) {
        const { groups, totals, truncated } = await fromBoth(by, kind, {
          by: [{ field, ...(isTime(field) && { bucket: 'QUARTER' }) }],
          first: 40,
          others: true,
        });
        expect({ field, sum: groups.reduce((sum: number, { count }: { count: number }) => sum + count, 0) }).toEqual({
          field,
          sum: totals.count,
        });
        expect(truncated).toBe(false);
        expect({ field, counts: await behind(by, kind, [totals, ...groups]) }).toEqual({
          field,
          counts: [totals, ...groups].map(({ count }) => count),
        });
      }
    }
  });
});
