import { refuse } from './errors.js';

/** The roles a token can carry; what each may do is the table below. */
export const roles = ['platform_admin', 'tenant_admin', 'manager', 'sales', 'viewer', 'service'] as const;
export type Role = (typeof roles)[number];

/** Scope of a right: all records of the tenant, the caller's own (and records that belong to these), or none. */
export type Reach = 'all' | 'own' | 'none';

/** What a caller may do in the tenant of the request. `rightsKey` of the context is a short text for it. */
export interface Rights {
  /** which records are visible; `own` includes customers without an owner */
  see: Reach;
  /** which records may be changed; never reaches further than `see` */
  write: Reach;
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

const none: Rights = {
  see: 'none',
  write: 'none',
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
  sales: { ...none, see: 'own', write: 'own', contactData: 'own', amounts: 'own' },
  viewer: { ...none, see: 'all' },
};

/** What a `service` token's scopes grant, one by one. */
export const byScope: Record<string, Partial<Rights>> = {
  'crm:read': { see: 'all' },
  'crm:write': { see: 'all', write: 'all' },
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

function join(a: Rights, b: Partial<Rights>): Rights {
  return {
    see: wider(a.see, b.see ?? 'none'),
    write: wider(a.write, b.write ?? 'none'),
    contactData: wider(a.contactData, b.contactData ?? 'none'),
    amounts: wider(a.amounts, b.amounts ?? 'none'),
    audit: a.audit || (b.audit ?? false),
    export: a.export || (b.export ?? false),
    administer: a.administer || (b.administer ?? false),
    platform: a.platform || (b.platform ?? false),
    scoped: a.scoped || (b.scoped ?? false),
  };
}

/** The union of what the roles grant; `scopes` count only for the role `service`. A right to export takes a right to read. */
export function rightsOf(held: readonly Role[], scopes: readonly string[] = []): Rights {
  let rights: Rights = { ...none, scoped: held.includes('service') };
  for (const role of held) {
    if (role === 'service') for (const scope of scopes) rights = join(rights, byScope[scope] ?? {});
    else rights = join(rights, byRole[role]);
  }
  // who reads nothing exports nothing
  return { ...rights, export: rights.export && rights.see !== 'none' };
}

/** Whether rights allow everything that other rights do. */
export const covers = (rights: Rights, others: Rights): boolean =>
  rightsKeyOf(join(rights, { ...others, scoped: rights.scoped })) === rightsKeyOf(rights);

/** Rights as a short text: equal texts mean that the same SQL is allowed. */
export function rightsKeyOf(rights: Rights): string {
  return (
    [rights.see, rights.write, rights.contactData, rights.amounts].map((reach) => reach[0]).join('') +
    (rights.audit ? 'a' : '') +
    (rights.export ? 'e' : '') +
    (rights.administer ? 'm' : '') +
    (rights.platform ? 'p' : '') +
    (rights.scoped ? 's' : '')
  );
}

/** What of the caller's rights something takes that can be done: one table for whoever does it and for whoever asks before. */
export const needs = {
  /** changes records: those that the caller may change, which is decided by row (see `Query.changeable`) */
  write: (rights: Rights) => rights.write !== 'none',
  /** changes what belongs to the whole tenant */
  writeAll: (rights: Rights) => rights.write === 'all',
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

/** Throws FORBIDDEN unless the caller may change records at all. */
export const mayWrite = (rights: Rights): void => demand(rights, 'write');

/** Throws FORBIDDEN unless the caller may change what belongs to the whole tenant. */
export const mayWriteAll = (rights: Rights): void => demand(rights, 'writeAll');

/** Throws FORBIDDEN unless the caller administers the tenant. */
export const mayAdminister = (rights: Rights): void => demand(rights, 'administer');

/** Throws FORBIDDEN unless the caller administers the platform. */
export const mayAdministerPlatform = (rights: Rights): void => demand(rights, 'platform');
