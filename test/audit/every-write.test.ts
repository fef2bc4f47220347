import { argumentsOf, Fresh, mutations } from '../support/mutations.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

let t: TestTenant;
let fresh: Fresh;
beforeAll(async () => {
  t = await tenant();
  fresh = new Fresh(t);
});

/** What is done leaves no field of the record changed: a secret that is shown nowhere, deliveries that are tried again. */
const withoutMembers = ['webhookRotateSecret', 'webhookRetry'];

/**
 * What is revealed shows an admin nothing new: `test/pools/reveal.test.ts` has what it leaves of others. With which view somebody opens a
 * list is no record's matter.
 */
const leavesNothing = ['customersReveal', 'leadsReveal', 'savedViewSetDefault'];

/** The entries of a request, in the tenant where they are: a new tenant's are in itself. */
const entriesOf = async (requestId: string, inTenant = t.code): Promise<Data[]> =>
  (
    await t.platform.graph.raw(
      'query ($requestId: String) { auditEntries(filter: { requestId: $requestId }, first: 100) { nodes { operation actorLogin channel recordType recordId changes { field before after } } } }',
      { requestId },
      { 'x-tenant-id': inTenant },
    )
  ).body.data.auditEntries.nodes;

test('there is an operation for every mutation', () => {
  expect(Object.keys(argumentsOf).toSorted()).toEqual(Object.keys(mutations).toSorted());
});

test.each(Object.keys(mutations).filter((name) => !leavesNothing.includes(name)))(
  '%s leaves an entry of what was changed',
  async (mutation) => {
    const args = await argumentsOf[mutation]!(fresh);
    const { body } = await fresh.mutate(mutation, args, 'id', { 'x-request-id': `r-${mutation}` });
    expect([
      body.errors,
      body.data?.[mutation].userErrors,
      body.data?.[mutation].results?.flatMap(({ userErrors }: Data) => userErrors) ?? [],
    ]).toEqual([undefined, [], []]);
    const isNewTenant = mutation === 'tenantCreate';
    const entries = await entriesOf(`r-${mutation}`, isNewTenant ? body.data.tenantCreate.tenant.id : t.code);
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) {
      expect(entry).toMatchObject({
        actorLogin: isNewTenant ? 'platform' : 'admin',
        channel: 'GRAPHQL',
        operation: expect.stringMatching(/^[a-z]\w+\.[a-z]\w+$/),
      });
      expect(entry.changes.length > 0).toBe(!withoutMembers.includes(mutation));
      for (const { before, after } of entry.changes) expect(before).not.toBe(after);
    }
  },
);

test('what is audited has a history, and what has a history was audited by one of these operations', async () => {
  const { __schema } = await t.admin.graph('{ __schema { types { name fields { name type { ofType { name } } } } } }');
  const withHistory = __schema.types
    .filter(({ fields }: Data) =>
      fields?.some(({ name, type }: Data) => name === 'history' && type.ofType?.name === 'AuditEntryConnection'),
    )
    .map(({ name }: Data) => name);
  const audited = await t.sql('select distinct record_type from audit_entry');
  expect(audited.map(({ record_type: type }) => type).toSorted()).toEqual(withHistory.toSorted());
});
