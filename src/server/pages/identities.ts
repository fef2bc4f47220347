import { roles, type Role } from '../../core/rights.js';
import { sign, type TokenChecks } from '../../identity/token.js';

/** Somebody whom a demo lets in: a role in a demo tenant, with a token. */
export interface Identity {
  /** what addresses call it, e.g. `demo/sales` */
  name: string;
  tenant: string;
  role: Role;
  /** the role in Chinese */
  chinese: string;
  token: string;
}

/** The tenants of the demo data that a first start loads. */
export const demoTenants: readonly string[] = ['demo', 'demo2'];

const roleNames: Record<Role, string> = {
  platform_admin: '平台管理员',
  tenant_admin: '租户管理员',
  manager: '经理',
  sales: '销售',
  viewer: '只读',
  service: '服务',
};

/** The names of the identities of tenants. */
export const identityNames = (tenants: readonly string[]): string[] =>
  tenants.flatMap((tenant) => roles.map((role) => `${tenant}/${role}`));

/** One identity for each role in each tenant, with tokens that are valid for 30 days. */
export const identitiesOf = (tenants: readonly string[], secret: string, checks: TokenChecks): Promise<Identity[]> =>
  Promise.all(
    tenants.flatMap((tenant) =>
      roles.map(async (role) => ({
        name: `${tenant}/${role}`,
        tenant,
        role,
        chinese: roleNames[role],
        token: await sign(secret, checks, {
          subject: role,
          tenant,
          roles: [role],
          ...(role === 'service' && { scope: 'crm:read crm:write' }),
        }),
      })),
    ),
  );
