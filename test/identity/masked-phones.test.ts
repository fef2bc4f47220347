import { customer } from '../support/records.js';
import { tenant } from '../support/tenant.js';

test.each<[string, string, string]>([
  ['13812348000', '138****8000', 'eleven digits'],
  ['+86 138-1234-8000', '861****8000', 'signs between digits'],
  ['1234567', '123****4567', 'seven digits'],
  ['123456', '***', 'six digits'],
  ['分机', '***', 'no digits'],
])('a phone %s is shown as %s: %s', async (phone, masked) => {
  const { admin, viewer, sql } = await tenant();
  const { id } = await customer(admin, { name: 'A' });
  // also what was stored before phones were checked
  await sql('update customer set phone = $1 where id = $2', [phone, id]);
  expect((await viewer.graph('{ customers { nodes { phone } } }')).customers.nodes).toEqual([{ phone: masked }]);
});
