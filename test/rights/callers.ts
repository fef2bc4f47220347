import { actor, type Actor, type TestTenant } from '../support/tenant.js';
import type { Role } from '../support/http.js';
import { places, type Hidden, type Kind, type Place } from './worlds.js';

// Who asks, and what of the worlds is hidden from them. Written down once more, and not taken from the server's own table,
// so that the two are held against each other.

export interface Caller {
  name: string;
  roles: Role[];
  scopes: readonly string[];
  /** how they reach what the salesperson of the worlds owns, where they own nothing themselves */
  by?: 'SUBORDINATES' | 'DEPARTMENT' | 'DEPARTMENT_AND_BELOW' | 'member';
}

export const scopes = ['crm:read', 'crm:write', 'crm:contact-data', 'crm:amounts', 'crm:audit', 'crm:export'] as const;

/** Every set of scopes. */
const services: Caller[] = Array.from({ length: 2 ** scopes.length }, (_, set) => {
  const held = scopes.filter((__, bit) => set & (1 << bit));
  return { name: held.map((scope) => scope.slice(4)).join('+') || 'nothing', roles: ['service'], scopes: held };
});

const holder = (...roles: Role[]): Caller => ({ name: roles.join('+'), roles, scopes: [] });

/** Every kind of caller: the roles, two at once, and services with every set of scopes. */
export const callers: Caller[] = [
  holder('viewer'),
  holder('sales'),
  holder('sales', 'viewer'),
  holder('manager'),
  holder('tenant_admin'),
  holder('platform_admin'),
  ...services,
  { name: 'admin', roles: ['service'], scopes: ['crm:admin'] },
];

/** Colleagues of the salesperson of the worlds, who see the same customers, each in another way. */
export const colleagues: Caller[] = (['SUBORDINATES', 'DEPARTMENT', 'DEPARTMENT_AND_BELOW', 'member'] as const).map(
  (by) => ({ name: `colleague by ${by}`, roles: ['sales'], scopes: [], by }),
);

type Reach = 'all' | 'own' | 'none';

export interface Granted {
  see: Reach;
  write: Reach;
  contact: Reach;
  amount: Reach;
  audit: boolean;
  export: boolean;
  administer: boolean;
  platform: boolean;
}

export function grantedTo({ roles, scopes: held }: Caller): Granted {
  const has = (...wanted: string[]): boolean => wanted.some((one) => roles.includes(one as Role) || held.includes(one));
  const reach = (...all: string[]): Reach => (has(...all) ? 'all' : has('sales') ? 'own' : 'none');
  const full = ['manager', 'tenant_admin', 'platform_admin', 'crm:admin'];
  const see = reach(...full, 'viewer', 'crm:read', 'crm:write');
  return {
    see,
    write: reach(...full, 'crm:write'),
    contact: reach(...full, 'crm:contact-data'),
    amount: reach(...full, 'crm:amounts'),
    audit: has('tenant_admin', 'platform_admin', 'crm:admin', 'crm:audit'),
    export: see !== 'none' && has(...full, 'crm:export'),
    administer: has('tenant_admin', 'platform_admin', 'crm:admin'),
    platform: has('platform_admin'),
  };
}

const visible: Record<Reach, readonly Place[]> = {
  all: ['mine', 'theirs', 'free'],
  own: ['mine', 'free'],
  none: [],
};
const unmasked: Record<Reach, readonly Place[]> = { ...visible, own: ['mine'] };

/** What is hidden from a caller. The audit log shows what was written in any record, masked. */
export function hiddenFrom(caller: Caller): Hidden {
  const { see, contact, amount, audit } = grantedTo(caller);
  const seen = visible[see];
  const shown: Record<Kind, readonly Place[]> = {
    plain: audit ? visible.all : seen,
    contact: unmasked[contact].filter((place) => audit || seen.includes(place)),
    amount: unmasked[amount].filter((place) => audit || seen.includes(place)),
  };
  const rest = (kind: Kind): Place[] => places.filter((place) => !shown[kind].includes(place));
  return { plain: rest('plain'), contact: rest('contact'), amount: rest('amount') };
}

/**
 * The caller with a token, as the salesperson of the worlds where the role is that, or a colleague, who is placed so that they
 * reach what they are to: then the role reaches further in this tenant, so that colleagues come last.
 */
export async function actorOf(t: TestTenant, { name, roles, scopes: held, by }: Caller): Promise<Actor> {
  if (by)
    for (const record of ['CUSTOMER', 'LEAD'])
      await t.admin.graph(
        `mutation { roleReachChange(role: SALES, record: ${record}, use: SEE, reach: ${by === 'member' ? 'OWN' : by}) { userErrors { code } } }`,
      );
  else return actor(roles.includes('sales') ? 'sales' : `a ${name}`, t.code, roles, { scope: held.join(' ') });
  const colleague = await actor(name, t.code, roles);
  const me = await colleague.id();
  const [whose, others] = [await t.sales.id(), await t.sales2.id()];
  const [below, above, beside] = await departments(t);
  const places: Array<[user: string, department: string | null, manager: string | null]> = [
    [me, { SUBORDINATES: null, DEPARTMENT: below!, DEPARTMENT_AND_BELOW: above!, member: null }[by], null],
    [whose, below!, by === 'SUBORDINATES' ? me : null],
    [others, beside!, null],
  ];
  for (const [id, department, manager] of places)
    await t.admin.graph(
      'mutation ($id: ID!, $input: UserInput!) { userUpdate(id: $id, input: $input) { userErrors { code } } }',
      { id, input: { department, manager } },
    );
  if (by === 'member')
    await t.sql(
      'insert into customer_member (tenant_id, id, customer_id, user_id) select app_tenant(), gen_random_uuid(), id, $1 from customer where tenant_id = app_tenant() and owner_id = $2 returning tenant_id',
      [me, whose],
    );
  return colleague;
}

const made = new WeakMap<TestTenant, Promise<string[]>>();

/** A department, the one above it, and another one that is below neither. */
function departments(t: TestTenant): Promise<string[]> {
  const known = made.get(t);
  if (known) return known;
  const create = async (name: string, parent?: string): Promise<string> =>
    (
      await t.admin.graph(
        'mutation ($input: DepartmentCreateInput!) { departmentCreate(input: $input) { department { id } } }',
        { input: { name, parent } },
      )
    ).departmentCreate.department.id as string;
  const all = (async () => {
    const above = await create('上级');
    return [await create('本部', above), above, await create('另一部')];
  })();
  made.set(t, all);
  return all;
}
