import { mutations } from '../support/mutations.js';
import { actor, tenant, type Actor, type Data, type TestTenant } from '../support/tenant.js';

// What `viewer` says of a caller; `can.test.ts` holds what they can do against what is refused to them.

const query =
  '{ viewer { roles scopes tenant { timeZone currency } permissions { see contactData amounts audit export administer records { typeName actions { action reach } } } } }';

let t: TestTenant;
let callers: Array<[name: string, caller: Actor, said: object]>;

beforeAll(async () => {
  t = await tenant();
  const writer = await actor('writer', t.code, ['service'], { scope: 'crm:read crm:write crm:amounts' });
  const all = { see: 'ALL', contactData: 'ALL', amounts: 'ALL', audit: true, export: true, administer: true };
  const masked = { see: 'ALL', contactData: 'NONE', amounts: 'NONE', audit: false, export: false, administer: false };
  callers = [
    ['admin', t.admin, all],
    ['manager', t.manager, { ...all, audit: false, administer: false }],
    ['sales', t.sales, { ...masked, see: 'OWN', contactData: 'OWN', amounts: 'OWN' }],
    ['viewer', t.viewer, masked],
    ['writer', writer, { ...masked, amounts: 'ALL' }],
  ];
});

test('it says who asks and how far they see', async () => {
  for (const [name, caller, said] of callers) {
    const { roles, scopes, tenant: of, permissions } = (await caller.graph(query)).viewer as Data;
    expect([name, permissions]).toEqual([name, { ...said, records: expect.any(Array) }]);
    expect([roles.length, of]).toEqual([1, { timeZone: 'Asia/Shanghai', currency: 'CNY' }]);
    expect(scopes).toEqual(name === 'writer' ? ['crm:read', 'crm:write', 'crm:amounts'] : []);
  }
});

test('what it says of what can be done with records is what `can` says of the mutations', async () => {
  let compared = 0;
  for (const [name, caller] of callers) {
    const { permissions } = (await caller.graph(query)).viewer as Data;
    const { can } = (await caller.graph('{ viewer { can } }')).viewer as Data;
    for (const { typeName, actions } of permissions.records as Data[])
      for (const { action, reach } of actions as Data[]) {
        const mutation = `${typeName[0].toLowerCase()}${typeName.slice(1)}${action[0].toUpperCase()}${action.slice(1)}`;
        // records are given to others with an update
        if (!(mutation in mutations)) continue;
        expect([name, mutation, can.includes(mutation)]).toEqual([name, mutation, reach !== 'NONE']);
        compared += 1;
      }
  }
  expect(compared).toBeGreaterThan(400);
});
