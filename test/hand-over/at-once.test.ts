import { customer, lead } from '../support/records.js';
import { tenant, type Data, type TestTenant } from '../support/tenant.js';

// People and departments that change while records get other owners.

const handOver =
  'mutation ($id: ID!, $to: ID!) { userHandOver(id: $id, input: { to: { owner: $to } }) { counts { kind count } userErrors { code } } }';

test('of two who hand over the same person at once each record goes to one of them, and both counts together are the preview', async () => {
  const t = await tenant();
  const [from, one, other] = [await t.sales.id(), await t.sales2.id(), await t.manager.id()];
  for (let place = 0; place < 6; place += 1) {
    await customer(t.admin, { name: `客户${place}`, owner: from });
    await lead(t.admin, { name: `线索${place}`, owner: from });
  }
  const { user } = await t.admin.graph('query ($id: ID!) { user(id: $id) { handOverPreview { kind count } } }', {
    id: from,
  });
  const both = await Promise.all([one, other].map((to) => t.admin.graph(handOver, { id: from, to })));
  const counts = both.map(({ userHandOver }: Data) => {
    expect(userHandOver.userErrors).toEqual([]);
    return userHandOver.counts as Array<{ kind: string; count: number }>;
  });
  expect(counts[0]!.map(({ kind, count }, place) => ({ kind, count: count + counts[1]![place]!.count }))).toEqual(
    user.handOverPreview,
  );
  for (const table of ['customer', 'lead']) {
    const [{ count }] = (await t.sql(`select count(*)::int from ${table} where owner_id = any($1)`, [
      [one, other],
    ])) as [Data];
    expect([table, count]).toEqual([table, 6]);
  }
  const history = await t.sql(
    "select customer_id as id from owner_change where kind = 'HAND_OVER' union all select lead_id from lead_owner_change where kind = 'HAND_OVER'",
  );
  expect(new Set(history.map(({ id }) => id)).size).toBe(history.length);
  expect(history).toHaveLength(12);
});

test('records that get owners while these change departments have the departments of their owners in the end', async () => {
  const t: TestTenant = await tenant();
  const owners = [await t.sales.id(), await t.sales2.id()];
  const departments: string[] = [];
  for (const name of ['华东', '华南', '华北']) {
    const { departmentCreate } = await t.admin.graph(
      'mutation ($name: String!) { departmentCreate(input: { name: $name }) { department { id } } }',
      { name },
    );
    departments.push(departmentCreate.department.id);
  }
  const records: string[] = [];
  for (let place = 0; place < 4; place += 1)
    records.push((await customer(t.admin, { name: `客户${place}`, owner: owners[place % 2] })).id);
  const moved = (round: number): Promise<string[]> =>
    t.admin.graph.userErrors(
      'mutation ($id: ID!, $department: ID) { userUpdate(id: $id, input: { department: $department }) { userErrors { code } } }',
      { id: owners[round % 2], department: departments[round % 3] },
    );
  const given = (id: string, round: number): Promise<string[]> =>
    t.admin.graph.userErrors(
      'mutation ($id: ID!, $owner: ID) { customerUpdate(id: $id, input: { owner: $owner }) { userErrors { code } } }',
      { id, owner: owners[(round + records.indexOf(id)) % 2] },
    );
  for (let round = 0; round < 10; round += 1) {
    const done = await Promise.all([
      moved(round),
      moved(round + 1),
      ...records.map((id) => given(id, round)),
      customer(t.admin, { name: `新客户${round}`, owner: owners[round % 2] }).then(() => []),
    ]);
    expect(done.flat()).toEqual([]);
    expect(
      await t.sql(
        'select c.name from customer c join user_account u on u.tenant_id = c.tenant_id and u.id = c.owner_id where c.owner_department_id is distinct from u.department_id',
      ),
    ).toEqual([]);
  }
});
