import { getNamedType, isInputObjectType } from 'graphql';
import { written } from '../support/records.js';
import { argumentsOf, Fresh, mutations } from '../support/mutations.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

let t: TestTenant;
let fresh: Fresh;
beforeAll(async () => {
  t = await tenant();
  fresh = new Fresh(t);
});

/** Where each mutation takes a reason, if it does: as an argument of its own, or in its input. */
const places = Object.entries(mutations).flatMap(([mutation, { args }]): Array<[string, 'argument' | 'input']> => {
  if (args.some(({ name }) => name === 'reason')) return [[mutation, 'argument']];
  const input = args.find(({ name }) => name === 'input');
  const type = input && getNamedType(input.type);
  return isInputObjectType(type) && 'reason' in type.getFields() ? [[mutation, 'input']] : [];
});

const withReason = (args: Data, place: 'argument' | 'input', reason: string): Data =>
  place === 'argument' ? { ...args, reason } : { ...args, input: { ...args.input, reason } };

const reason = '价格: 太贵';

test('mutations take reasons', () => {
  expect(places.length).toBeGreaterThan(9);
});

describe.each(places)('the reason of %s, given as %s,', (mutation, place) => {
  test('is a value of the entries of its own, beside the operation', async () => {
    const args = withReason(await argumentsOf[mutation]!(fresh), place, ` ${reason} `);
    const { body } = await fresh.mutate(mutation, args, 'id', { 'x-request-id': `reason-${mutation}` });
    expect([body.errors, body.data?.[mutation].userErrors]).toEqual([undefined, []]);
    const { auditEntries } = await t.admin.graph(
      'query ($requestId: String) { auditEntries(filter: { requestId: $requestId }) { nodes { operation reason } } }',
      { requestId: `reason-${mutation}` },
    );
    expect(auditEntries.nodes.length).toBeGreaterThan(0);
    const operation = expect.stringMatching(/^[a-z]\w+\.[a-z]\w+$/);
    for (const node of auditEntries.nodes) expect(node).toEqual({ operation, reason });
    const [{ operation: name }] = auditEntries.nodes;
    const found = await t.admin.graph(
      'query ($requestId: String, $operation: [String!]) { auditEntries(filter: { requestId: $requestId, operation: $operation }) { totalCount } }',
      { requestId: `reason-${mutation}`, operation: [name] },
    );
    expect(found.auditEntries.totalCount).toBe(auditEntries.nodes.length);
  });

  test('is refused where it is too long, and nothing is done', async () => {
    const args = withReason(await argumentsOf[mutation]!(fresh), place, 'x'.repeat(501));
    const before = await written(t);
    const { body } = await fresh.mutate(mutation, args, 'id');
    expect([body.errors, body.data?.[mutation].userErrors.map(({ code, field }: Data) => [code, field])]).toEqual([
      undefined,
      [['TOO_LONG', place === 'input' ? ['input', 'reason'] : ['reason']]],
    ]);
    expect(await written(t)).toEqual(before);
  });

  test('is none where it is blank', async () => {
    const args = withReason(await argumentsOf[mutation]!(fresh), place, '  ');
    await fresh.mutate(mutation, args, 'id', { 'x-request-id': `blank-${mutation}` });
    const reasons = await t.sql('select distinct reason from audit_entry where request_id = $1', [`blank-${mutation}`]);
    expect(reasons).toEqual([{ reason: null }]);
  });
});
