import { roles, type Role } from '../../core/rights.js';
import { sign } from '../../identity/token.js';

/** A REST dialect as it is announced: where it is and a request worth trying. */
export interface Announced {
  name: string;
  label: string;
  base: string;
  example?: string;
}

interface Demo {
  /** tenants that tokens are printed for */
  tenants: string[];
  secret: string;
}

const roleNames: Record<Role, string> = {
  platform_admin: '平台管理员',
  tenant_admin: '租户管理员',
  manager: '经理',
  sales: '销售',
  viewer: '只读',
  service: '服务',
};

/** What the server says once it listens: addresses, and, for demos, tokens and requests to paste. */
export async function welcome(address: string, dialects: readonly Announced[], demo?: Demo): Promise<string> {
  const lines = [
    '',
    `crm-graph is ready at ${address}`,
    '',
    `  Home      ${address}/`,
    `  GraphQL   ${address}/graphql   explorer: ${address}/graphiql`,
  ];
  for (const { name, base, example } of dialects) lines.push(`  REST      ${address}${example ?? base}   (${name})`);
  if (demo) lines.push(...(await tokens(demo)), ...requests(address, dialects));
  return `${lines.join('\n')}\n\n`;
}

async function tokens({ tenants, secret }: Demo): Promise<string[]> {
  const lines = ['', 'Tokens, valid for 30 days; paste one line into your shell:'];
  for (const tenant of tenants) {
    lines.push('', `  # tenant ${tenant}`);
    for (const role of roles) {
      const token = await sign(secret, {
        subject: role,
        tenant,
        roles: [role],
        ...(role === 'service' && { scope: 'crm:read crm:write' }),
      });
      lines.push(`  TOKEN=${token}  # ${role} ${roleNames[role]}`);
    }
  }
  return lines;
}

function requests(address: string, dialects: readonly Announced[]): string[] {
  const header = '-H "Authorization: Bearer $TOKEN"';
  return [
    '',
    'Requests to paste:',
    '',
    `  curl -s ${address}/graphql ${header} -H 'Content-Type: application/json' -d '{"query":"{ viewer { tenant { name } roles } customers(first: 3) { totalCount nodes { name phone owner { name } } } }"}'`,
    ...dialects.map(({ base, example }) => `  curl -s '${address}${example ?? base}' ${header}`),
  ];
}
