import { refuse } from './errors.js';

/** The roles a token can carry; what each may do is the table below. */
export const roles = ['platform_admin', 'tenant_admin', 'manager', 'sales', 'viewer', 'service'] as const;
export type Role = (typeof roles)[number];

/** Scope of a right: all records of the tenant, those within the caller's reach (and records that belong to these), or none. */
export type Reach = 'all' | 'own' | 'none';

/** How far somebody reaches among records that have an owner, from the shortest on; from `OWN` on, one's own are always within it. */
export const recordReaches = ['NONE', 'OWN', 'SUBORDINATES', 'DEPARTMENT', 'DEPARTMENT_AND_BELOW', 'ALL'] as const;
export type RecordReach = (typeof recordReaches)[number];

/** Kinds of records that are seen by who owns them; everything else hangs on records of these kinds, or is seen by all. */
export const ownedKinds = ['customer', 'lead'] as const;
export type OwnedKind = (typeof ownedKinds)[number];

/** What a reach is for: seeing records, and changing those of them that it takes in. */
export const rightUses = ['see', 'write'] as const;
export type RightUse = (typeof rightUses)[number];

/**
 * The reaches of somebody, who may have several roles; none of them for `NONE`, and nothing beside `ALL`. `own` are those for
 * seeing of the roles that show contact data and amounts within them.
 */
export type RecordReaches = Readonly<Record<OwnedKind, Readonly<Record<RightUse | 'own', readonly RecordReach[]>>>>;

/** What a tenant has changed of how far roles reach; what is missing is as the role has it (see `byRole`). */
export type ReachTable = ReadonlyMap<string, RecordReach>;

/** Where a table has the reach of a role. */
export const reachKey = (role: Role, kind: OwnedKind, use: RightUse): string => `${role} ${kind} ${use}`;

/** Roles whose reaches a tenant can change: those who administer something reach everything. */
export const reachRoles = ['manager', 'sales', 'viewer'] as const satisfies readonly Role[];

/** What a caller may do in the tenant of the request. `rightsKey` of the context is a short text for it. */
export interface Rights {
  /** which records are visible: `own` where it depends on the record */
  see: Reach;
  /** which of these may be changed: likewise */
  write: Reach;
  /** the same for each kind of records that have an owner; where that is `own`, whoever sees some sees records without an owner as well */
  reaches: RecordReaches;
  /** what of them is asked for */
  asked: RightUse;
  /** may change what belongs to the whole tenant */
  wholeTenant: boolean;
  /** whose phones, e-mails and other contact data are shown unmasked */
  contactData: Reach;
  /** whose amounts of money are shown */
  amounts: Reach;
  /** may read the audit log */
  audit: boolean;
  /** may export whole lists */
  export: boolean;
  /** administers the tenant: its settings, its relations to customers */
  administer: boolean;
  /** administers the platform: which tenants there are */
  platform: boolean;
  /** granted by the scopes of a token: what is missing is a scope, not a role */
  scoped: boolean;
}

const reachesFor = (reach: Reach): readonly RecordReach[] =>
  reach === 'none' ? [] : [reach.toUpperCase() as RecordReach];

/** The same reaches for every kind of records. */
const alike = (see: Reach, write: Reach, own: Reach = 'none'): RecordReaches =>
  Object.fromEntries(
    ownedKinds.map((kind) => [kind, { see: reachesFor(see), write: reachesFor(write), own: reachesFor(own) }]),
  ) as unknown as RecordReaches;

const none: Rights = {
  see: 'none',
  write: 'none',
  reaches: alike('none', 'none'),
  asked: 'see',
  wholeTenant: false,
  contactData: 'none',
  amounts: 'none',
  audit: false,
  export: false,
  administer: false,
  platform: false,
  scoped: false,
};
const everything: Rights = {
  see: 'all',
  write: 'all',
  reaches: alike('all', 'all'),
  asked: 'see',
  wholeTenant: true,
  contactData: 'all',
  amounts: 'all',
  audit: true,
  export: true,
  administer: true,
  platform: false,
  scoped: false,
};

/** What each role grants. */
export const byRole: Record<Exclude<Role, 'service'>, Rights> = {
  platform_admin: { ...everything, platform: true },
  tenant_admin: everything,
  manager: { ...everything, audit: false, administer: false },
  sales: {
    ...none,
    see: 'own',
    write: 'own',
    reaches: alike('own', 'own', 'own'),
    contactData: 'own',
    amounts: 'own',
  },
  viewer: { ...none, see: 'all', reaches: alike('all', 'none') },
};

/** What a `service` token's scopes grant, one by one. */
export const byScope: Record<string, Partial<Rights>> = {
  'crm:read': { see: 'all', reaches: alike('all', 'none') },
  'crm:write': { see: 'all', write: 'all', reaches: alike('all', 'all'), wholeTenant: true },
  'crm:contact-data': { contactData: 'all' },
  'crm:amounts': { amounts: 'all' },
  'crm:audit': { audit: true },
  'crm:export': { export: true },
  'crm:admin': everything,
};

/** What scopes there are. */
export const scopes: readonly string[] = Object.keys(byScope);

const wider = (a: Reach, b: Reach): Reach =>
  a === 'all' || b === 'all' ? 'all' : a === 'own' || b === 'own' ? 'own' : 'none';

/** One reach where it takes in the others; else all of them, in their order. */
const together = (a: readonly RecordReach[], b: readonly RecordReach[]): readonly RecordReach[] => {
  const given = new Set([...a, ...b]);
  if (given.has('ALL')) return ['ALL'];
  if (given.has('DEPARTMENT_AND_BELOW')) given.delete('DEPARTMENT');
  if (given.size > 1) given.delete('OWN');
  return recordReaches.filter((reach) => given.has(reach));
};

/** Reaches made anew of those that two others have at the same place. */
function eachReach(make: (kind: OwnedKind, use: RightUse | 'own') => readonly RecordReach[]): RecordReaches {
  const uses = [...rightUses, 'own'] as const;
  return Object.fromEntries(
    ownedKinds.map((kind) => [kind, Object.fromEntries(uses.map((use) => [use, make(kind, use)]))]),
  ) as unknown as RecordReaches;
}

function join(a: Rights, b: Partial<Rights>): Rights {
  return {
    see: wider(a.see, b.see ?? 'none'),
    write: wider(a.write, b.write ?? 'none'),
    reaches: eachReach((kind, use) => together(a.reaches[kind][use], b.reaches?.[kind][use] ?? [])),
    asked: a.asked,
    wholeTenant: a.wholeTenant || (b.wholeTenant ?? false),
    contactData: wider(a.contactData, b.contactData ?? 'none'),
    amounts: wider(a.amounts, b.amounts ?? 'none'),
    audit: a.audit || (b.audit ?? false),
    export: a.export || (b.export ?? false),
    administer: a.administer || (b.administer ?? false),
    platform: a.platform || (b.platform ?? false),
    scoped: a.scoped || (b.scoped ?? false),
  };
}

/** How far a role reaches among records of a kind, as the tenant has it. */
export function roleReach(
  role: Exclude<Role, 'service'>,
  kind: OwnedKind,
  use: RightUse,
  table?: ReachTable,
): RecordReach {
  return table?.get(reachKey(role, kind, use)) ?? byRole[role].reaches[kind][use][0] ?? 'NONE';
}

/** What a role grants in a tenant that has changed its reaches. */
function changedRole(role: Exclude<Role, 'service'>, table: ReachTable | undefined): Rights {
  const rights = byRole[role];
  if (!table?.size || !(reachRoles as readonly Role[]).includes(role)) return rights;
  const reaches = eachReach((kind, use) => {
    if (use === 'own' && rights.reaches[kind].own.length === 0) return [];
    const reach = roleReach(role, kind, use === 'own' ? 'see' : use, table);
    return reach === 'NONE' ? [] : [reach];
  });
  return {
    ...rights,
    reaches,
    see: summary(reaches, 'see', rights.see),
    write: summary(reaches, 'write', rights.write),
  };
}

/** Reaches among all kinds of records as one. A role that reads nothing of the tenant reads none of these either. */
function summary(reaches: RecordReaches, use: RightUse, otherwise: Reach): Reach {
  const each = ownedKinds.map((kind) => reaches[kind][use]);
  if (each.every(([reach]) => reach === 'ALL')) return 'all';
  return otherwise === 'none' && each.every(({ length }) => length === 0) ? 'none' : 'own';
}

function joined(held: readonly Role[], granted: readonly string[], table: ReachTable | undefined): Rights {
  const parts = held.flatMap((role): Array<Partial<Rights>> =>
    role === 'service' ? granted.map((scope) => byScope[scope] ?? {}) : [changedRole(role, table)],
  );
  return parts.reduce<Rights>((rights, part) => join(rights, part), { ...none, scoped: held.includes('service') });
}

/**
 * The union of what the roles grant in a tenant that has changed some of their reaches; `scopes` count only for the role
 * `service`. A right to export takes a right to read.
 */
export function rightsOf(held: readonly Role[], granted: readonly string[] = [], table?: ReachTable): Rights {
  const [only] = held;
  // most callers have one role, and there is nothing to join
  const rights = held.length === 1 && only !== 'service' ? changedRole(only!, table) : joined(held, granted, table);
  // who reads nothing exports nothing
  return { ...rights, export: rights.export && rights.see !== 'none' };
}

/** The rights of a caller who asks which records they may change. */
export const asWriting = (rights: Rights): Rights => ({
  ...rights,
  see: rights.write,
  asked: 'write',
});

/** Whether rights allow everything that other rights do. */
export const covers = (rights: Rights, others: Rights): boolean =>
  rightsKeyOf(join(rights, { ...others, scoped: rights.scoped })) === rightsKeyOf(rights);

/** Reaches as a short text: a digit for each, and a point behind those of one kind for one use. */
const reachesKeyOf = (reaches: RecordReaches): string =>
  ownedKinds
    .flatMap((kind) =>
      Object.values(reaches[kind]).map((held) => held.map((reach) => recordReaches.indexOf(reach)).join('')),
    )
    .join('.');

/** Rights as a short text: equal texts mean that the same SQL is allowed. */
export function rightsKeyOf(rights: Rights): string {
  return (
    [rights.see, rights.write, rights.contactData, rights.amounts].map((reach) => reach[0]).join('') +
    (rights.see === 'own' || rights.write === 'own' ? reachesKeyOf(rights.reaches) : '') +
    (rights.wholeTenant ? 't' : '') +
    (rights.audit ? 'a' : '') +
    (rights.export ? 'e' : '') +
    (rights.administer ? 'm' : '') +
    (rights.platform ? 'p' : '') +
    (rights.scoped ? 's' : '')
  );
}

/** What of the caller's rights something takes that can be done: one table for whoever does it and for whoever asks before. */
export const needs = {
  /** reads some records */
  read: (rights: Rights) => rights.see !== 'none',
  /** changes records: those that the caller may change, which is decided by row (see `Query.changeable`) */
  write: (rights: Rights) => rights.write !== 'none',
  /** changes customers of some reach, and so comes to look after some: a collaborator changes what others do */
  writeCustomers: (rights: Rights) => rights.write !== 'none' && rights.reaches.customer.write.length > 0,
  /** changes leads */
  writeLeads: (rights: Rights) => rights.write !== 'none' && rights.reaches.lead.write.length > 0,
  /** changes what belongs to the whole tenant */
  writeAll: (rights: Rights) => rights.wholeTenant,
  /** reads the audit log */
  audit: (rights: Rights) => rights.audit,
  /** administers the tenant */
  administer: (rights: Rights) => rights.administer,
  /** administers the platform */
  platform: (rights: Rights) => rights.platform,
};
export type Need = keyof typeof needs;

/** Whether the caller's rights are enough. */
export const meets = (rights: Rights, need: Need): boolean => needs[need](rights);

/** Throws FORBIDDEN unless the caller's rights are enough. */
export function demand(rights: Rights, need: Need): void {
  if (!meets(rights, need)) throw refuse('FORBIDDEN');
}

/** Whether a record of that kind that the caller creates is their own, unless they say otherwise: they could not change it else. */
export const ownsNew = (rights: Rights, kind: OwnedKind): boolean => rights.reaches[kind].write[0] !== 'ALL';
