import { keptTables, reconstruct } from '../../src/database/migrations/reconstruct.v1.js';
import { argumentsOf, Fresh, mutations } from '../support/mutations.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

/** What is worked out from other records, or compared, without a version. */
const unkept = {
  customer: ['health_score', 'health_score_units', 'last_contact_at', 'recycle_on', 'recycle_rule_id'],
  opportunity: ['expected_amount_units'],
  contract: ['agreed_amount_units', 'checked_due_on'],
};

type Rows = Map<string, { data: Data; type: string }>;

async function rowsOf(t: TestTenant): Promise<Rows> {
  const found: Rows = new Map();
  for (const [table, type] of Object.entries({
    customer: 'Customer',
    opportunity: 'Opportunity',
    contract: 'Contract',
  }))
    for (const { data } of await t.sql<{ data: Data }>(`select to_jsonb(r) as data from ${table} r`))
      found.set(String(data['id']), { data, type });
  return found;
}

const without = (data: Data, columns: readonly string[]): Data =>
  Object.fromEntries(Object.entries(data).filter(([name, value]) => value !== null && !columns.includes(name)));

const versionsOf = (t: TestTenant): Promise<Data[]> =>
  t.sql(
    'select record, record_type, to_jsonb(valid_from) as valid_from, to_jsonb(valid_until) as valid_until, reconstructed, data from record_version order by valid_until, record',
  );

/** What is wrong with the versions that a change has written, rows before and after it being given. */
function wrong(before: Rows, after: Rows, versions: readonly Data[]): string[] {
  const found: string[] = [];
  for (const [id, { data, type }] of before) {
    const columns = unkept[type.toLowerCase() as keyof typeof unkept];
    const now = after.get(id)!.data;
    const written = versions.filter(({ record }) => record === id);
    const was = without(data, columns);
    const isChanged = JSON.stringify(was) !== JSON.stringify(without(now, columns));
    if (written.length !== (isChanged ? 1 : 0))
      found.push(`${type} ${isChanged ? 'changed' : 'left alone'}: ${written.length} versions`);
    for (const version of written) {
      const expected = {
        record: id,
        record_type: type,
        valid_from: data['updated_at'],
        valid_until: now['updated_at'],
        reconstructed: false,
        data: data['deleted_at'] === null ? was : null,
      };
      const got = { ...version, data: version['data'] && without(version['data'], columns) };
      if (JSON.stringify(got) !== JSON.stringify(expected))
        found.push(`${type}: ${JSON.stringify(got)} instead of ${JSON.stringify(expected)}`);
    }
  }
  for (const { record } of versions) if (!before.has(record)) found.push(`a version of the new record ${record}`);
  return found;
}

let t: TestTenant;
let fresh: Fresh;

beforeAll(async () => {
  t = await tenant();
  fresh = new Fresh(t);
});

test('each change of a customer, an opportunity or a contract leaves one version, as it was before, whatever makes the change; nothing else leaves any', async () => {
  const found: string[] = [];
  let changes = 0;
  for (const mutation of Object.keys(mutations)) {
    const args = await argumentsOf[mutation]!(fresh);
    const before = await rowsOf(t);
    const known = await versionsOf(t);
    await fresh.mutate(mutation, args, '__typename');
    const after = await rowsOf(t);
    const versions = (await versionsOf(t)).slice(known.length);
    changes += versions.length;
    found.push(...wrong(before, after, versions).map((what) => `${mutation}: ${what}`));
  }
  expect(found).toEqual([]);
  expect(changes).toBeGreaterThan(25);
});

test('versions that no change has written are worked out from the audit log and marked; those that are there stay', async () => {
  const [{ id }] = (await t.sql('select app_tenant() as id')) as [Data];
  const written = await versionsOf(t);
  const kept = written.slice(0, 3);
  await t.sql(
    'delete from record_version where (record, valid_until) not in (select record, valid_until from record_version order by valid_until, record limit 3)',
  );
  for (let again = 0; again < 2; again += 1)
    for (const one of keptTables) await t.sql(reconstruct(one, `array['${id}'::uuid]`));
  const found = await versionsOf(t);
  // nobody writes down that an owner works in another department, nor who made the change before
  const unknown = [
    'owner_department_id',
    'updated_by_id',
    'health_score',
    'health_score_units',
    'last_contact_at',
    'name_key',
    'code_key',
    'recycle_on',
    'recycle_rule_id',
    'expected_amount_units',
    'agreed_amount_units',
  ];
  const plain = (value: unknown): unknown =>
    /^\d{4}-\d\d-\d\dT/.test(String(value))
      ? Date.parse(String(value))
      : /^[\d.]+$/.test(String(value))
        ? Number(value)
        : value;
  const known = ({ data, ...version }: Data): Data => ({
    ...version,
    data:
      data && Object.fromEntries(Object.entries(without(data, unknown)).map(([name, value]) => [name, plain(value)])),
  });
  expect(found.map(known)).toEqual(
    written.map((version) => known({ ...version, reconstructed: !kept.includes(version) })),
  );
});
