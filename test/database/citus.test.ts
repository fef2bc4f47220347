import { Pool } from '../../src/database/pool.js';
import { constraintMeans, refusalOfViolation } from '../../src/write/constraints.js';
import { serverUrl } from '../support/http.js';

// What differs where the database is distributed: settings of connections that Citus cannot plan with, and how it tells a constraint.

test.each([
  [false, 'force_generic_plan'],
  [true, 'auto'],
])('connections to a database that is distributed (%s) plan with %s', async (distributed, mode) => {
  const pool = new Pool({ url: serverUrl(), size: 1, distributed });
  try {
    expect(await pool.global({ text: 'show plan_cache_mode', values: [] })).toEqual([[mode]]);
    // a setting of an extension that is not there: what would be sent on to the workers
    expect(
      await pool.global({ text: "select current_setting('citus.propagate_set_commands', true)", values: [] }),
    ).toEqual([[distributed ? 'local' : null]]);
  } finally {
    await pool.end();
  }
});

test("a worker's error names the constraint in its message alone, with the number of a shard", () => {
  constraintMeans('badge_code', 'NUMBER_TAKEN', ['code']);
  const violated = (message: string, code = '23505'): object =>
    Object.assign(new Error(message), { code, severity: 'ERROR' });
  const refusal = refusalOfViolation(violated('duplicate key value violates unique constraint "badge_code_102008"'));
  expect(refusal?.issues).toEqual([{ code: 'NUMBER_TAKEN', field: ['code'] }]);
  const reference = refusalOfViolation(
    violated(
      'insert or update on table "contact_102044" violates foreign key constraint "contact_tenant_id_created_by_id_foreign_102044"',
      '23503',
    ),
  );
  expect(reference?.issues).toEqual([expect.objectContaining({ code: 'UNKNOWN_REFERENCE', field: ['createdBy'] })]);
  expect(
    refusalOfViolation(violated('duplicate key value violates unique constraint "unknown_102008"')),
  ).toBeUndefined();
});
