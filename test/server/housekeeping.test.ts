import { Pool } from '../../src/database/pool.js';
import { clean } from '../../src/server/jobs/housekeeping.js';
import { serverUrl } from '../support/http.js';
import { customer } from '../support/records.js';
import { tenant } from '../support/tenant.js';

let pool: Pool;
beforeAll(() => {
  pool = new Pool({ url: serverUrl(), size: 2 });
});
afterAll(() => pool.end());

test('events are kept for so many days, and what is kept has no gap though a later event may have begun earlier', async () => {
  const { admin, sql } = await tenant();
  for (const name of ['A', 'B', 'C', 'D']) await customer(admin, { name });
  await sql("update outbox set at = now() - interval '7 days 1 hour' where seq in (1, 3)");
  await clean(pool, { feedDays: 7 });
  expect(await sql('select seq::int from outbox order by seq')).toEqual([{ seq: 4 }]);
  expect((await admin.graph('{ changes { events { cursor } } }')).changes.events).toEqual([{ cursor: '4' }]);
});

test('events of the last days stay', async () => {
  const { admin, sql } = await tenant();
  await customer(admin, { name: 'A' });
  await sql("update outbox set at = now() - interval '6 days 23 hours'");
  await clean(pool, { feedDays: 7 });
  expect(await sql('select count(*)::int from outbox')).toEqual([{ count: 1 }]);
});
