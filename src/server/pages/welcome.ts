import type { TokenChecks } from '../../identity/token.js';
import { identitiesOf } from './identities.js';

/** A REST dialect as it is announced: where it is and a request worth trying. */
export interface Announced {
  name: string;
  label: string;
  base: string;
  example?: string;
}

interface Demo {
  /** tenants that tokens are printed for */
  tenants: readonly string[];
  secret: string;
  /** what the server demands of tokens */
  checks: TokenChecks;
}

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

async function tokens({ tenants, secret, checks }: Demo): Promise<string[]> {
  const lines = ['', 'Tokens, valid for 30 days; paste one line into your shell:'];
  const identities = await identitiesOf(tenants, secret, checks);
  for (const tenant of tenants) {
    lines.push('', `  # tenant ${tenant}`);
    for (const { token, role, chinese } of identities.filter((one) => one.tenant === tenant))
      lines.push(`  TOKEN=${token}  # ${role} ${chinese}`);
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
